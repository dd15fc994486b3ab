//! The list of revocations between processes: identity's process publishes it, the others fetch it.
//!
//! Always true: it holds ids and instants only. A process that runs one service publishes it on its own port, which
//! only the router and the other services can reach. The process of a merged graph does not publish it.

use std::{sync::LazyLock, time::Duration};

use identity::{Revocation, Revocations};

/// The path of the list in identity's process.
const PATH: &str = "/internal/revocations";
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the list is unavailable.
#[derive(Debug, thiserror::Error)]
pub enum RevocationsUnavailable {
    /// Identity's own table cannot be read.
    #[error("the list of revocations cannot be read")]
    Unread(#[from] identity::IdentityError),
    /// Identity's process does not respond.
    #[error("identity does not tell what was revoked")]
    Silent(#[from] reqwest::Error),
}

/// The list as a document of the edge.
pub(crate) fn document(revocations: Revocations) -> platform_http::Document {
    let text = move || serde_json::to_string(&revocations.list()).unwrap_or_default();
    platform_http::Document { path: PATH, media_type: "application/json", text: std::sync::Arc::new(text) }
}

/// A client for this installation's own processes, in a private network: it works on a machine without any
/// certificates.
pub(crate) fn without_tls() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_certs_only([])
}

/// Fetches the list from identity's process.
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
