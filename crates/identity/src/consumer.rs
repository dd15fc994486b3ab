//! The consumer: stores networks, hubs with their devices, and memberships, and forgets erased members.
//!
//! Always true: only the fields used here are parsed; an event consumed twice changes nothing; the events do not depend
//! on each other, so any order works: a member whose erasure arrives before their joining does not come back.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, DeviceId, HubId, MemberId, PersonId, World};
use platform_bus::{HandleError, Handler};
use platform_db::{Db, Tx};
use serde::Deserialize;

use crate::{
    app::{ErasedMember, forget_person},
    store::copies::{self, DeviceCopy, MemberCopy},
};

const NETWORK_FOUNDED: &str = "membership.network_founded.v1";
const HUB_ONBOARDED: &str = "membership.hub_onboarded.v1";
const MEMBER_JOINED: &str = "membership.member_joined.v1";
const MEMBER_ERASED: &str = "membership.member_erased.v1";

/// The kinds of events that this service consumes.
pub const CONSUMES: &[&str] = &[NETWORK_FOUNDED, HUB_ONBOARDED, MEMBER_JOINED, MEMBER_ERASED];

/// A network exists.
#[derive(Debug, Deserialize)]
struct NetworkFounded {
    slug: Option<String>,
    #[serde(default)]
    demonstration: bool,
}

/// A hub has joined a network.
#[derive(Debug, Deserialize)]
struct HubOnboarded {
    hub_id: HubId,
    #[serde(default)]
    devices: Vec<InstalledDevice>,
}

/// A device that came with its hub.
#[derive(Debug, Deserialize)]
struct InstalledDevice {
    device_id: DeviceId,
    code: String,
}

/// A person has become a member of a hub. Older events do not name the person; such a member cannot be invited.
#[derive(Debug, Deserialize)]
struct MemberJoined {
    member_id: MemberId,
    home_hub_id: HubId,
    person_id: Option<PersonId>,
    joined_at: Timestamp,
}

/// The service's consumer.
#[derive(Debug)]
pub(crate) struct Consumer {
    db: Db,
    world: World,
}

impl Consumer {
    pub(crate) fn new(db: Db, world: World) -> Self {
        Self { db, world }
    }
}

#[async_trait]
impl Handler for Consumer {
    fn consumer(&self) -> &'static str {
        "identity"
    }

    fn consumes(&self) -> &'static [&'static str] {
        CONSUMES
    }

    fn db(&self) -> &Db {
        &self.db
    }

    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let Some(network) = events.first().map(|event| event.networkid) else { return Ok(()) };
        let (mut members, mut erased) = (Vec::new(), Vec::new());
        for event in events {
            match event.kind.as_str() {
                NETWORK_FOUNDED => {
                    let founded = event.data.read::<NetworkFounded>()?;
                    copies::keep_network(tx, network, founded.slug, founded.demonstration).await?;
                }
                HUB_ONBOARDED => {
                    let hub = event.data.read::<HubOnboarded>()?;
                    let devices: Vec<DeviceCopy> = hub.devices.into_iter().map(Into::into).collect();
                    copies::keep_hub(tx, network, hub.hub_id, &devices).await?;
                }
                MEMBER_JOINED => members.extend(event.data.read::<MemberJoined>()?.copy()),
                MEMBER_ERASED => erased.push(event.data.read::<ErasedMember>()?),
                _ => {}
            }
        }
        if !members.is_empty() || !erased.is_empty() {
            tx.serialize_erasures(network).await?;
        }
        let ids: Vec<MemberId> = members.iter().map(|member| member.member).collect();
        let gone = tx.erased_among(network, &ids).await?;
        members.retain(|member| !gone.contains(&member.member));
        copies::keep_members(tx, network, &members).await?;
        for erased in erased {
            forget_person(tx, &self.world, network, erased).await?;
        }
        Ok(())
    }
}

impl From<InstalledDevice> for DeviceCopy {
    fn from(installed: InstalledDevice) -> Self {
        Self { device: installed.device_id, code: installed.code }
    }
}

impl MemberJoined {
    fn copy(self) -> Option<MemberCopy> {
        let Self { member_id, home_hub_id, person_id, joined_at } = self;
        person_id.map(|person| MemberCopy { member: member_id, person, home: home_hub_id, joined_at })
    }
}
