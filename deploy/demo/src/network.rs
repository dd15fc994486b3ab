//! The network as `network.toml` states it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::files::NETWORK;

/// What a coordinating body decides before the first hub joins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Short name, as the onboarding files refer to it.
    pub slug: String,
    /// Name by language: en, cs, pl, uk.
    pub name: BTreeMap<String, String>,
    /// ISO 4217 code of the currency in which hubs' positions meet.
    pub clearing_currency: String,
    /// Share of a roaming charge kept by the traveller's home hub.
    pub home_commission_basis_points: u32,
    /// Share of a roaming charge kept by the network.
    pub network_commission_basis_points: u32,
}

/// Reads the embedded network file.
pub fn network() -> Network {
    toml::from_str(NETWORK).expect("network.toml is embedded and tested")
}
