//! Network: a region's association of hubs. Always true: networks never see each other; a network clears in one
//! currency and states its commissions in basis points.

use jiff::Timestamp;
use kernel::{Currency, NetworkId, Zone};

/// A region's association of hubs, run by a coordinating body.
#[derive(Debug, Clone)]
pub struct Network {
    /// The stable id.
    pub id: NetworkId,
    /// The slug used in URLs; unique in the whole installation.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The currency in which hubs of different currencies clear.
    pub clearing_currency: Currency,
    /// The time zone that bounds the network's months.
    pub time_zone: Zone,
    /// The home hub's share of a roaming charge.
    pub home_commission_bp: u32,
    /// The network's share of a roaming charge.
    pub network_commission_bp: u32,
    /// Whether this is a demonstration network, not for production.
    pub demonstration: bool,
    /// The time of founding.
    pub founded_at: Timestamp,
}
