//! The errors of membership.

use kernel::{AuthError, Coded, ErrorCode, InvalidInput, MoneyError, PageError, TimeError};
use platform_calendar::HoursError;
use platform_db::{DbError, IdempotencyError};

use crate::ChipNumberError;

/// Why a use case of membership failed.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// The caller lacks the permission.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// The object does not exist for this caller.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A field breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The object exists already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// The idempotency key or event id was used for another request.
    #[error("that {0} belongs to another request")]
    KeyUsed(&'static str),
    /// Somebody else changed the object meanwhile.
    #[error("it was changed meanwhile; its version is now {current}")]
    VersionConflict {
        /// The present version.
        current: i64,
    },
    /// The hub's state does not allow this.
    #[error("{0}")]
    State(&'static str),
    /// The hub changed between a decision and its writing; the decision is made again.
    #[error("the hub changed meanwhile")]
    HubChanged,
    /// The membership has ended.
    #[error("the membership has ended")]
    HasLeft,
    /// The membership holds: nobody can come back.
    #[error("the membership has not ended")]
    HasNotLeft,
    /// A member who is in a hub and cannot be checked out is not erased.
    #[error("the member is in a hub and cannot be checked out")]
    StillIn,
    /// The idempotency check failed.
    #[error(transparent)]
    Idempotent(#[from] IdempotencyError),
    /// The database failed.
    #[error("membership's database")]
    Db(#[from] DbError),
    /// An event could not be serialised.
    #[error("an event could not be written")]
    Event(#[from] serde_json::Error),
}

impl MembershipError {
    /// Makes the error for a field that breaks a rule.
    pub fn invalid(field: impl Into<String>, rule: impl ToString) -> Self {
        Self::Invalid(InvalidInput::new(field.into(), rule))
    }

    /// Maps a unique-key violation to `Exists`.
    pub(crate) fn or_exists(error: DbError, what: &'static str) -> Self {
        if matches!(error, DbError::Duplicate(_)) { Self::Exists(what) } else { Self::Db(error) }
    }
}

impl Coded for MembershipError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Invalid(_) => ErrorCode::InvalidInput,
            Self::VersionConflict { .. } => ErrorCode::VersionConflict,
            Self::Exists(_) | Self::StillIn | Self::State(_) | Self::HasLeft | Self::HasNotLeft => {
                ErrorCode::Conflict
            }
            Self::HubChanged => ErrorCode::Unavailable,
            Self::KeyUsed(_) => ErrorCode::IdempotencyConflict,
            Self::Idempotent(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Event(_) => ErrorCode::Internal,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => invalid.field(),
            Self::VersionConflict { .. } => Some("expectedVersion"),
            _ => None,
        }
    }
}

impl From<HoursError> for MembershipError {
    fn from(error: HoursError) -> Self {
        Self::invalid("openingHours", error)
    }
}
impl From<ChipNumberError> for MembershipError {
    fn from(error: ChipNumberError) -> Self {
        Self::invalid("number", error)
    }
}
impl From<TimeError> for MembershipError {
    fn from(error: TimeError) -> Self {
        Self::invalid("timeZone", error)
    }
}
impl From<MoneyError> for MembershipError {
    fn from(error: MoneyError) -> Self {
        Self::invalid("currency", error)
    }
}
impl From<PageError> for MembershipError {
    fn from(error: PageError) -> Self {
        Self::Invalid(error.into())
    }
}
