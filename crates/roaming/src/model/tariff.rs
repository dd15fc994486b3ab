//! Tariff: one version of a hub's guest prices.
//!
//! Always true: a version is never edited; the next version is added beside it. The tariff of an instant is the one
//! that began last, and of two that began together the later version. A visit keeps the tariff valid at its start.

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
    /// The hub that charges the prices.
    pub hub: HubId,
    /// The version within the hub: 1, 2, 3 …
    pub version: u32,
    /// The start of validity.
    pub valid_from: Timestamp,
    /// The time of publication.
    pub published_at: Timestamp,
    /// The prices.
    pub terms: Terms,
}

impl Tariff {
    /// Returns the tariff valid at an instant, of all versions of one hub.
    pub fn valid_at(versions: &[Self], at: Timestamp) -> Option<&Self> {
        let begun = versions.iter().filter(|tariff| tariff.valid_from <= at);
        begun.max_by_key(|tariff| (tariff.valid_from, tariff.version))
    }
}
