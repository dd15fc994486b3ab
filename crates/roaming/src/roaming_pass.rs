//! Roaming pass: the right, given by the home hub, to use the other hubs of the network.
//!
//! Always true: a member has at most one pass that has not ended; an ended pass never lives again.

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId, PassId};

/// A member's right to roam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RoamingPass {
    /// The stable id.
    pub id: PassId,
    /// The network it counts in.
    pub network: NetworkId,
    /// Who may roam.
    pub member: MemberId,
    /// The hub that gave it, and that pays the hosts.
    pub home_hub: HubId,
    /// The first instant it counts.
    pub valid_from: Timestamp,
    /// The first instant it no longer counts; open if nothing.
    pub valid_until: Option<Timestamp>,
    /// The most minutes a month away from home; unlimited if nothing.
    pub monthly_ceiling_minutes: Option<u32>,
    /// When it was given.
    pub issued_at: Timestamp,
    /// When it was taken back.
    pub ended_at: Option<Timestamp>,
}

/// What a pass is good for at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "RoamingPassStatus")]
pub enum PassStatus {
    /// It does not count yet.
    Upcoming,
    /// It opens the doors.
    Active,
    /// Its time is over.
    Expired,
    /// The home hub took it back.
    Ended,
}

/// The pass was ended before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pass ended at {0} already")]
pub struct AlreadyEnded(pub Timestamp);

impl RoamingPass {
    /// What the pass is good for at an instant.
    pub fn status(&self, now: Timestamp) -> PassStatus {
        if self.ended_at.is_some() {
            PassStatus::Ended
        } else if self.valid_until.is_some_and(|until| until <= now) {
            PassStatus::Expired
        } else if now < self.valid_from {
            PassStatus::Upcoming
        } else {
            PassStatus::Active
        }
    }

    /// Takes the pass back.
    ///
    /// # Errors
    /// It was taken back before.
    pub fn end(self, now: Timestamp) -> Result<Self, AlreadyEnded> {
        match self.ended_at {
            Some(at) => Err(AlreadyEnded(at)),
            None => Ok(Self { ended_at: Some(now), ..self }),
        }
    }
}
