//! The list of revocations between processes: identity's process shows it, the others ask for it.
//!
//! Always true: it holds ids and instants only; a process that runs one service shows it on its own port, which only
//! the router and the other services can reach; the process of a merged graph does not show it at all.

use std::{sync::LazyLock, time::Duration};

use identity::{Revocation, Revocations};

/// Where identity's process shows the list.
const PATH: &str = "/internal/revocations";
const PATIENCE: Duration = Duration::from_secs(3);

/// The list could not be had.
#[derive(Debug, thiserror::Error)]
pub enum RevocationsUnavailable {
    /// Identity's own table cannot be read.
    #[error("the list of revocations cannot be read")]
    Unread(#[from] identity::IdentityError),
    /// Identity's process does not answer.
    #[error("identity does not tell what was revoked")]
    Silent(#[from] reqwest::Error),
}

/// Shows the list.
pub(crate) fn document(revocations: Revocations) -> platform_http::Document {
    let text = move || serde_json::to_string(&revocations.list()).unwrap_or_default();
    platform_http::Document { path: PATH, media_type: "application/json", text: std::sync::Arc::new(text) }
}

/// A client for our own processes, in a private network: a machine without certificates of anybody has one, too.
pub(crate) fn without_tls() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_certs_only([])
}

/// Asks identity's process for the list.
pub(crate) async fn ask(identity_url: &str) -> Result<Vec<Revocation>, RevocationsUnavailable> {
    static CLIENT: LazyLock<Result<reqwest::Client, reqwest::Error>> =
        LazyLock::new(|| without_tls().timeout(PATIENCE).no_proxy().build());
    let client = match CLIENT.as_ref() {
        Ok(client) => client.clone(),
        Err(_unbuilt) => without_tls().build()?,
    };
    let url = format!("{}{PATH}", identity_url.trim_end_matches('/'));
    Ok(client.get(url).send().await?.error_for_status()?.json().await?)
}
