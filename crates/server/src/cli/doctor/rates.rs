//! Missing exchange rates are reported before the settlement of their month fails.

use kernel::OpContext;
use roaming::{MissingRate, NoRate, Roaming};

use super::Findings;
use crate::App;

/// Checks the rates of the months that are not settled yet.
pub(super) async fn examine(app: &App, findings: &mut Findings) {
    let Some(roaming) = app.roaming() else { return };
    findings.note("exchange rates", missing(roaming, &OpContext::system(app.world().clone())).await);
}

async fn missing(roaming: &Roaming, op: &OpContext) -> Result<String, String> {
    let missing = roaming.examine_rates(op).await.map_err(|error| error.to_string())?;
    if missing.is_empty() {
        return Ok("none needed, or all there".into());
    }
    let describe = |it: &MissingRate| match it.instead {
        NoRate::Missing => format!("none of {} on or before {}", it.currency, it.on),
        NoRate::Stale(rate) => format!("that of {} is of {}, too old for {}", it.currency, rate.on, it.on),
    };
    let all: Vec<String> = missing.iter().map(describe).collect();
    Err(format!("{}: add them to the file in roaming.rates_file", all.join("; ")))
}
