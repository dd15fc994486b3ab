//! Reads the figures of a whole network.

use kernel::{NetworkId, OpContext, Permission};
use platform_db::Reach;

use crate::{Metrics, Monitoring, MonitoringError, Periods, store::rollup_rows};

impl Monitoring {
    /// Returns the total figures of all hubs of a network.
    ///
    /// # Errors
    /// Fails if the network is not the caller's, or their role does not read its indicators.
    #[tracing::instrument(name = "monitoring.read_network_metrics", skip_all)]
    pub async fn read_network_metrics(
        &self,
        op: &OpContext,
        network: NetworkId,
        periods: Periods,
    ) -> Result<Metrics, MonitoringError> {
        op.require_in_network(Permission::ReadNetworkIndicators, network)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        Ok(Metrics::new(periods, &rollup_rows::list_of_network(&tx, network, periods).await?))
    }
}
