//! The network as `network.toml` describes it.

use serde::Deserialize;

use crate::files::NETWORK;

/// Decisions of a coordinating body before the first hub joins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Short name, by which the onboarding files refer to it.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// ISO 4217 code of the currency in which hubs' positions are cleared.
    pub clearing_currency: String,
    /// IANA time zone of the network's months.
    pub time_zone: String,
    /// Share of a roaming charge kept by the traveller's home hub, in basis points.
    pub home_commission_bp: u32,
    /// Share of a roaming charge kept by the network, in basis points.
    pub network_commission_bp: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkFile {
    network: Network,
}

/// Reads the embedded network file.
pub fn network() -> Network {
    let file: NetworkFile = toml::from_str(NETWORK).expect("network.toml is embedded and tested");
    file.network
}
