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
}
