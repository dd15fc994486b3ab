//! The errors of roaming.

use jiff::civil::Date;
use kernel::{AuthError, Coded, Currency, ErrorCode, InvalidInput, Month, PageError};
use platform_db::{DbError, IdempotencyError};

use crate::{AlreadyEnded, DatedRate, NettingError, model::ledger::LedgerError};

/// Why a use case of roaming failed.
#[derive(Debug, thiserror::Error)]
pub enum RoamingError {
    /// The caller lacks the permission.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// The object does not exist for this caller.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A field breaks a rule.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The member's plan does not include roaming, or they have no plan.
    #[error("the plan of the member does not include roaming")]
    PlanWithoutRoaming,
    /// The membership has ended.
    #[error("the membership has ended")]
    HasLeft,
    /// The member has a pass that has not ended.
    #[error("the member has a roaming pass already")]
    PassExists,
    /// The pass was ended before.
    #[error(transparent)]
    PassEnded(#[from] AlreadyEnded),
    /// Only a past month can be closed.
    #[error("{0} is not over yet in the network's time zone")]
    MonthNotOver(Month),
    /// No rate of a currency is known.
    #[error("no rate of {currency} is known on or before {on}")]
    RateMissing {
        /// The currency.
        currency: Currency,
        /// The last day of the month.
        on: Date,
    },
    /// The latest rate of a currency is too old.
    #[error("the latest rate of {} is of {}, too old for {on}", rate.currency, rate.on)]
    RateStale {
        /// The rate.
        rate: DatedRate,
        /// The last day of the month.
        on: Date,
    },
    /// The idempotency check failed.
    #[error(transparent)]
    Idempotent(#[from] IdempotencyError),
    /// The database failed.
    #[error("roaming's database")]
    Db(#[from] DbError),
    /// An event could not be serialised.
    #[error("an event could not be written")]
    Event(#[from] serde_json::Error),
    /// The charges of a month cannot be netted: an internal rule is broken.
    #[error("the month cannot be netted")]
    Netting(#[source] NettingError),
    /// The entries do not balance: an internal rule is broken.
    #[error("the ledger refuses")]
    Ledger(#[from] LedgerError),
}

impl Coded for RoamingError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Invalid(_) => ErrorCode::InvalidInput,
            Self::HasLeft | Self::PassExists | Self::PassEnded(_) | Self::MonthNotOver(_) => {
                ErrorCode::Conflict
            }
            Self::PlanWithoutRoaming => ErrorCode::PlanWithoutRoaming,
            Self::RateMissing { .. } => ErrorCode::RateMissing,
            Self::RateStale { .. } => ErrorCode::RateStale,
            Self::Idempotent(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Event(_) | Self::Netting(_) | Self::Ledger(_) => ErrorCode::Internal,
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid(invalid) => invalid.field(),
            _ => None,
        }
    }
}

impl From<PageError> for RoamingError {
    fn from(error: PageError) -> Self {
        Self::Invalid(error.into())
    }
}
impl From<NettingError> for RoamingError {
    fn from(error: NettingError) -> Self {
        match error {
            NettingError::RateMissing { currency, on } => Self::RateMissing { currency, on },
            NettingError::RateStale { rate, on } => Self::RateStale { rate, on },
            broken @ (NettingError::UnknownHub(_) | NettingError::Money(_)) => Self::Netting(broken),
        }
    }
}
