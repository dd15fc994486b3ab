//! The failures of a provider.
//!
//! Always true: they contain no statement about a person, because they are logged.

use tokio::time::timeout;

use super::outside::PATIENCE;

/// A provider failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It does not respond, or its metadata makes no sense.
    #[error("{0}")]
    Away(String),
    /// Its response was not accepted.
    #[error("{0}")]
    NotBelieved(String),
}

/// A slow provider counts as unavailable.
pub(super) async fn in_time<T>(
    asking: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    let late = |_elapsed| Err(ProviderError::Away("does not answer in time".into()));
    timeout(PATIENCE, asking).await.unwrap_or_else(late)
}

/// Returns the error with its causes; it contains nothing about a person.
pub(super) fn away(error: &dyn std::error::Error) -> ProviderError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    ProviderError::Away(text)
}
