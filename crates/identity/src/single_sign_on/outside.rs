//! Outgoing requests to a provider.
//!
//! Always true: they use TLS, or stay on this machine; no redirect is followed; no request waits longer than
//! [`PATIENCE`], and no more than [`LONGEST_ANSWER_BYTES`] of a response is read.

use std::time::Duration;

use futures_util::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, Url, redirect};

use super::settings::{is_of_this_machine, secure_url};

/// The maximum duration of a request.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
const LONGEST_ANSWER_BYTES: usize = 1024 * 1024;

/// An HTTP client for one provider.
#[derive(Debug)]
pub(super) struct Outside(Client);

/// A request to the provider failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutsideError {
    /// The address could be intercepted.
    #[error("an address of the provider is neither https nor of this machine")]
    Insecure,
    /// The response is too large.
    #[error("the provider's answer is longer than 1 MiB")]
    TooLong,
    /// The provider does not respond.
    #[error("the provider does not answer")]
    Silent(#[from] reqwest::Error),
    /// The response cannot be converted.
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
        // Requests to this machine use no proxy.
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
