//! Checks in advance whether the exchange rates for the next settlement exist.

use jiff::civil::Date;
use kernel::{Currency, Month, NetworkId, OpContext};
use platform_db::Reach;

use crate::{NoRate, Roaming, RoamingError, Settlement, store};

/// A rate that is missing for the settlement of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingRate {
    /// The network.
    pub network: NetworkId,
    /// The month's last day.
    pub on: Date,
    /// The currency.
    pub currency: Currency,
    /// The problem with the rate.
    pub instead: NoRate,
}

impl Roaming {
    /// Returns the rates that are missing or too old to settle the last past month, for networks whose hubs use
    /// several currencies.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    #[tracing::instrument(name = "roaming.examine_rates", skip_all)]
    pub async fn examine_rates(&self, op: &OpContext) -> Result<Vec<MissingRate>, RoamingError> {
        let mut missing = Vec::new();
        let networks = store::facts::networks(&self.db.read(Reach::Directory).await?).await?;
        for id in networks {
            let tx = self.db.read(Reach::Network(id)).await?;
            let Some(network) = store::facts::find_network(&tx, id).await? else { continue };
            let today = network.zone.day_of(op.now());
            let month = Month::of(Month::of(today).first_day().yesterday().unwrap_or(today));
            if store::settlement::find(&tx, id, month).await?.is_some() {
                continue;
            }
            let hubs = store::facts::hubs(&tx, id).await?;
            let mut currencies: Vec<Currency> = hubs.iter().map(|hub| hub.currency).collect();
            currencies.push(network.clearing_currency);
            currencies.sort_unstable();
            currencies.dedup();
            if currencies.len() < 2 {
                continue;
            }
            let on = Settlement::rates_day(month);
            let none = |currency: &Currency| {
                let instead = self.rates.for_day(*currency, on).err()?;
                Some(MissingRate { network: id, on, currency: *currency, instead })
            };
            missing.extend(currencies.iter().filter_map(none));
        }
        Ok(missing)
    }
}
