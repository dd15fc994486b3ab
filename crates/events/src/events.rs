//! The events this service publishes. Always true: a published version keeps its meaning; fields are only added. The
//! golden files freeze each version.

use jiff::Timestamp;
use kernel::{EventId, HubId, MemberId, Published, SeatId};
use serde::{Deserialize, Serialize};

use crate::{Event, Seat};

/// A hub announced an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPublished {
    /// The event.
    pub event_id: EventId,
    /// The hub that holds the event.
    pub hub_id: HubId,
    /// The start of the event.
    pub starts_at: Timestamp,
    /// The number of seats.
    pub capacity: u32,
}

/// A member got a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatConfirmed {
    /// The seat.
    pub seat_id: SeatId,
    /// The event.
    pub event_id: EventId,
    /// The hub that holds the event.
    pub hub_id: HubId,
    /// The member who holds the seat.
    pub member_id: MemberId,
}

impl Published for EventPublished {
    const TYPE: &'static str = "events.event_published.v1";
    fn subject(&self) -> String {
        self.event_id.to_string()
    }
}

impl Published for SeatConfirmed {
    const TYPE: &'static str = "events.seat_confirmed.v1";
    fn subject(&self) -> String {
        self.seat_id.to_string()
    }
}

impl From<&Event> for EventPublished {
    fn from(event: &Event) -> Self {
        Self {
            event_id: event.id,
            hub_id: event.hub_id,
            starts_at: event.starts_at,
            capacity: event.capacity,
        }
    }
}

impl From<&Seat> for SeatConfirmed {
    fn from(seat: &Seat) -> Self {
        Self { seat_id: seat.id, event_id: seat.event_id, hub_id: seat.hub_id, member_id: seat.member_id }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn assert_frozen<P: Published>(golden: &str) {
        let frozen: Value = serde_json::from_str(golden).expect("a golden file is JSON");
        let fact: P =
            serde_json::from_value(frozen.clone()).expect("today's reader accepts yesterday's events");
        let written = serde_json::to_value(&fact).expect("a fact is JSON");
        assert_eq!(written, frozen, "{} changed: add a new version instead of changing this one", P::TYPE);
    }

    #[test]
    fn the_first_version_of_event_published_is_frozen() {
        assert_frozen::<EventPublished>(include_str!("../golden/events.event_published.v1.json"));
    }

    #[test]
    fn the_first_version_of_seat_confirmed_is_frozen() {
        assert_frozen::<SeatConfirmed>(include_str!("../golden/events.seat_confirmed.v1.json"));
    }
}
