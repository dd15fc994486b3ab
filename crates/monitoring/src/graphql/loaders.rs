//! The loaders of one request.

use std::collections::HashMap;

use async_graphql::{Error, dataloader::Loader};
use graph::coded;
use kernel::{AuthError, HubId};

use crate::{Metrics, Monitoring, Periods};

platform_module::loaders!(Monitoring);

/// The metrics of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MetricsOf {
    pub(super) hub: HubId,
    pub(super) periods: Periods,
}

impl Loader<MetricsOf> for Loaders {
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
            let metrics = self.service.read_hub_metrics(&self.op, &hubs, periods).await.map_err(coded)?;
            found.extend(metrics.into_iter().map(|(hub, metrics)| (MetricsOf { hub, periods }, metrics)));
        }
        Ok(found)
    }
}
