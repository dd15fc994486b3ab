//! The errors of monitoring. Always true: each has a stable code.

use kernel::{AuthError, Coded, ErrorCode};
use platform_db::DbError;

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
}

/// Why a use case of this service failed.
#[derive(Debug, thiserror::Error)]
pub enum MonitoringError {
    /// The caller lacks the permission.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// A field of the input breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// The database failed.
    #[error("the database refused")]
    Db(#[from] DbError),
}

impl Coded for MonitoringError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::Invalid(_) => ErrorCode::InvalidInput,
            Self::Db(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field),
            _ => None,
        }
    }
}
