//! Why a provider does not help. Always true: nothing that it says about anybody is in it, for it is logged.

use tokio::time::timeout;

use super::outside::PATIENCE;

/// A provider does not help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It does not answer, or what it says of itself makes no sense.
    #[error("{0}")]
    Away(String),
    /// What came back is not believed.
    #[error("{0}")]
    NotBelieved(String),
}

/// A provider that is slow is away.
pub(super) async fn in_time<T>(
    asking: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    let late = |_elapsed| Err(ProviderError::Away("does not answer in time".into()));
    timeout(PATIENCE, asking).await.unwrap_or_else(late)
}

/// What is wrong, with its causes; none of it is about anybody.
pub(super) fn away(error: &dyn std::error::Error) -> ProviderError {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    ProviderError::Away(told)
}
