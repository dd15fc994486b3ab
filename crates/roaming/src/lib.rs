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
//! membership's `network_founded`, `hub_onboarded`, `member_joined`, `visit_ended`, `visit_corrected`, and stores of
//! them only what prices and settlements need.
//!
//! A new rule about what a visit costs goes to [`mod@rating`]; about when it is charged, to [`mod@books`]; about what
//! hubs owe each other, to [`mod@netting`]. All three are pure.

mod app;
mod audit;
pub mod books;
mod charge;
mod consumer;
mod error;
pub mod events;
mod facts;
pub mod graphql;
pub mod ledger;
pub mod netting;
mod period;
pub mod personal;
pub mod rates;
pub mod rating;
mod roaming_pass;
mod settlement;
pub mod split;
mod store;
mod tariff;
mod terms;

use std::sync::Arc;

use kernel::World;
use platform_bus::Handler;
use platform_db::Db;
use platform_jobs::Kind;

pub use app::{IssueRoamingPass, MissingRate, PublishTariff, RatedVisit, SETTLE_MONTHS, SeenPass};
pub use audit::AUDITED_ACTIONS;
pub use books::{Books, BooksError, DayKey, Outcome, VisitEvent, VisitRecord};
pub use charge::{Charge, ChargeLine, ChargeReason};
pub use consumer::{CONSUMES, RoamingConsumer};
pub use error::RoamingError;
pub use facts::{KnownHub, KnownMember, KnownNetwork, MemberPlan};
pub use kernel::{Category, UnknownCategory};
pub use ledger::{Account, Entry};
pub use netting::NettingError;
pub use period::ClosedMonths;
pub use rates::{DatedRate, NoRate, Rates, RatesError};
pub use rating::DayTotal;
pub use roaming_pass::{AlreadyEnded, PassStatus, RoamingPass};
pub use settlement::{GrossPosition, Settlement, SettlementPosition};
pub use tariff::Tariff;
pub use terms::{
    Element, ElementDraft, InvalidTerms, MOST_ELEMENTS, NotAWallTime, Terms, TermsDraft, WallTime, Weekday,
    Window,
};

/// The roaming service.
#[derive(Debug, Clone)]
pub struct Roaming {
    db: Db,
    rates: Arc<Rates>,
    world: World,
}

impl Roaming {
    /// Creates the service on its database, with the exchange rates.
    pub fn new(db: Db, rates: Rates) -> Self {
        Self { db, rates: Arc::new(rates), world: World::real() }
    }

    /// Returns the same service with another source of time and ids for its own actions.
    #[must_use]
    pub fn in_world(self, world: World) -> Self {
        Self { world, ..self }
    }

    /// Returns the service's database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Returns the kinds of jobs of this service.
    pub fn jobs(&self) -> Vec<Kind> {
        vec![self.settle_months_kind()]
    }

    /// Returns the consumer of the other services' events.
    pub fn handler(&self) -> Arc<dyn Handler> {
        Arc::new(RoamingConsumer(self.clone()))
    }
}
