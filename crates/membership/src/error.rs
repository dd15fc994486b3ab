//! How membership refuses.

use kernel::{AuthError, Coded, ErrorCode, MoneyError, PageError, TimeError};
use platform_db::{DbError, IdempotencyError};

use crate::{ChipNumberError, HoursError};

/// Why a use-case of membership did nothing.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// The caller may not.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// No such thing for this caller.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A field breaks a rule.
    #[error("{field}: {rule}")]
    Invalid {
        /// Which field of the input.
        field: String,
        /// What it must be.
        rule: String,
    },
    /// It exists already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// The key or event id was used for something else.
    #[error("that {0} belongs to another request")]
    KeyUsed(&'static str),
    /// Nobody is erased while they are in a hub.
    #[error("the member is in a hub and cannot be checked out")]
    StillIn,
    /// The request's key stands against it.
    #[error(transparent)]
    Idempotent(#[from] IdempotencyError),
    /// The database did not do it.
    #[error("membership's database")]
    Db(#[from] DbError),
    /// A fact could not be written as an event.
    #[error("an event could not be written")]
    Event(#[from] serde_json::Error),
}

impl MembershipError {
    /// A field of the input breaks a rule.
    pub fn invalid(field: impl Into<String>, rule: impl ToString) -> Self {
        Self::Invalid { field: field.into(), rule: rule.to_string() }
    }

    /// Says which thing a unique key found twice.
    pub(crate) fn or_exists(error: DbError, what: &'static str) -> Self {
        if matches!(error, DbError::Duplicate(_)) { Self::Exists(what) } else { Self::Db(error) }
    }
}

impl Coded for MembershipError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Invalid { .. } => ErrorCode::InvalidInput,
            Self::Exists(_) | Self::StillIn => ErrorCode::Conflict,
            Self::KeyUsed(_) => ErrorCode::IdempotencyConflict,
            Self::Idempotent(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Event(_) => ErrorCode::Internal,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
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
        Self::invalid(error.field(), error)
    }
}
