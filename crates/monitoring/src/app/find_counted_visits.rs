//! Finds which visits monitoring has counted, and mends roll-ups, for the comparison of the services.

use std::collections::HashMap;

use kernel::{NetworkId, OpContext, Permission, VisitId};
use platform_db::Reach;

use super::verify_rollups::recount;
use crate::{
    Monitoring, MonitoringError,
    model::rollup::Rollups,
    store::{lock, rollup_rows, visit_rows},
};

impl Monitoring {
    /// Returns the last revisions that monitoring took in of some visits.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn find_counted_visits(
        &self,
        network: NetworkId,
        visits: &[VisitId],
    ) -> Result<HashMap<VisitId, i64>, MonitoringError> {
        let tx = self.db.read(Reach::Network(network)).await?;
        let counted = visit_rows::list(&tx, network, visits.iter().copied()).await?;
        Ok(counted.into_iter().map(|(visit, fact)| (visit, fact.revision)).collect())
    }

    /// Corrects every roll-up of a network from its visits. Returns how many were wrong.
    ///
    /// # Errors
    /// Fails if the network is not the caller's, or their role does not read its indicators.
    pub async fn mend_rollups(&self, op: &OpContext, network: NetworkId) -> Result<usize, MonitoringError> {
        op.require_in_network(Permission::ReadNetworkIndicators, network)?;
        let tx = self.db.write(Reach::Network(network)).await?;
        lock::to_change(&tx, network).await?;
        let kept = rollup_rows::list_all(&tx, network).await?;
        let recomputed = recount(&tx, network).await?;
        let mut difference = Rollups::default();
        for (cell, figures) in recomputed.filled() {
            difference.add(cell, figures);
        }
        for (cell, figures) in kept.filled() {
            difference.subtract(cell, figures);
        }
        let mended = difference.filled().count();
        if mended > 0 {
            rollup_rows::add(&tx, network, &difference).await?;
            tx.commit().await?;
        }
        Ok(mended)
    }
}
