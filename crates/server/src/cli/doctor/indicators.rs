//! R17: the indicators of every network equal the sums of its visits.

use kernel::OpContext;

use super::{Findings, consistency::text};
use crate::App;

/// Compares them; with `repair`, makes them equal.
pub(in crate::cli) async fn examine(app: &App, repair: bool, findings: &mut Findings) {
    if let Some(monitoring) = app.monitoring() {
        findings.note("indicators", compare(app, monitoring, repair).await);
    }
}

async fn compare(app: &App, monitoring: &monitoring::Monitoring, repair: bool) -> Result<String, String> {
    let op = OpContext::system(app.world().clone());
    let (mut differing, mut mended) = (0, 0);
    for network in monitoring.list_networks().await.map_err(text)? {
        if repair {
            mended += monitoring.mend_rollups(&op, network).await.map_err(text)?;
        }
        differing += monitoring.verify_rollups(&op, network).await.map_err(text)?.len();
    }
    match (differing, mended) {
        (0, 0) => Ok("equal a recount of the visits in every network".into()),
        (0, some) => Ok(format!("{some} made equal to a recount of the visits")),
        (some, _) => Err(format!(
            "{some} differ from a recount of the visits: `hubnet doctor --repair` makes them equal"
        )),
    }
}
