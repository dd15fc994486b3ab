//! A seat: a member's confirmed place at an event. Always true: a member has at most one at an event.

use jiff::Timestamp;
use kernel::{EventId, HubId, MemberId, SeatId};

/// A confirmed place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seat {
    /// The stable id; later seats have later ids.
    pub id: SeatId,
    /// The event.
    pub event_id: EventId,
    /// The hub that holds the event.
    pub hub_id: HubId,
    /// The member who holds the seat.
    pub member_id: MemberId,
    /// The time of confirmation.
    pub confirmed_at: Timestamp,
}
