//! The request's loader: many hubs, one call. Always true: it has the caller's permissions and lives as long as the
//! request.

use std::collections::HashMap;

use async_graphql::{Context, Error, dataloader::DataLoader};
use graph::{coded, coded_with};
use kernel::{AuthError, ErrorCode, HubId, OpContext};

use crate::{Metrics, Monitoring, Periods};

/// The loader of one request.
pub(super) struct Loader {
    monitoring: Monitoring,
    op: OpContext,
}

/// The metrics of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MetricsOf {
    pub(super) hub: HubId,
    pub(super) periods: Periods,
}

impl Loader {
    pub(super) fn new(monitoring: Monitoring, op: OpContext) -> Self {
        Self { monitoring, op }
    }
}

/// Returns the loader of this request.
pub(super) fn loader<'ctx>(ctx: &Context<'ctx>) -> Result<&'ctx DataLoader<Loader>, Error> {
    let missing = || coded_with(ErrorCode::Internal, "the request has no loader of metrics");
    ctx.data_opt::<DataLoader<Loader>>().ok_or_else(missing)
}

impl async_graphql::dataloader::Loader<MetricsOf> for Loader {
    type Value = Result<Metrics, AuthError>;
    type Error = Error;

    async fn load(&self, keys: &[MetricsOf]) -> Result<HashMap<MetricsOf, Self::Value>, Error> {
        // Nearly always one group: the keys come from one field of the query.
        let mut same_periods: HashMap<Periods, Vec<HubId>> = HashMap::new();
        for key in keys {
            same_periods.entry(key.periods).or_default().push(key.hub);
        }
        let mut found = HashMap::new();
        for (periods, hubs) in same_periods {
            let metrics = self.monitoring.read_hub_metrics(&self.op, &hubs, periods).await.map_err(coded)?;
            found.extend(metrics.into_iter().map(|(hub, metrics)| (MetricsOf { hub, periods }, metrics)));
        }
        Ok(found)
    }
}
