//! What a service must say to hear others.

use async_trait::async_trait;
use kernel::CloudEvent;
use platform_db::{Db, DbError, Tx};

/// A service's ear.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// The receiver's name: its inbox, its queue.
    fn consumer(&self) -> &'static str;

    /// The types it hears, with their versions.
    fn consumes(&self) -> &'static [&'static str];

    /// Where its effects go.
    fn db(&self) -> &Db;

    /// Takes in events of one network, none of them seen before, in the transaction that also marks them as seen.
    ///
    /// # Errors
    /// [`HandleError::Later`] to be asked again, [`HandleError::Never`] to set the event aside, [`HandleError::Away`]
    /// when nothing can be taken in now.
    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError>;

    /// Runs after the commit: refresh what is kept in memory.
    async fn committed(&self, _events: &[CloudEvent]) {}
}

/// Why an event was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// Nothing at all can be done now: the database or the broker is away.
    #[error("away: {0}")]
    Away(String),
    /// Not now: a fact it builds on has not arrived yet.
    #[error("not yet: {0}")]
    Later(String),
    /// Not ever: the event makes no sense here.
    #[error("never: {0}")]
    Never(String),
}

impl From<DbError> for HandleError {
    fn from(error: DbError) -> Self {
        if error.is_transient() {
            Self::Away(format!("{error:?}"))
        } else {
            Self::Never(format!("{error:?}"))
        }
    }
}

impl From<serde_json::Error> for HandleError {
    fn from(error: serde_json::Error) -> Self {
        Self::Never(error.to_string())
    }
}
