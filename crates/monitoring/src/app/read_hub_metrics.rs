//! Reads the figures of hubs.

use std::collections::HashMap;

use kernel::{AuthError, Caller, HubId, NetworkId, OpContext, Permission};
use platform_bus::await_arrivals;
use platform_db::Reach;

use crate::{
    Metrics, Monitoring, MonitoringError, Periods,
    store::{directory_rows, rollup_rows},
};

impl Monitoring {
    /// Returns the figures of each hub, or an error of its own for a hub whose figures the caller may not read.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    #[tracing::instrument(name = "monitoring.read_hub_metrics", skip_all)]
    pub async fn read_hub_metrics(
        &self,
        op: &OpContext,
        hubs: &[HubId],
        periods: Periods,
    ) -> Result<HashMap<HubId, Result<Metrics, AuthError>>, MonitoringError> {
        if *op.caller() == Caller::Anonymous {
            return Ok(hubs.iter().map(|hub| (*hub, Err(AuthError::Unauthenticated))).collect());
        }
        let homes = await_arrivals(op, hubs, || async {
            let tx = self.db.read(Reach::Directory).await?;
            directory_rows::networks_of_hubs(&tx, hubs).await
        });
        let homes = homes.await?;
        let mut answers = HashMap::new();
        let mut readable: HashMap<NetworkId, Vec<HubId>> = HashMap::new();
        for hub in hubs {
            match may_read(op, *hub, homes.get(hub).copied()) {
                Ok(network) => readable.entry(network).or_default().push(*hub),
                Err(refused) => _ = answers.insert(*hub, Err(refused)),
            }
        }
        for (network, hubs) in readable {
            let tx = self.db.read(Reach::Network(network)).await?;
            let series = rollup_rows::list_of_hubs(&tx, network, &hubs, periods).await?;
            answers.extend(
                series.into_iter().map(|(hub, by_first_day)| (hub, Ok(Metrics::new(periods, &by_first_day)))),
            );
        }
        Ok(answers)
    }
}

fn may_read(op: &OpContext, hub: HubId, network: Option<NetworkId>) -> Result<NetworkId, AuthError> {
    let network = network.ok_or(AuthError::NotFound)?;
    op.require_at_hub(Permission::ReadIndicators, hub, network)?;
    Ok(network)
}
