//! Settlement: what the hubs of a network owe each other for a month, netted to one amount per hub.
//!
//! Always true:
//! - R13: all nets, the network's commission and the exchange sum to zero in every currency.
//! - A hub's net is `earned - owed + commission`, each in the hub's own currency.
//! - R14: a closed settlement never changes.

use jiff::{Timestamp, civil::Date};
use kernel::{Currency, HubId, Money, Month, NetworkId, SettlementId};

use crate::DatedRate;

/// A settled month of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The stable id.
    pub id: SettlementId,
    /// The network.
    pub network: NetworkId,
    /// The month.
    pub month: Month,
    /// The time of closing.
    pub closed_at: Timestamp,
    /// The currency of the network's commission and of the stated rates.
    pub clearing_currency: Currency,
    /// The exchange rates used, including that of the clearing currency; empty if none were needed.
    pub rates: Vec<DatedRate>,
    /// The network's commission, in its clearing currency; hidden from callers who see one hub only.
    pub network_commission: Option<Money>,
    /// One position per hub.
    pub positions: Vec<SettlementPosition>,
    /// One position per home hub and host between which there were charges.
    pub gross_positions: Vec<GrossPosition>,
}

/// The position of a hub after a month, in its own currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettlementPosition {
    /// The hub.
    pub hub: HubId,
    /// The cost of guests' visits at this hub.
    pub earned: Money,
    /// The cost of its members' visits at other hubs.
    pub owed: Money,
    /// The commission on its members' charges elsewhere, less the commissions it leaves to others from its earnings.
    pub commission: Money,
    /// The amount it receives, or pays if negative.
    pub net: Money,
}

/// What the members of one hub owe another, in the host's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrossPosition {
    /// The visitors' home hub.
    pub home_hub: HubId,
    /// The host hub.
    pub host_hub: HubId,
    /// The cost of the visits.
    pub gross: Money,
    /// The share that the home hub keeps.
    pub home_commission: Money,
    /// The share that the network keeps.
    pub network_commission: Money,
}

impl Settlement {
    /// Returns the settlement as a hub's own staff may see it: only their hubs' positions.
    #[must_use]
    pub fn seen_from(mut self, is_own: impl Fn(HubId) -> bool) -> Self {
        self.network_commission = None;
        self.positions.retain(|position| is_own(position.hub));
        self.gross_positions.retain(|pair| is_own(pair.home_hub) || is_own(pair.host_hub));
        self
    }

    /// Returns the last day of a month, whose rates are used for the settlement.
    pub fn rates_day(month: Month) -> Date {
        month.next().first_day().yesterday().unwrap_or(Date::MAX)
    }
}
