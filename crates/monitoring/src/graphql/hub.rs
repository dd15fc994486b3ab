//! Monitoring's fields of `Hub`.

use async_graphql::{Context, Error, Object};
use graph::{Given, coded};
use kernel::HubId;

use super::{
    Metrics, MetricsPeriod,
    loaders::{Loaders, MetricsOf},
    metrics::{Period, periods},
};
use crate::MonitoringError;

/// The figures of a hub.
#[derive(Debug, Clone, Copy)]
pub struct HubFields(HubId);

impl From<HubId> for HubFields {
    fn from(id: HubId) -> Self {
        Self(id)
    }
}

#[Object(name = "MonitoringHubFields")]
impl HubFields {
    /// Figures about this hub's visits, in its own calendar, for the periods `[from, until)`, at most 400 of them.
    /// For the hub's staff and its network's coordinators.
    async fn metrics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first period: `2026-11-02` by day, `2026-11` by month.")] from: Given<Period>,
        #[graphql(desc = "The first period after the last one.")] until: Given<Period>,
        #[graphql(desc = "The kind of period to sum over.")] by: MetricsPeriod,
    ) -> Option<Result<Metrics, Error>> {
        self.read(ctx, by, from, until).await.transpose()
    }
}

impl HubFields {
    async fn read(
        &self,
        ctx: &Context<'_>,
        by: MetricsPeriod,
        from: Given<Period>,
        until: Given<Period>,
    ) -> Result<Option<Metrics>, Error> {
        let key = MetricsOf { hub: self.0, periods: periods(by, from, until)? };
        let metrics = Loaders::find(ctx)?.load_one(key).await?.transpose();
        let metrics = metrics.map_err(|refused| coded(MonitoringError::from(refused)))?;
        Ok(metrics.map(Metrics::from))
    }
}
