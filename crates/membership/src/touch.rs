//! Touch: one attempt to check in or out, as a device or an operator reported it.
//!
//! Always true:
//! - A touch is recorded once, however often it is sent (R2: hub, device and event id are its key), and never changed;
//!   denied ones are recorded too.
//! - An event id stands for one touch (R23): the same id with another time, chip, member or direction is a conflict, and
//!   is refused, never counted as taken.
//! - Visits are read from touches ([`crate::read_visits`]), so the order in which touches reach us does not matter.

use jiff::Timestamp;
use kernel::{HubId, TouchId};

/// Which way somebody went.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A check-in.
    In,
    /// A check-out.
    Out,
}

/// What reported a touch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A chip on a reader.
    Chip,
    /// A person at a kiosk.
    Kiosk,
    /// The hub's staff.
    Operator,
    /// A door.
    Door,
}

/// Why somebody was not let in. A stable code on the wire.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DenialReason {
    /// No member of the network has this chip.
    UnknownCredential,
    /// The chip was revoked before the touch.
    RevokedCredential,
    /// The membership had not begun.
    NotYetMember,
    /// The hub was closed.
    HubClosed,
    /// Away from home without a roaming pass valid at the time.
    NoRoamingPass,
    /// Every place is taken.
    HubFull,
    /// The touch is older than seven days: too late to count.
    TooLate,
    /// The touch claims to come from the future.
    InTheFuture,
}

/// A touch that was let through: what visits are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// The stable id; a visit opened by this touch bears it too.
    pub id: TouchId,
    /// Where.
    pub hub: HubId,
    /// When: by the reporter's clock, and no later than it was received.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// What reported it.
    pub source: Source,
    /// Who reported it: a device, a person of the staff, a program.
    pub reporter: String,
}
