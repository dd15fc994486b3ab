//! Finds hubs: near a point, in a town, open now, with free seats, with what somebody needs to get in. Public.
//!
//! Always true: drafts are not found. A search reads the hubs from this process's memory: at most two seconds old, and at
//! once what this process changed; it asks the database for no more than the versions of the hubs.

use std::sync::Arc;

use kernel::{HubId, NetworkId, OpContext, Page, PageRequest, Position};
use platform_db::Reach;
use rust_decimal::prelude::ToPrimitive as _;

use crate::{Accessibility, Hub, HubKind, HubState, Membership, MembershipError, app::line, store};

/// Metres from the centre of the earth to its surface, on average (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// The farthest that a search looks.
const FARTHEST_KM: u32 = 20_000;

/// What to search for; everything that is given must be so.
#[derive(Debug, Clone, Default)]
pub struct HubSearch {
    /// Only hubs of this network.
    pub network: Option<NetworkId>,
    /// Near this point, nearest first, and no farther than so many kilometres.
    pub near: Option<(Position, Option<u32>)>,
    /// In this town, or at this postal code.
    pub place: Option<String>,
    /// Of this kind.
    pub kind: Option<HubKind>,
    /// Open now.
    pub open_now: bool,
    /// With at least so many free seats.
    pub min_free_seats: Option<u32>,
    /// With all of these facts.
    pub accessibility: Accessibility,
}

/// A hub that was found.
#[derive(Debug, Clone)]
pub struct FoundHub {
    /// The hub.
    pub hub: Arc<Hub>,
    /// How far it is from the point of the search.
    pub distance_m: Option<u64>,
}

impl FoundHub {
    /// The place of the hub in the list: its distance, if it is ordered by that, and its slug.
    pub fn cursor(&self) -> String {
        format!("{}:{}", self.distance_m.unwrap_or_default(), self.hub.slug)
    }
}

impl Membership {
    /// Finds hubs, nearest first if near a point, else in order of their slugs. Returns a page and the number of all.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` for a point or a distance that is none, or for a cursor of another list.
    pub async fn find_hubs(
        &self,
        op: &OpContext,
        search: &HubSearch,
        page: &PageRequest,
    ) -> Result<(Page<FoundHub>, i64), MembershipError> {
        let network = search.network.or_else(|| op.network());
        let place = search.place.as_deref().map(|place| line("place", place)).transpose()?;
        let place = place.map(|place| place.to_lowercase());
        if let Some((point, within)) = search.near {
            crate::app::onboard_hub::check_position(point)?;
            if within.is_some_and(|km| !(1..=FARTHEST_KM).contains(&km)) {
                return Err(MembershipError::invalid(
                    "near.withinKm",
                    format!("1 to {FARTHEST_KM} kilometres"),
                ));
            }
        }
        let cursor = page.read_cursor(read_cursor)?;
        let now = op.now();
        let directory = self.directory(network).await?;
        let mut found: Vec<FoundHub> = directory
            .iter()
            .filter(|hub| search.meets(hub, place.as_deref()))
            .filter(|hub| {
                !search.open_now || hub.state_at(now) == HubState::Live && hub.opening_hours.is_open_at(now)
            })
            .filter_map(|hub| search.measure(hub))
            .filter(|found| self.has_free_seats(&found.hub, search.min_free_seats))
            .collect();
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        let key = |found: &FoundHub| (found.distance_m.unwrap_or_default(), found.hub.slug.clone());
        found.sort_by_cached_key(key);
        if page.is_backward() {
            found.reverse();
        }
        if let Some(cursor) = cursor {
            let is_beyond = |it: &FoundHub| {
                if page.is_backward() { key(it) < cursor } else { key(it) > cursor }
            };
            found.retain(is_beyond);
        }
        found.truncate(usize::try_from(page.fetch()).unwrap_or(usize::MAX));
        Ok((page.page(found), count))
    }

    fn has_free_seats(&self, hub: &Hub, wanted: Option<u32>) -> bool {
        let Some(wanted) = wanted else { return true };
        let present = self.live.present(hub.id).unwrap_or_default();
        hub.capacity.saturating_sub(present) >= wanted
    }

    /// Returns the hubs of the directory, of a network or of all. Of those that are unchanged, nothing is read again.
    async fn directory(&self, network: Option<NetworkId>) -> Result<Arc<Vec<Arc<Hub>>>, MembershipError> {
        if let Some(known) = self.directories.get(&network).await {
            return Ok(known);
        }
        let tx = self.db.read(Reach::Directory).await?;
        let listed = store::hub_change::directory(&tx, network).await?;
        let mut changed: Vec<HubId> = Vec::new();
        for (hub, version) in &listed {
            if self.described.get(hub).is_none_or(|known| known.version != *version) {
                changed.push(*hub);
            }
        }
        for some in changed.chunks(500) {
            for hub in store::hub::find(&tx, some).await? {
                self.described.insert(hub.id, Arc::new(hub));
            }
        }
        let hubs: Vec<Arc<Hub>> = listed.iter().filter_map(|(hub, _)| self.described.get(hub)).collect();
        let hubs = Arc::new(hubs);
        self.directories.insert(network, Arc::clone(&hubs)).await;
        Ok(hubs)
    }
}

impl HubSearch {
    /// Returns whether nothing is searched for.
    pub fn is_everything(&self) -> bool {
        self.near.is_none()
            && self.place.is_none()
            && self.kind.is_none()
            && !self.open_now
            && self.min_free_seats.is_none()
            && self.accessibility == Accessibility::default()
    }

    fn meets(&self, hub: &Hub, place: Option<&str>) -> bool {
        let is_there = |place: &str| {
            hub.address.city.to_lowercase().contains(place) || hub.address.postal_code.to_lowercase() == place
        };
        self.kind.is_none_or(|kind| hub.kind == kind)
            && hub.details.accessibility.has(self.accessibility)
            && place.is_none_or(is_there)
    }

    /// Measures the distance to a hub; nothing if it is too far.
    fn measure(&self, hub: &Arc<Hub>) -> Option<FoundHub> {
        let Some((point, within)) = self.near else {
            return Some(FoundHub { hub: Arc::clone(hub), distance_m: None });
        };
        let distance = distance_m(point, hub.position);
        let is_near = within.is_none_or(|km| distance <= u64::from(km) * 1_000);
        is_near.then(|| FoundHub { hub: Arc::clone(hub), distance_m: Some(distance) })
    }
}

fn read_cursor(text: &str) -> Result<(u64, String), std::num::ParseIntError> {
    let (distance, slug) = text.split_once(':').unwrap_or((text, ""));
    Ok((distance.parse()?, slug.to_owned()))
}

/// The metres between two points along the surface of the earth, as a sphere: within half a percent (haversine formula).
#[expect(clippy::float_arithmetic, reason = "sines of angles; a distance is neither money nor time")]
pub fn distance_m(from: Position, to: Position) -> u64 {
    let radians = |degrees: rust_decimal::Decimal| degrees.to_f64().unwrap_or_default().to_radians();
    let (from_north, to_north) = (radians(from.latitude), radians(to.latitude));
    let half_north = (to_north - from_north) / 2.0;
    let half_east = (radians(to.longitude) - radians(from.longitude)) / 2.0;
    let square = half_north.sin().powi(2) + from_north.cos() * to_north.cos() * half_east.sin().powi(2);
    let metres = 2.0 * EARTH_RADIUS_M * square.sqrt().min(1.0).asin();
    metres.round().to_u64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: &str, longitude: &str) -> Position {
        let degrees = |text: &str| text.parse().expect("degrees");
        Position { latitude: degrees(latitude), longitude: degrees(longitude) }
    }

    /// The distances are those of a geodesic on the ellipsoid, within half a percent.
    #[test]
    fn a_distance_is_right_within_half_a_percent_also_across_the_date_line() {
        let (prague, warsaw) = (at("50.0755", "14.4378"), at("52.2297", "21.0122"));
        assert!((514_000..520_000).contains(&distance_m(prague, warsaw)), "{}", distance_m(prague, warsaw));
        assert_eq!(distance_m(prague, prague), 0);
        let (west, east) = (at("0", "179.5"), at("0", "-179.5"));
        assert!((110_600..112_000).contains(&distance_m(west, east)), "{}", distance_m(west, east));
        assert!((20_000_000..20_040_000).contains(&distance_m(at("90", "0"), at("-90", "0"))));
    }
}
