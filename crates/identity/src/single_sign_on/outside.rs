//! The way out to a provider.
//!
//! Always true: it is asked over TLS, or on this machine; no redirect is followed; nobody waits for it longer than
//! [`PATIENCE`], and nothing longer than [`LONGEST_ANSWER_BYTES`] is read of what it says.

use std::time::Duration;

use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, Url, redirect};

use super::settings::{is_of_this_machine, secure_url};

/// How long a provider may take, whatever it is asked.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
const LONGEST_ANSWER_BYTES: usize = 1024 * 1024;

/// A client that asks one provider.
#[derive(Debug)]
pub(super) struct Outside(Client);

/// The provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutsideError {
    /// It wants to be asked where others could listen.
    #[error("an address of the provider is neither https nor of this machine")]
    Insecure,
    /// It says more than anybody wants to know.
    #[error("the provider's answer is longer than 1 MiB")]
    TooLong,
    /// It does not answer.
    #[error("the provider does not answer")]
    Silent(#[from] reqwest::Error),
    /// What it says cannot be passed on.
    #[error("the provider's answer cannot be read")]
    Unreadable(#[from] openidconnect::http::Error),
}

impl Outside {
    pub(super) fn of(issuer: &str) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(PATIENCE)
            .timeout(PATIENCE)
            .user_agent("hubnet");
        // What is on this machine is not behind anybody's proxy.
        let is_near = Url::parse(issuer).is_ok_and(|issuer| is_of_this_machine(&issuer));
        let client = if is_near { client.no_proxy() } else { client };
        Ok(Self(client.build()?))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, OutsideError> {
        secure_url(&request.uri().to_string()).ok_or(OutsideError::Insecure)?;
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut answer = HttpResponse::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        while let Some(piece) = response.chunk().await? {
            answer.body_mut().extend_from_slice(&piece);
            if answer.body().len() > LONGEST_ANSWER_BYTES {
                return Err(OutsideError::TooLong);
            }
        }
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Outside {
    type Error = OutsideError;
    type Future = BoxFuture<'c, Result<HttpResponse, OutsideError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
