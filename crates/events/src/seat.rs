//! A seat: a member's confirmed place at an event. Always true: at most one for a member at an event.

use jiff::Timestamp;
use kernel::{EventId, HubId, MemberId, SeatId};

/// A confirmed place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seat {
    /// Its id; later seats have later ids.
    pub id: SeatId,
    /// The event.
    pub event_id: EventId,
    /// The hub that holds the event.
    pub hub_id: HubId,
    /// Who sits there.
    pub member_id: MemberId,
    /// Since when it is theirs.
    pub confirmed_at: Timestamp,
}
