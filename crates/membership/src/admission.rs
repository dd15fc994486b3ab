//! Admission: whether a touch is let through, decided from what was true at its own time.
//!
//! Always true: the decision is pure and never waits for anybody; the host hub decides from its own copy of the
//! passes. A touch that was stored offline is judged by the time it happened, not by the time it arrived, and it happened
//! no later than it arrived (R23). Whether there is a seat is decided where seats are counted (`store/seats.rs`).

use jiff::{SignedDuration, Timestamp};
use kernel::HubId;

use crate::{DenialReason, Direction, Hub};

/// How old an offline touch may be and still count (R2).
const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How far a device's clock may run ahead.
pub(crate) const CLOCK_MAY_LEAD: SignedDuration = SignedDuration::from_mins(5);
/// A touch older than this was stored offline: its person has been inside, full or not.
const LIVE_FOR: SignedDuration = SignedDuration::from_mins(2);

/// What is known of the chip's bearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Their home hub.
    pub home: HubId,
    /// Since when they are a member.
    pub joined_at: Timestamp,
    /// Since when the chip is theirs.
    pub issued_at: Timestamp,
    /// Since when the chip does not work.
    pub revoked_at: Option<Timestamp>,
    /// Their roaming passes, as stretches `[from, until)`.
    pub passes: Vec<(Timestamp, Option<Timestamp>)>,
}

/// Decides on a touch that was reported for `at` and received at `now`. `bearer` is nothing when nobody has the chip.
///
/// # Errors
/// The reason to deny it.
pub fn admit(
    bearer: Option<&Standing>,
    hub: &Hub,
    direction: Direction,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), DenialReason> {
    let bearer = bearer.ok_or(DenialReason::UnknownCredential)?;
    if at > now + CLOCK_MAY_LEAD {
        return Err(DenialReason::InTheFuture);
    }
    if at < now - COUNTS_FOR {
        return Err(DenialReason::TooLate);
    }
    let at = happened_at(at, now);
    if direction == Direction::Out {
        // Whoever is inside may always leave.
        return Ok(());
    }
    if bearer.revoked_at.is_some_and(|revoked_at| at >= revoked_at) {
        return Err(DenialReason::RevokedCredential);
    }
    if at < bearer.joined_at {
        return Err(DenialReason::NotYetMember);
    }
    if !hub.opening_hours.is_open_at(at) {
        return Err(DenialReason::HubClosed);
    }
    let may_roam =
        || bearer.passes.iter().any(|(from, until)| *from <= at && until.is_none_or(|until| at < until));
    if bearer.home != hub.id && !may_roam() {
        return Err(DenialReason::NoRoamingPass);
    }
    Ok(())
}

/// When a touch happened that was reported for `at`: no later than it was received (R23), in the microseconds that are
/// stored. A reader whose clock runs ahead reports an instant that has not come yet.
pub fn happened_at(at: Timestamp, received_at: Timestamp) -> Timestamp {
    to_micros(at.min(received_at))
}

/// An instant as it is stored.
pub(crate) fn to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// Whether a touch is decided while its person stands at the door: only then can a full hub refuse them.
pub fn is_live(at: Timestamp, received_at: Timestamp) -> bool {
    at > received_at - LIVE_FOR
}

/// Whether a device's clock runs ahead of ours: such a touch counts, and is flagged.
pub fn is_skewed(at: Timestamp, now: Timestamp) -> bool {
    at > now
}
