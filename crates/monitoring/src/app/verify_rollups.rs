//! Checks R17: counts every visit of a network again and compares the result with the stored roll-ups.

use std::collections::BTreeSet;

use kernel::{NetworkId, OpContext, Permission};
use platform_db::{DbError, Reach, Tx};

use crate::{
    Cell, Figures, Monitoring, MonitoringError,
    model::rollup::Rollups,
    store::{directory_rows, lock, rollup_rows, visit_rows},
};

/// A cell whose stored figures differ from those of the visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The cell.
    pub cell: Cell,
    /// The figures of the roll-up.
    pub kept: Figures,
    /// The figures of the visits.
    pub recomputed: Figures,
}

impl Monitoring {
    /// Recomputes every roll-up of a network from its visits and returns the differences: none, if R17 holds. The
    /// only query whose cost grows with the visits.
    ///
    /// # Errors
    /// Fails if the network is not the caller's, or their role does not read its indicators.
    #[tracing::instrument(name = "monitoring.verify_rollups", skip_all)]
    pub async fn verify_rollups(
        &self,
        op: &OpContext,
        network: NetworkId,
    ) -> Result<Vec<Difference>, MonitoringError> {
        op.require_in_network(Permission::ReadNetworkIndicators, network)?;
        let tx = self.db.read(Reach::Network(network)).await?;
        lock::to_compare(&tx, network).await?;
        let kept = rollup_rows::list_all(&tx, network).await?;
        let recomputed = recount(&tx, network).await?;
        let cells: BTreeSet<Cell> = kept.filled().chain(recomputed.filled()).map(|(cell, _)| cell).collect();
        let compare = |cell| Difference { cell, kept: kept.get(cell), recomputed: recomputed.get(cell) };
        Ok(cells.into_iter().map(compare).filter(|pair| pair.kept != pair.recomputed).collect())
    }
}

pub(super) async fn recount(tx: &Tx, network: NetworkId) -> Result<Rollups, DbError> {
    let zones = directory_rows::zones_of_network(tx, network).await?;
    let mut recomputed = Rollups::default();
    let mut last = None;
    loop {
        let visits = visit_rows::page_after(tx, network, last).await?;
        let Some(visit) = visits.last() else { return Ok(recomputed) };
        last = Some(visit.visit_id);
        for visit in &visits {
            let unknown = |hub| DbError::inconsistent("monitoring_visit", hub);
            recomputed.count(visit, &zones).map_err(unknown)?;
        }
    }
}
