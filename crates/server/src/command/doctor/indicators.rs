//! R17: the indicators equal what the visits say.

use kernel::Scope;

use super::Findings;
use crate::House;

/// Compares them.
pub(super) async fn examine(house: &House, findings: &mut Findings) {
    let (Some(membership), Some(monitoring)) = (house.membership(), house.monitoring()) else { return };
    let scope = Scope::system(house.world().clone());
    let network = match membership.default_network(&scope).await {
        Ok(Some(network)) => network,
        Ok(None) => return findings.note("indicators", Ok("no network yet".into())),
        Err(error) => return findings.note("indicators", Err(error.to_string())),
    };
    let compared = monitoring.verify_rollups(&scope, network).await;
    findings.note(
        "indicators",
        compared.map_err(|error| error.to_string()).and_then(|differences| {
            if differences.is_empty() {
                Ok("equal a recount of the visits".into())
            } else {
                Err(format!("{} differ from a recount of the visits", differences.len()))
            }
        }),
    );
}
