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
//! Consumes `membership.network_founded.v1`, `hub_onboarded.v1`, `visit_started.v1`, `visit_ended.v1` and
//! `visit_corrected.v1`, in any order. Emits nothing yet.
//!
//! To add a figure about visits: a field of [`Figures`], its rule in `visit_fact`, its column in a migration and in
//! `store::rollup_rows`, its array in `graphql::Metrics`, its card in `indicator_card`.

mod app;
mod consumer;
mod error;
mod figures;
pub mod graphql;
mod indicator_card;
mod metrics;
mod periods;
pub mod personal;
mod revisions;
mod rollup;
pub mod split;
mod store;
mod visit_fact;

use std::sync::Arc;

use kernel::OpContext;
use platform_bus::Handler;
use platform_db::Db;

pub use app::Difference;
pub use consumer::CONSUMES;
pub use error::{InvalidField, MonitoringError};
pub use figures::Figures;
pub use indicator_card::{IndicatorCard, Words};
pub use kernel::{Language, UnknownLanguage};
pub use metrics::Metrics;
pub use periods::{MetricsPeriod, Periods};
pub use rollup::Cell;

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

    /// Returns the consumer of the other services' events.
    pub fn handler(&self) -> Arc<dyn Handler> {
        Arc::new(consumer::Consumer::new(self.db.clone()))
    }

    /// Adds to a request what the resolvers need: the service and its loaders, bound to the caller's context.
    pub fn with_request_data(
        &self,
        request: async_graphql::Request,
        op: &OpContext,
    ) -> async_graphql::Request {
        graphql::with_request_data(self, request, op)
    }
}
