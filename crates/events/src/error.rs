//! The errors of this service. Always true: each has a stable code.

use kernel::{AuthError, Coded, ErrorCode, PageError, TextError};
use platform_db::{DbError, IdempotencyError};

/// A field of the input breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct InvalidField {
    /// The field, as the client wrote it.
    pub field: &'static str,
    /// The problem with the value.
    pub problem: String,
}

impl InvalidField {
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }

    /// Makes the error for a text that breaks the rule of its type.
    pub(crate) fn text(field: &'static str) -> impl Fn(TextError) -> Self {
        move |error| Self::new(field, error.to_string())
    }
}

/// Why a use case of this service failed.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The caller lacks the permission.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// A field of the input breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// The page arguments are not valid.
    #[error("{field} {rule}", field = .0.field(), rule = .0)]
    Page(#[from] PageError),
    /// The idempotency check failed.
    #[error(transparent)]
    Idempotent(#[from] IdempotencyError),
    /// The event has ended.
    #[error("the event is over")]
    Over,
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
            Self::Invalid(_) | Self::Page(_) => ErrorCode::InvalidInput,
            Self::Idempotent(error) => error.code(),
            Self::Over => ErrorCode::Conflict,
            Self::Event(_) => ErrorCode::Internal,
            Self::Db(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field),
            Self::Page(error) => Some(error.field()),
            _ => None,
        }
    }
}
