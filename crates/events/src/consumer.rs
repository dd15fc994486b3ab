//! The events this service consumes: the homes of hubs and members, and erasures.
//!
//! Always true: only the fields used here are read; a repeated event changes nothing; the events do not depend on
//! each other, so any order works: a member whose erasure arrives before their joining does not come back, and
//! an absence waits for the joining.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, HubId, MemberId, NetworkId, PersonId, World};
use platform_bus::{HandleError, Reads, event_types};
use platform_db::{Tx, forget_keys};
use serde::Deserialize;

use crate::store::{
    copies::{self, HubCopy, MemberCopy},
    seat_rows,
};

/// The event types that this service consumes.
pub const CONSUMES: &[&str] = &event_types(&READS);

const READS: [Reads<Batch>; 8] = [
    // Kept in the logs of installations from before hubs could change; published no more.
    ("membership.hub_onboarded.v1", Batch::hub),
    ("membership.hub_onboarded.v2", Batch::hub),
    ("membership.hub_changed.v1", Batch::hub),
    ("membership.hub_closed.v1", Batch::hub),
    ("membership.member_joined.v1", Batch::member_joined),
    ("membership.member_left.v1", Batch::absence),
    ("membership.member_returned.v1", Batch::absence),
    ("membership.member_erased.v1", Batch::member_erased),
];

/// All events about a hub state all of it, with a version.
#[derive(Debug, Deserialize)]
struct HubFacts {
    hub_id: HubId,
    /// Older than all versions in an event from before hubs had them.
    #[serde(default)]
    version: i64,
    state: Option<HubState>,
}

#[derive(Debug, Deserialize)]
struct HubState {
    is: String,
}

impl From<HubFacts> for HubCopy {
    fn from(facts: HubFacts) -> Self {
        let is_closed = facts.state.is_some_and(|state| state.is == "closed");
        Self { hub_id: facts.hub_id, version: facts.version, is_closed }
    }
}

#[derive(Debug, Deserialize)]
struct MemberJoined {
    member_id: MemberId,
    home_hub_id: HubId,
}

/// A member has left, will leave, or has come back.
#[derive(Debug, Deserialize)]
struct Absence {
    member_id: MemberId,
    /// The end of the membership; `None` if the member has come back.
    left_at: Option<Timestamp>,
    version: i64,
}

#[derive(Debug, Deserialize)]
struct MemberErased {
    member_id: MemberId,
    person_id: PersonId,
    erased_at: Timestamp,
}

/// A batch of events, grouped by type.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    hubs: Vec<HubCopy>,
    members: Vec<MemberCopy>,
    absences: Vec<Absence>,
    erased: Vec<MemberErased>,
}

impl Batch {
    fn hub(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.hubs.push(event.data.read::<HubFacts>()?.into());
        Ok(())
    }

    fn member_joined(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        let MemberJoined { member_id, home_hub_id } = event.data.read()?;
        self.members.push(MemberCopy { member_id, home_hub_id });
        Ok(())
    }

    fn absence(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.absences.push(event.data.read()?);
        Ok(())
    }

    fn member_erased(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.erased.push(event.data.read()?);
        Ok(())
    }
}

#[async_trait]
impl platform_bus::Batch for Batch {
    const CONSUMER: &'static str = "events";
    const READS: &'static [Reads<Self>] = &READS;
    const CONSUMES: &'static [&'static str] = CONSUMES;

    async fn take_in(mut self, tx: &Tx, _world: &World, network: NetworkId) -> Result<(), HandleError> {
        copies::keep_hubs(tx, network, &self.hubs).await?;
        if !self.members.is_empty() || !self.absences.is_empty() || !self.erased.is_empty() {
            tx.serialize_erasures(network).await?;
        }
        let ids: Vec<MemberId> = self.members.iter().map(|member| member.member_id).collect();
        let gone = tx.erased_among(network, &ids).await?;
        self.members.retain(|member| !gone.contains(&member.member_id));
        copies::keep_members(tx, network, &self.members).await?;
        for absence in self.absences {
            follow(tx, network, absence).await?;
        }
        for MemberErased { member_id, person_id, erased_at } in self.erased {
            // A transaction that takes a seat for the member at this moment locks them first; that seat is removed,
            // too.
            copies::claim_member(tx, network, member_id).await?;
            seat_rows::give_up(tx, network, member_id, erased_at).await?;
            copies::forget_member(tx, network, member_id).await?;
            tx.remember_erased(network, member_id).await?;
            forget_keys(tx, network, &[member_id.to_string(), person_id.to_string()]).await?;
        }
        Ok(())
    }
}

/// Records the absence, and frees the member's seats at events that begin after they left. Of several events about a
/// member the one of the highest version counts.
async fn follow(tx: &Tx, network: NetworkId, absence: Absence) -> Result<(), HandleError> {
    let Absence { member_id, left_at, version } = absence;
    // A transaction that takes a seat for the member at this moment locks them first; that seat is freed, too.
    let is_known = copies::claim_member(tx, network, member_id).await?;
    if !is_known && tx.erased_among(network, &[member_id]).await?.is_empty() {
        return Err(HandleError::Later("the member has not joined yet".into()));
    }
    if copies::save_absence(tx, network, member_id, left_at, version).await?
        && let Some(left_at) = left_at
    {
        seat_rows::free_after(tx, network, member_id, left_at).await?;
    }
    Ok(())
}
