//! What a service implements to consume the events of others.

use async_trait::async_trait;
use kernel::CloudEvent;
use platform_db::{Db, DbError, Tx};

/// A consumer of events.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// The receiver's name, used for its inbox and its queue.
    fn consumer(&self) -> &'static str;

    /// The event types it consumes, with their versions.
    fn consumes(&self) -> &'static [&'static str];

    /// The database of its effects.
    fn db(&self) -> &Db;

    /// Takes in unseen events of one network, in the transaction that also marks them as seen.
    ///
    /// # Errors
    /// [`HandleError::Later`] retries the event, [`HandleError::Never`] makes it a dead letter, and
    /// [`HandleError::Away`] means that nothing can be taken in now.
    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError>;

    /// Runs after the commit, to refresh what is kept in memory.
    async fn committed(&self, _events: &[CloudEvent]) {}
}

/// Why an event was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// Nothing can be taken in now: the database or the broker is away.
    #[error("away: {0}")]
    Away(String),
    /// Not yet: a fact that the event builds on has not arrived.
    #[error("not yet: {0}")]
    Later(String),
    /// Never: the event makes no sense here.
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
