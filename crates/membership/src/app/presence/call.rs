//! The input and the outcome of recording touches.
//!
//! A [`Call`] is what one caller reports at one hub; each [`Reported`] touch in it gets a [`TouchOutcome`].

use std::sync::Arc;

use jiff::Timestamp;
use kernel::{AuthError, Caller, ExternalId, MemberId, OpContext};

use crate::{
    ChipNumber, DenialReason, Direction, Hub, MembershipError, Source, Visit, store::member::BearerKey,
};

const LONGEST_EVENT_ID: usize = 64;
const MOST_TOUCHES: usize = 500;

/// One reported touch.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The reporter's own id of the touch; the same id again means the same touch.
    pub event_id: String,
    /// The time by the reporter's clock; `None` means the time of receipt.
    pub at: Option<Timestamp>,
    /// The person who touched.
    pub who: Who,
    /// The direction.
    pub direction: Direction,
    /// The source of the report.
    pub source: Source,
}

/// Identifies the person of a touch.
#[derive(Debug, Clone)]
pub enum Who {
    /// The bearer of a chip.
    Chip(ChipNumber),
    /// A member, named by the staff.
    Member(MemberId),
}

/// Identifies the reporter.
#[derive(Debug, Clone)]
pub enum Reporter {
    /// The caller: a device with its own token, or a member of the staff.
    Caller,
    /// A device whose log is uploaded, by its code.
    Device(String),
}

impl Who {
    pub(crate) fn key(&self) -> BearerKey {
        match self {
            Self::Chip(number) => BearerKey::Chip(number.hash()),
            Self::Member(id) => BearerKey::Member(*id),
        }
    }
}

/// One caller's touches at one hub, authorised and waiting to be written.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub op: OpContext,
    pub hub: Arc<Hub>,
    pub reporter: Reporter,
    pub reported: Vec<Reported>,
    /// The time of receipt: no touch of the call happened later (R23).
    pub received_at: Timestamp,
    /// The trace of the request.
    pub trace: Option<String>,
}

/// The outcome of a touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TouchOutcome {
    /// The touch opened this visit.
    CheckedIn(Visit),
    /// The person was already present.
    AlreadyIn(Visit),
    /// The touch closed this visit.
    CheckedOut(Visit),
    /// There was no visit to close.
    NothingOpen,
    /// The touch was denied.
    Denied(DenialReason),
    /// The event id belongs to another touch: another time, chip, member or direction.
    Conflict,
}

impl Call {
    /// Returns the reporter key of the caller's own event ids.
    pub(crate) fn own_reporter_key(&self) -> Result<String, AuthError> {
        match self.op.caller() {
            Caller::Device { device, .. } => Ok(device.to_string()),
            Caller::Person { person, .. } => Ok(person.to_string()),
            Caller::Program { key, .. } => Ok(key.to_string()),
            Caller::System => Ok("system".into()),
            Caller::Anonymous => Err(AuthError::Unauthenticated),
        }
    }
}

/// Checks the number of touches and their event ids.
pub(crate) fn check(reported: &[Reported]) -> Result<(), MembershipError> {
    if reported.len() > MOST_TOUCHES {
        return Err(MembershipError::invalid("lines", format!("at most {MOST_TOUCHES} at once")));
    }
    reported.iter().try_for_each(|one| check_event_id(&one.event_id))
}

/// Checks that a reporter may use the event id.
pub(crate) fn check_event_id(id: &str) -> Result<(), MembershipError> {
    ExternalId::<LONGEST_EVENT_ID>::check(id).map_err(|error| MembershipError::invalid("eventId", error))
}
