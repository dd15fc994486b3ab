//! What roaming keeps of other services' facts: the little it needs to know of networks, hubs and members.
//!
//! Always true: copied from membership's events, never edited here; no name of a person is among them.

use kernel::{Currency, HubId, MemberId, NetworkId, Zone};

/// A network, as far as settlement needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownNetwork {
    /// The network.
    pub id: NetworkId,
    /// What the network's own commission is kept in.
    pub clearing_currency: Currency,
    /// The zone in which its months begin and end.
    pub zone: Zone,
    /// What the home hub keeps of its members' charges elsewhere, in basis points.
    pub home_commission_bp: u32,
    /// What the network keeps of every roaming charge, in basis points.
    pub network_commission_bp: u32,
}

/// A hub, as far as prices need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHub {
    /// The hub.
    pub id: HubId,
    /// Its network.
    pub network: NetworkId,
    /// The zone in which its billing days are cut.
    pub zone: Zone,
    /// What it charges in.
    pub currency: Currency,
}

/// A member, as far as passes need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownMember {
    /// The membership.
    pub id: MemberId,
    /// Its network.
    pub network: NetworkId,
    /// The hub it belongs to.
    pub home_hub: HubId,
    /// What their plan allows.
    pub plan: MemberPlan,
}

/// What a member's plan allows.
///
/// Always true: a plan covers its member's presence at home; without one nothing does. A roaming pass goes only with a
/// plan that includes roaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberPlan {
    /// The member joined before plans were published; nothing is held against them.
    Unknown,
    /// They took none.
    None,
    /// Presence at home.
    Home,
    /// Presence at home, and roaming.
    Roaming,
}

impl MemberPlan {
    const WORDS: [(Self, &'static str); 4] =
        [(Self::Unknown, "unknown"), (Self::None, "none"), (Self::Home, "home"), (Self::Roaming, "roaming")];

    /// Whether it forbids a roaming pass. Without a plan nothing does: what the member pays elsewhere is for the home hub,
    /// which gives the pass, to allow.
    pub fn forbids_roaming(self) -> bool {
        matches!(self, Self::Home)
    }

    /// Whether it covers presence at home.
    pub fn covers_home(self) -> bool {
        !matches!(self, Self::None)
    }

    /// The word it is stored as.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(plan, _)| *plan == self).map_or("", |(_, word)| word)
    }

    /// Reads the stored word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(plan, _)| *plan)
    }
}
