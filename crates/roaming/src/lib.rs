//! Roaming: passes, guest tariffs, charges, the ledger between hubs, and settlements.
//!
//! Always true:
//! - R7: every ended visit has exactly one effective charge, including a free one.
//! - R8: billing days are cut in the host's zone, including the days the clocks change.
//! - R9: a price is rounded once, half to even, where a line becomes money.
//! - R10: every ledger transaction sums to zero in every currency; entries are only ever added; a correction is a
//!   credit that names the charge it cancels.
//! - R11: a repeated event is charged and posted once.
//! - R13: the nets of all hubs, the network's commission and the exchange sum to zero in every currency.
//! - R14: a settled month never changes; late charges go to the first open month.
//! - R20: what a member's visits cost at a hub on a day follows from the set of them, in whatever order they become
//!   known.
//! - A roaming pass goes only with a plan that includes roaming; a plan covers its member's visits at home.
//!
//! Emits `pass_issued`, `pass_ended`, `tariff_published`, `charge_posted`, `settlement_closed` ([`events`]). Consumes
//! membership's `network_founded`, `hub_onboarded`, `hub_changed`, `hub_closed`, `member_joined`, `visit_ended`,
//! `visit_corrected`, and stores of them only what prices and settlements need.
//!
//! A new rule about what a visit costs goes to [`model::rating`]; about when it is charged, to [`model::books`]; about what
//! hubs owe each other, to [`model::netting`]. All three are pure.

mod app;
mod audit;
mod consumer;
mod error;
pub mod events;
pub mod graphql;
pub mod model;
mod module;
pub mod personal;
pub mod split;
mod store;

use std::sync::Arc;

use platform_db::Db;

pub use app::{IssueRoamingPass, MissingRate, PublishTariff, RatedVisit, SETTLE_MONTHS, SeenPass};
pub use audit::AUDITED_ACTIONS;
pub use consumer::CONSUMES;
pub use error::RoamingError;
pub use kernel::{Category, UnknownCategory};
pub use model::books::{Books, BooksError, DayKey, Outcome, VisitEvent, VisitRecord};
pub use model::charge::{Charge, ChargeLine, ChargeReason};
pub use model::facts::{KnownHub, KnownMember, KnownNetwork, MemberPlan};
pub use model::ledger::{Account, Entry};
pub use model::netting::NettingError;
pub use model::period::ClosedMonths;
pub use model::rates::{DatedRate, NoRate, Rates, RatesError};
pub use model::rating::DayTotal;
pub use model::roaming_pass::{AlreadyEnded, PassStatus, RoamingPass};
pub use model::settlement::{GrossPosition, Settlement, SettlementPosition};
pub use model::tariff::Tariff;
pub use model::terms::{
    Element, ElementDraft, MOST_ELEMENTS, NotAWallTime, Terms, TermsDraft, WallTime, Weekday, Window,
};
pub use module::ABOUT;

/// The roaming service.
#[derive(Debug, Clone)]
pub struct Roaming {
    db: Db,
    rates: Arc<Rates>,
}

impl Roaming {
    /// Creates the service on its database, with the exchange rates.
    pub fn new(db: Db, rates: Rates) -> Self {
        Self { db, rates: Arc::new(rates) }
    }
}
