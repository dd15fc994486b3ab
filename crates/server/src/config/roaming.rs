//! `[roaming]`: exchange rates.

use std::path::PathBuf;

use serde::Deserialize;

/// Exchange rates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoamingConfig {
    /// A CSV file `on,currency,per_eur`. Absent: the invented rates of the demo network in a demonstration; none in
    /// production, so a month with several currencies is not settled.
    pub rates_file: Option<PathBuf>,
    /// How many days before the last day of the month a rate of that file may have been published.
    pub oldest_rate_days: u16,
}
