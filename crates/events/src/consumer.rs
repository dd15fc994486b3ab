//! The events this service consumes: the homes of hubs and members, and erasures.
//!
//! Always true: only the fields used here are read; a repeated event changes nothing; the events do not depend on
//! each other, so any order works: a member whose erasure arrives before their joining does not come back.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, HubId, MemberId, PersonId};
use platform_bus::{HandleError, Handler};
use platform_db::{Db, Tx, forget_keys};
use serde::Deserialize;

use crate::store::{
    copies::{self, MemberCopy},
    seat_rows,
};

const HUB_ONBOARDED: &str = "membership.hub_onboarded.v1";
const MEMBER_JOINED: &str = "membership.member_joined.v1";
const MEMBER_ERASED: &str = "membership.member_erased.v1";

/// The event types that this service consumes.
pub const CONSUMES: &[&str] = &[HUB_ONBOARDED, MEMBER_JOINED, MEMBER_ERASED];

#[derive(Debug, Deserialize)]
struct HubOnboarded {
    hub_id: HubId,
}

#[derive(Debug, Deserialize)]
struct MemberJoined {
    member_id: MemberId,
    home_hub_id: HubId,
}

#[derive(Debug, Deserialize)]
struct MemberErased {
    member_id: MemberId,
    person_id: PersonId,
    erased_at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Consumer {
    db: Db,
}

impl Consumer {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl Handler for Consumer {
    fn consumer(&self) -> &'static str {
        "events"
    }

    fn consumes(&self) -> &'static [&'static str] {
        CONSUMES
    }

    fn db(&self) -> &Db {
        &self.db
    }

    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let Some(network) = events.first().map(|event| event.networkid) else { return Ok(()) };
        let mut hubs = Vec::new();
        let mut members = Vec::new();
        let mut erased = Vec::new();
        for event in events {
            match event.kind.as_str() {
                HUB_ONBOARDED => hubs.push(event.data.read::<HubOnboarded>()?.hub_id),
                MEMBER_JOINED => {
                    let MemberJoined { member_id, home_hub_id } = event.data.read::<MemberJoined>()?;
                    members.push(MemberCopy { member_id, home_hub_id });
                }
                MEMBER_ERASED => erased.push(event.data.read::<MemberErased>()?),
                _ => {}
            }
        }
        copies::keep_hubs(tx, network, &hubs).await?;
        if !members.is_empty() || !erased.is_empty() {
            tx.serialize_erasures(network).await?;
        }
        let ids: Vec<MemberId> = members.iter().map(|member| member.member_id).collect();
        let gone = tx.erased_among(network, &ids).await?;
        members.retain(|member| !gone.contains(&member.member_id));
        copies::keep_members(tx, network, &members).await?;
        for MemberErased { member_id, person_id, erased_at } in erased {
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
