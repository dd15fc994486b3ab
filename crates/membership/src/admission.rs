//! Admission: decides whether a touch is let through, from the facts at the time of the touch.
//!
//! Always true: the decision is pure and waits for nothing; the host hub uses its own copy of the passes. A touch
//! that was stored offline is judged by the time it happened, not by the time it arrived, and it happened no later
//! than it arrived (R23). Free seats are checked where seats are counted (`store/seats.rs`).

use jiff::{SignedDuration, Timestamp};
use kernel::HubId;

use crate::{Absence, DenialReason, Direction, Hub};

/// The maximum age of an offline touch that still counts (R2).
const COUNTS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The tolerance for a device clock that runs ahead.
pub(crate) const CLOCK_MAY_LEAD: SignedDuration = SignedDuration::from_mins(5);
/// A touch older than this was stored offline: its person has been inside, even if the hub was full.
const LIVE_FOR: SignedDuration = SignedDuration::from_mins(2);

/// The facts about the bearer of a chip that admission needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Their home hub.
    pub home: HubId,
    /// The start of the membership.
    pub joined_at: Timestamp,
    /// The time during which the membership does not hold, if it ended.
    pub absence: Option<Absence>,
    /// The time from which the chip belongs to them.
    pub issued_at: Timestamp,
    /// The time of revocation; `None` while the chip works.
    pub revoked_at: Option<Timestamp>,
    /// Their roaming passes, as intervals `[from, until)`.
    pub passes: Vec<(Timestamp, Option<Timestamp>)>,
}

/// Decides on a touch that was reported for `at` and received at `now`. `bearer` is `None` if nobody has the chip.
///
/// # Errors
/// Returns the reason for denial.
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
        // A person who is inside may always leave.
        return Ok(());
    }
    if bearer.revoked_at.is_some_and(|revoked_at| at >= revoked_at) {
        return Err(DenialReason::RevokedCredential);
    }
    if at < bearer.joined_at {
        return Err(DenialReason::NotYetMember);
    }
    if bearer.absence.is_some_and(|absence| absence.covers(at)) {
        return Err(DenialReason::MembershipEnded);
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

/// Returns the time of a touch that was reported for `at`: no later than it was received (R23), in the stored
/// precision of microseconds. A reader whose clock runs ahead reports an instant in the future.
pub fn happened_at(at: Timestamp, received_at: Timestamp) -> Timestamp {
    to_micros(at.min(received_at))
}

/// Rounds an instant to the stored precision.
pub(crate) fn to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// Returns whether the person is still at the door when the touch is decided: only then can a full hub refuse them.
pub fn is_live(at: Timestamp, received_at: Timestamp) -> bool {
    at > received_at - LIVE_FOR
}

/// Returns whether a device's clock runs ahead of the server's: such a touch counts and is flagged.
pub fn is_skewed(at: Timestamp, now: Timestamp) -> bool {
    at > now
}
