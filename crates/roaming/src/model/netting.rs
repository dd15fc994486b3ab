//! Netting: computes one amount per hub from the gross positions of a month, and the entries that post it.
//!
//! The commissions of home hub and network are shares of each gross position, each rounded once. A hub's amounts in a
//! currency other than its own are exchanged at the rates of the month's last day, each amount rounded once; the
//! exchange account takes the other side, so that every currency still sums to zero (R13).

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use kernel::{Currency, HubId, Money, MoneyError, basis_points};

use crate::{
    Account, DatedRate, Entry, GrossPosition, KnownHub, KnownNetwork, Rates, SettlementPosition,
    model::rates::NoRate,
};

/// The cost of one hub's members at another in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrossAmount {
    /// The visitors' home hub.
    pub home_hub: HubId,
    /// The host hub.
    pub host_hub: HubId,
    /// The sum of the charges, in the host's currency.
    pub gross: Money,
}

/// A netted month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Netting {
    /// One position per hub, in the order the hubs were given.
    pub positions: Vec<SettlementPosition>,
    /// One position per gross amount.
    pub gross_positions: Vec<GrossPosition>,
    /// The network's commission, in its clearing currency.
    pub network_commission: Money,
    /// The rates used, by currency.
    pub rates: Vec<DatedRate>,
    /// The entries to post to the ledger.
    pub entries: Vec<Entry>,
}

/// Why a month cannot be netted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NettingError {
    /// No rate of that currency was published on or before the day.
    #[error("no rate of {currency} is known on or before {on}")]
    RateMissing {
        /// The currency.
        currency: Currency,
        /// The last day of the month.
        on: Date,
    },
    /// The latest rate of that currency is too old.
    #[error("the latest rate of {} is of {}, too old for {on}", rate.currency, rate.on)]
    RateStale {
        /// The rate.
        rate: DatedRate,
        /// The last day of the month.
        on: Date,
    },
    /// A charge names a hub that is not among the network's.
    #[error("{0} is not a hub of the network")]
    UnknownHub(HubId),
    /// An amount is too large, or not in the host's currency.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Nets a month. `on` is its last day.
///
/// # Errors
/// See [`NettingError`].
pub fn net(
    network: &KnownNetwork,
    hubs: &[KnownHub],
    amounts: &[GrossAmount],
    on: Date,
    rates: &Rates,
) -> Result<Netting, NettingError> {
    let mut desk = Desk { rates, on, used: BTreeMap::new(), entries: Vec::new() };
    let mut positions: HashMap<HubId, SettlementPosition> =
        hubs.iter().map(|hub| (hub.id, nothing(hub))).collect();
    let mut gross_positions = Vec::with_capacity(amounts.len());
    for amount in amounts {
        let pair = share(network, amount)?;
        earn(&mut desk, position(&mut positions, pair.host_hub)?, &pair)?;
        owe(&mut desk, position(&mut positions, pair.home_hub)?, &pair)?;
        gross_positions.push(pair);
    }
    let network_commission = desk.collect_commission(&gross_positions, network.clearing_currency)?;
    let mut ordered = Vec::with_capacity(hubs.len());
    for hub in hubs {
        let position = position(&mut positions, hub.id)?;
        position.net = position.earned.minus(position.owed)?.plus(position.commission)?;
        desk.transfer(Account::Open(hub.id), Account::Settled(hub.id), position.net)?;
        ordered.push(*position);
    }
    if !desk.used.is_empty() {
        desk.rate(network.clearing_currency)?; // what the others are stated in
    }
    let rates = desk.used.into_values().collect();
    Ok(Netting { positions: ordered, gross_positions, network_commission, rates, entries: desk.entries })
}

fn nothing(hub: &KnownHub) -> SettlementPosition {
    let zero = Money::zero(hub.currency);
    SettlementPosition { hub: hub.id, earned: zero, owed: zero, commission: zero, net: zero }
}

fn position(
    positions: &mut HashMap<HubId, SettlementPosition>,
    hub: HubId,
) -> Result<&mut SettlementPosition, NettingError> {
    positions.get_mut(&hub).ok_or(NettingError::UnknownHub(hub))
}

fn share(network: &KnownNetwork, amount: &GrossAmount) -> Result<GrossPosition, MoneyError> {
    Ok(GrossPosition {
        home_hub: amount.home_hub,
        host_hub: amount.host_hub,
        gross: amount.gross,
        home_commission: basis_points(amount.gross, network.home_commission_bp)?,
        network_commission: basis_points(amount.gross, network.network_commission_bp)?,
    })
}

/// The host earns the gross amount and leaves both commissions.
fn earn(
    desk: &mut Desk<'_>,
    host: &mut SettlementPosition,
    pair: &GrossPosition,
) -> Result<(), NettingError> {
    host.earned = host.earned.plus(pair.gross)?;
    host.commission = host.commission.minus(pair.home_commission)?.minus(pair.network_commission)?;
    desk.transfer(Account::Open(pair.host_hub), Account::Open(pair.home_hub), pair.home_commission)?;
    desk.transfer(Account::Open(pair.host_hub), Account::Commission, pair.network_commission)?;
    Ok(())
}

/// The home hub owes the gross amount and keeps its commission; both in its own currency.
fn owe(desk: &mut Desk<'_>, home: &mut SettlementPosition, pair: &GrossPosition) -> Result<(), NettingError> {
    let (account, own) = (Account::Open(pair.home_hub), home.net.currency);
    let paid = desk.exchange(account, pair.gross.negated()?, own)?;
    home.owed = home.owed.minus(paid)?;
    let kept = desk.exchange(account, pair.home_commission, own)?;
    home.commission = home.commission.plus(kept)?;
    Ok(())
}

/// Writes entries and exchanges currencies.
struct Desk<'r> {
    rates: &'r Rates,
    on: Date,
    used: BTreeMap<Currency, DatedRate>,
    entries: Vec<Entry>,
}

impl Desk<'_> {
    fn transfer(&mut self, from: Account, to: Account, amount: Money) -> Result<(), MoneyError> {
        self.entries.push(Entry { account: from, amount: amount.negated()? });
        self.entries.push(Entry { account: to, amount });
        Ok(())
    }

    /// Converts an account's amount to another currency. Returns the converted amount.
    fn exchange(&mut self, account: Account, amount: Money, to: Currency) -> Result<Money, NettingError> {
        if amount.currency == to {
            return Ok(amount);
        }
        if amount.minor == 0 {
            return Ok(Money::zero(to));
        }
        let exchanged = self.rate(amount.currency)?.convert(amount, &self.rate(to)?)?;
        self.transfer(account, Account::Exchange, amount)?;
        self.transfer(Account::Exchange, account, exchanged)?;
        Ok(exchanged)
    }

    fn rate(&mut self, currency: Currency) -> Result<DatedRate, NettingError> {
        let on = self.on;
        let rate = self.rates.for_day(currency, on).map_err(|none| match none {
            NoRate::Missing => NettingError::RateMissing { currency, on },
            NoRate::Stale(rate) => NettingError::RateStale { rate, on },
        })?;
        self.used.insert(currency, rate);
        Ok(rate)
    }

    /// Collects the network's commission in its clearing currency; each currency's sum is exchanged once.
    fn collect_commission(
        &mut self,
        pairs: &[GrossPosition],
        clearing: Currency,
    ) -> Result<Money, NettingError> {
        let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
        for pair in pairs {
            let commission = pair.network_commission;
            let sum = sums.entry(commission.currency).or_insert(Money::zero(commission.currency));
            *sum = sum.plus(commission)?;
        }
        let mut total = Money::zero(clearing);
        for sum in sums.into_values() {
            total = total.plus(self.exchange(Account::Commission, sum, clearing)?)?;
        }
        Ok(total)
    }
}
