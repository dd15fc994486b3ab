//! The errors of monitoring. Always true: each has a stable code.

use kernel::{AuthError, Coded, ErrorCode, InvalidInput};
use platform_db::DbError;

/// Why a use case of this service failed.
#[derive(Debug, thiserror::Error)]
pub enum MonitoringError {
    /// The caller lacks the permission.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// A field of the input breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
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
            Self::Invalid(invalid) => invalid.field(),
            _ => None,
        }
    }
}
