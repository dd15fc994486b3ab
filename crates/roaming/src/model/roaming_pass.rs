//! Roaming pass: the right, granted by the home hub, to use the other hubs of the network.
//!
//! Always true: a member has at most one pass that has not ended; an ended pass never becomes valid again.

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId, PassId};

/// A member's right to roam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RoamingPass {
    /// The stable id.
    pub id: PassId,
    /// The network in which it is valid.
    pub network: NetworkId,
    /// The member who may roam.
    pub member: MemberId,
    /// The hub that issued it and pays the hosts.
    pub home_hub: HubId,
    /// The start of validity (inclusive).
    pub valid_from: Timestamp,
    /// The end of validity (exclusive); open if `None`.
    pub valid_until: Option<Timestamp>,
    /// The maximum roaming minutes a month; unlimited if `None`.
    pub monthly_ceiling_minutes: Option<u32>,
    /// The time of issue.
    pub issued_at: Timestamp,
    /// The time at which the hub ended it.
    pub ended_at: Option<Timestamp>,
}

/// The status of a pass at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "RoamingPassStatus")]
pub enum PassStatus {
    /// The pass is not valid yet.
    Upcoming,
    /// The pass is valid.
    Active,
    /// The pass has expired.
    Expired,
    /// The home hub ended the pass.
    Ended,
}

/// The pass was ended before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pass ended at {0} already")]
pub struct AlreadyEnded(pub Timestamp);

impl RoamingPass {
    /// Returns the status at an instant.
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

    /// Ends the pass.
    ///
    /// # Errors
    /// Fails if it was ended before.
    pub fn end(self, now: Timestamp) -> Result<Self, AlreadyEnded> {
        match self.ended_at {
            Some(at) => Err(AlreadyEnded(at)),
            None => Ok(Self { ended_at: Some(now), ..self }),
        }
    }
}
