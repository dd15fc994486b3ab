//! Touch: one attempt to check in or out, as a device or an operator reported it.
//!
//! Always true:
//! - A touch is recorded once, however often it is sent (R2: hub, device and event id are its key), and never
//!   changed; denied ones are recorded too.
//! - An event id stands for one touch (R23): the same id with another time, chip, member or direction is a conflict;
//!   it is refused and never counted as taken.
//! - Visits are read from touches ([`crate::read_visits`]), so the order in which touches arrive does not matter.

use jiff::Timestamp;
use kernel::{HubId, TouchId};

/// The direction of a touch.
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

/// The source of a touch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A chip at a reader.
    Chip,
    /// A person at a kiosk.
    Kiosk,
    /// The hub's staff.
    Operator,
    /// A door.
    Door,
}

/// The reason for a denied touch. A stable code on the wire.
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
    /// The membership had ended.
    MembershipEnded,
    /// The hub is closed.
    HubClosed,
    /// The member was away from home without a roaming pass valid at the time.
    NoRoamingPass,
    /// The hub is full.
    HubFull,
    /// The device that reported the touch was retired before it.
    DeviceRetired,
    /// The touch is older than seven days: too late to count.
    TooLate,
    /// The reported time of the touch is in the future.
    InTheFuture,
}

/// A touch that was let through: visits are read from these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// The stable id; a visit opened by this touch has the same id.
    pub id: TouchId,
    /// The hub.
    pub hub: HubId,
    /// The time by the reporter's clock, no later than the time of receipt.
    pub at: Timestamp,
    /// The direction.
    pub direction: Direction,
    /// The source of the report.
    pub source: Source,
    /// The reporter: a device, a member of the staff or a program.
    pub reporter: String,
}
