//! Copies of other services' facts: what roaming needs to know of networks, hubs and members.
//!
//! Always true: copied from membership's events, never edited here; no person's name is among them.

use kernel::{Currency, HubId, MemberId, NetworkId, Zone};

/// A network, as far as settlement needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownNetwork {
    /// The network.
    pub id: NetworkId,
    /// The currency of the network's commission.
    pub clearing_currency: Currency,
    /// The time zone that bounds its months.
    pub zone: Zone,
    /// The home hub's share of its members' charges elsewhere, in basis points.
    pub home_commission_bp: u32,
    /// The network's share of every roaming charge, in basis points.
    pub network_commission_bp: u32,
}

/// A hub, as far as prices need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHub {
    /// The hub.
    pub id: HubId,
    /// Its network.
    pub network: NetworkId,
    /// The time zone that bounds its billing days.
    pub zone: Zone,
    /// The currency the hub charges in.
    pub currency: Currency,
}

/// A member, as far as passes need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownMember {
    /// The membership.
    pub id: MemberId,
    /// Its network.
    pub network: NetworkId,
    /// The home hub.
    pub home_hub: HubId,
    /// What the member's plan allows.
    pub plan: MemberPlan,
}

/// What a member's plan allows.
///
/// Always true: a plan covers its member's presence at home; without a plan nothing covers it. A roaming pass goes
/// only with a plan that includes roaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberPlan {
    /// The member joined before plans were published; nothing is refused because of that.
    Unknown,
    /// The member has no plan.
    None,
    /// Presence at home.
    Home,
    /// Presence at home, and roaming.
    Roaming,
}

kernel::stored_words!(MemberPlan { Unknown = "unknown", None = "none", Home = "home", Roaming = "roaming" });

impl MemberPlan {
    /// Returns whether the plan forbids a roaming pass. Without a plan nothing forbids it: the home hub, which issues
    /// the pass, decides what the member pays elsewhere.
    pub fn forbids_roaming(self) -> bool {
        matches!(self, Self::Home)
    }

    /// Returns whether the plan covers presence at home.
    pub fn covers_home(self) -> bool {
        !matches!(self, Self::None)
    }
}
