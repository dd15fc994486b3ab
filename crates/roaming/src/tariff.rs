//! Tariff: one version of what a hub asks of guests.
//!
//! Always true: a version is never edited, the next one stands beside it; the tariff of an instant is the one that
//! began last, and of two that began together the later version; a visit keeps the tariff of its start.

use jiff::Timestamp;
use kernel::{HubId, NetworkId, TariffId};

use crate::Terms;

/// One version of a hub's guest prices.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tariff {
    /// The stable id of this version.
    pub id: TariffId,
    /// The hub's network.
    pub network: NetworkId,
    /// The hub that asks the price.
    pub hub: HubId,
    /// 1, 2, 3 … within the hub.
    pub version: u32,
    /// From when on it counts.
    pub valid_from: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
    /// What it asks.
    pub terms: Terms,
}

impl Tariff {
    /// The tariff that counts at an instant, of all versions of one hub.
    pub fn valid_at(versions: &[Self], at: Timestamp) -> Option<&Self> {
        let begun = versions.iter().filter(|tariff| tariff.valid_from <= at);
        begun.max_by_key(|tariff| (tariff.valid_from, tariff.version))
    }
}
