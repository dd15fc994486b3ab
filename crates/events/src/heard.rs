//! What this service hears: where hubs and members belong.
//!
//! Always true: only the fields used here are read; a fact heard twice changes nothing; the two facts do not depend on
//! each other, so any order will do.

use async_trait::async_trait;
use kernel::{CloudEvent, HubId, MemberId};
use platform_bus::{HandleError, Handler};
use platform_db::{Db, Tx};
use serde::Deserialize;

use crate::store::copies::{self, MemberCopy};

const HUB_ONBOARDED: &str = "membership.hub_onboarded.v1";
const MEMBER_JOINED: &str = "membership.member_joined.v1";

/// The kinds of events this service hears.
pub const HEARS: &[&str] = &[HUB_ONBOARDED, MEMBER_JOINED];

/// A hub has joined a network.
#[derive(Debug, Deserialize)]
struct HubOnboarded {
    hub_id: HubId,
}

/// Somebody has become a member of a hub.
#[derive(Debug, Deserialize)]
struct MemberJoined {
    member_id: MemberId,
    home_hub_id: HubId,
}

/// The service's ear.
#[derive(Debug)]
pub(crate) struct Ear {
    db: Db,
}

impl Ear {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl Handler for Ear {
    fn consumer(&self) -> &'static str {
        "events"
    }

    fn hears(&self) -> &'static [&'static str] {
        HEARS
    }

    fn db(&self) -> &Db {
        &self.db
    }

    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let Some(network) = events.first().map(|event| event.networkid) else { return Ok(()) };
        let mut hubs = Vec::new();
        let mut members = Vec::new();
        for event in events {
            match event.kind.as_str() {
                HUB_ONBOARDED => hubs.push(HubOnboarded::deserialize(&event.data)?.hub_id),
                MEMBER_JOINED => {
                    let MemberJoined { member_id, home_hub_id } = MemberJoined::deserialize(&event.data)?;
                    members.push(MemberCopy { member_id, home_hub_id });
                }
                _ => {}
            }
        }
        copies::keep_hubs(tx, network, &hubs).await?;
        copies::keep_members(tx, network, &members).await?;
        Ok(())
    }
}
