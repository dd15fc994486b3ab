//! Error codes: what a client may rely on when something is refused. Always true: a code, once published, keeps
//! its meaning; the sentence beside it may change.

use std::fmt;

/// The stable code of a refusal, sent as `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// No token, or one that is expired, forged or meant for somebody else.
    Unauthenticated,
    /// The caller may see the place, but not do this there.
    Forbidden,
    /// No such thing for this caller; another tenant's object answers the same.
    NotFound,
    /// The input breaks a rule; the message names the field.
    InvalidInput,
    /// The thing exists already, or is in a state that does not allow this.
    Conflict,
    /// The same idempotency key came with another payload.
    IdempotencyConflict,
    /// The month is settled; it never changes again.
    PeriodClosed,
    /// Every seat of the event is taken.
    EventFull,
    /// No exchange rate is known for that currency and day.
    RateMissing,
    /// Too many tries; wait and try again.
    RateLimited,
    /// A part the answer needs (database, broker) is away; try again.
    Unavailable,
    /// Our fault; the details are in the log, not in the answer.
    Internal,
}

impl ErrorCode {
    /// The code as clients see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::InvalidInput => "INVALID_INPUT",
            Self::Conflict => "CONFLICT",
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT",
            Self::PeriodClosed => "PERIOD_CLOSED",
            Self::EventFull => "EVENT_FULL",
            Self::RateMissing => "RATE_MISSING",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error that knows its code. `Internal` and `Unavailable` are logged at the edge and shown without detail.
pub trait Coded: std::error::Error {
    /// The stable code of this error.
    fn code(&self) -> ErrorCode;
}
