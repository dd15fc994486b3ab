//! The errors of this service. Always true: each has a stable code.

use kernel::{AuthError, Coded, ErrorCode, InvalidInput, PageError};
use platform_db::{DbError, IdempotencyError};

/// Why a use case of this service failed.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The caller lacks the permission.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// A field of the input breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The idempotency check failed.
    #[error(transparent)]
    Idempotent(#[from] IdempotencyError),
    /// The hub is closed for good.
    #[error("the hub is closed")]
    HubClosed,
    /// The event has ended.
    #[error("the event is over")]
    Over,
    /// The membership ends before the event.
    #[error("the membership has ended")]
    HasLeft,
    /// An event could not be serialised.
    #[error("the event cannot be told")]
    Event(#[from] serde_json::Error),
    /// The database failed.
    #[error("the database refused")]
    Db(#[from] DbError),
}

impl Coded for EventsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::Invalid(_) => ErrorCode::InvalidInput,
            Self::Idempotent(error) => error.code(),
            Self::Over | Self::HubClosed | Self::HasLeft => ErrorCode::Conflict,
            Self::Event(_) => ErrorCode::Internal,
            Self::Db(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => invalid.field(),
            _ => None,
        }
    }
}

impl From<PageError> for EventsError {
    fn from(error: PageError) -> Self {
        Self::Invalid(error.into())
    }
}
