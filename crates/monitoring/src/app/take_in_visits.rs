//! Takes in visit events: stores the facts and changes the roll-ups by the difference.

use kernel::NetworkId;
use platform_bus::HandleError;
use platform_db::Tx;

use crate::{
    model::revisions::changes,
    model::rollup::Rollups,
    model::visit_fact::VisitFact,
    store::{directory_rows, lock, rollup_rows, visit_rows},
};

/// Takes in visit events of one network, with a few statements for any number of events.
///
/// # Errors
/// Fails with [`HandleError::Later`] while one of the hubs is not known yet.
pub(crate) async fn take_in_visits(
    tx: &Tx,
    network: NetworkId,
    visits: &[VisitFact],
) -> Result<(), HandleError> {
    if visits.is_empty() {
        return Ok(());
    }
    lock::to_change(tx, network).await?;
    let known = visit_rows::list(tx, network, visits.iter().map(|visit| visit.visit_id)).await?;
    let changes = changes(&known, visits);
    let zones = directory_rows::zones_of_network(tx, network).await?;
    let difference =
        Rollups::difference(&changes, &zones).map_err(|unknown| HandleError::Later(unknown.to_string()))?;
    let facts: Vec<VisitFact> = changes.into_iter().map(|change| change.after).collect();
    visit_rows::save(tx, network, &facts).await?;
    Ok(rollup_rows::add(tx, network, &difference).await?)
}
