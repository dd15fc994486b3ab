//! A hub and its local time.

use jiff::civil::{Date, time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::hub::{HUBS, Hub};

/// In seconds of the local day.
const NOON: i64 = 12 * 3600;

/// A hub with its time zone.
pub(crate) struct Place {
    pub(crate) hub: &'static Hub,
    zone: TimeZone,
}

impl Place {
    /// Returns the instant of a second of the local day.
    ///
    /// It counts from local noon: clocks change at night, when every hub is closed, so opening hours contain no
    /// second that the day skips or repeats.
    pub(crate) fn at(&self, day: Date, second: i64) -> Timestamp {
        let noon = day.to_datetime(time(12, 0, 0, 0));
        let noon = self.zone.to_timestamp(noon).expect("a demo's days are within the range of instants");
        noon + SignedDuration::from_secs(second - NOON)
    }

    /// Returns the local day of an instant.
    pub(crate) fn day_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// Returns whether the clocks change within two days: a visit left open on that weekend spans the change.
    pub(crate) fn clocks_change_soon(&self, day: Date) -> bool {
        let in_two_days = day.saturating_add(2.days());
        self.zone.to_offset(self.at(day, NOON)) != self.zone.to_offset(self.at(in_two_days, NOON))
    }
}

/// Returns all hubs, in the order of `HUBS`. Zones come from the embedded data, never from the machine.
pub(crate) fn places() -> Vec<Place> {
    let zones = TimeZoneDatabase::bundled();
    let place = |hub: &'static Hub| Place { hub, zone: zones.get(hub.zone).expect("the zone is embedded") };
    HUBS.iter().map(place).collect()
}
