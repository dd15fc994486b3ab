//! Monitoring's fields of `Network`.

use async_graphql::{Context, Error, Object};
use graph::{Given, OpContextExt, coded};
use kernel::NetworkId;

use super::{
    Metrics, MetricsPeriod,
    metrics::{Period, periods},
    service,
};

/// The figures of a network.
#[derive(Debug, Clone, Copy)]
pub struct NetworkFields(NetworkId);

impl From<NetworkId> for NetworkFields {
    fn from(id: NetworkId) -> Self {
        Self(id)
    }
}

#[Object(name = "MonitoringNetworkFields")]
impl NetworkFields {
    /// Total figures about the visits at all hubs of this network, each counted in its hub's own calendar, for the
    /// periods `[from, until)`, at most 400 of them. For the network's coordinators and administrators.
    async fn metrics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first period: `2026-11-02` by day, `2026-11` by month.")] from: Given<Period>,
        #[graphql(desc = "The first period after the last one.")] until: Given<Period>,
        #[graphql(desc = "The kind of period to sum over.")] by: MetricsPeriod,
    ) -> Option<Result<Metrics, Error>> {
        Some(self.read(ctx, by, from, until).await)
    }
}

impl NetworkFields {
    async fn read(
        &self,
        ctx: &Context<'_>,
        by: MetricsPeriod,
        from: Given<Period>,
        until: Given<Period>,
    ) -> Result<Metrics, Error> {
        let periods = periods(by, from, until)?;
        let metrics = service(ctx)?.read_network_metrics(ctx.op()?, self.0, periods).await.map_err(coded)?;
        Ok(metrics.into())
    }
}
