//! Settlement: what the hubs of a network owe each other for a month, netted to one amount per hub.
//!
//! Always true:
//! - R13: all nets, the network's commission and what went through the exchange sum to zero in every currency.
//! - A hub's net is `earned - owed + commission`, each in the hub's own currency.
//! - R14: once closed it never changes.

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
    /// When it was closed.
    pub closed_at: Timestamp,
    /// What the network's commission is kept in, and what the rates are stated in.
    pub clearing_currency: Currency,
    /// The rates at which currencies met, that of the clearing currency among them; none if none were needed.
    pub rates: Vec<DatedRate>,
    /// What the network keeps, in its clearing currency; hidden from those who see one hub only.
    pub network_commission: Option<Money>,
    /// One per hub.
    pub positions: Vec<SettlementPosition>,
    /// One per home hub and host between which there were charges.
    pub gross_positions: Vec<GrossPosition>,
}

/// Where a hub stands after a month, in its own currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettlementPosition {
    /// The hub.
    pub hub: HubId,
    /// What guests' visits here cost.
    pub earned: Money,
    /// What own members' visits elsewhere cost.
    pub owed: Money,
    /// What it keeps of its members' charges elsewhere, less what it leaves to others of its earnings.
    pub commission: Money,
    /// What it receives; what it pays if negative.
    pub net: Money,
}

/// What the members of one hub owe another, in the host's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrossPosition {
    /// The visitors' home hub.
    pub home_hub: HubId,
    /// The host.
    pub host_hub: HubId,
    /// What the visits cost.
    pub gross: Money,
    /// What of it stays with the home hub.
    pub home_commission: Money,
    /// What of it goes to the network.
    pub network_commission: Money,
}

impl Settlement {
    /// The same settlement as a hub's own staff may see it: their hubs' positions and nobody else's.
    #[must_use]
    pub fn seen_from(mut self, is_own: impl Fn(HubId) -> bool) -> Self {
        self.network_commission = None;
        self.positions.retain(|position| is_own(position.hub));
        self.gross_positions.retain(|pair| is_own(pair.home_hub) || is_own(pair.host_hub));
        self
    }

    /// The last day of a month: the day whose rates it is settled by.
    pub fn rates_day(month: Month) -> Date {
        month.next().first_day().yesterday().unwrap_or(Date::MAX)
    }
}
