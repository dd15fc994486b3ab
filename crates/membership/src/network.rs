//! Network: a region's association of hubs. Always true: networks never see each other; a network clears in one
//! currency and states its commissions in basis points.

use jiff::Timestamp;
use kernel::{Currency, NetworkId, Zone};

/// A region's association of hubs, run by a coordinating body.
#[derive(Debug, Clone)]
pub struct Network {
    /// The stable id.
    pub id: NetworkId,
    /// The name in addresses; unique in the whole installation.
    pub slug: String,
    /// The name for people.
    pub name: String,
    /// The currency in which hubs of different currencies meet.
    pub clearing_currency: Currency,
    /// The zone in which the network's months are cut.
    pub time_zone: Zone,
    /// What the home hub keeps of a roaming charge.
    pub home_commission_bp: u32,
    /// What the network keeps of a roaming charge.
    pub network_commission_bp: u32,
    /// Whether it is for trying things out, and not for production.
    pub demonstration: bool,
    /// When it was founded.
    pub founded_at: Timestamp,
}
