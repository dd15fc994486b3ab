//! Monitoring: aggregates the visits of hubs and networks.
//!
//! Owns: its own facts about visits, and the roll-ups `hub_day`, `hub_month` and `network_month` over them. Always
//! true:
//! - R17: an indicator recomputed from the visits equals the pre-aggregated one, exactly. A visit event changes the
//!   visit and its roll-ups in one transaction, by the difference between the previous and the new facts.
//! - Queries read roll-ups only, so their cost depends on hubs and periods, never on visits.
//! - A visit counts on the day it began, in the zone of the hub visited; its minutes count once it has ended.
//! - Only counts leave this service: it does not even know the visitor.
//!
//! Consumes `membership.network_founded.v1`, `hub_onboarded.v2` (and `.v1` of old logs), `hub_changed.v1`,
//! `hub_closed.v1`, `visit_started.v1`, `visit_ended.v1` and `visit_corrected.v1`, in any order. Emits nothing yet.
//!
//! To add a figure about visits: a field of [`Figures`], its rule in `visit_fact`, its column in a migration and in
//! `store::rollup_rows`, its array in `graphql::Metrics`, its card in `indicator_card`.

mod app;
mod consumer;
mod error;
pub mod graphql;
mod model;
mod module;
pub mod personal;
pub mod split;
mod store;

use platform_db::Db;

pub use app::Difference;
pub use consumer::CONSUMES;
pub use error::MonitoringError;
pub use kernel::{Language, UnknownLanguage};
pub use model::figures::Figures;
pub use model::indicator_card::{IndicatorCard, Words};
pub use model::metrics::Metrics;
pub use model::periods::{MetricsPeriod, Periods};
pub use model::rollup::Cell;
pub use module::ABOUT;

/// The monitoring service.
#[derive(Clone, Debug)]
pub struct Monitoring {
    db: Db,
}

impl Monitoring {
    /// Creates the service on its database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}
