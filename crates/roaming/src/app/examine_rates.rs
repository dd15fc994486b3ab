//! Looking, before somebody needs them, whether there are rates for the months that are to be settled next.

use jiff::civil::Date;
use kernel::{Currency, Month, NetworkId, OpContext};
use platform_db::Reach;

use crate::{NoRate, Roaming, RoamingError, Settlement, store};

/// A rate that the settlement of a month will miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingRate {
    /// Whose month.
    pub network: NetworkId,
    /// The month's last day.
    pub on: Date,
    /// The currency.
    pub currency: Currency,
    /// What there is instead.
    pub instead: NoRate,
}

impl Roaming {
    /// The rates that are missing or too old for settling the last month that is over, of networks whose hubs have
    /// several currencies.
    ///
    /// # Errors
    /// The database is away.
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
