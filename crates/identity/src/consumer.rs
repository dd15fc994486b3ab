//! The consumer: stores networks, hubs with their devices, and memberships, and forgets erased members.
//!
//! Always true: only the fields used here are parsed; an event consumed twice changes nothing; the events do not depend
//! on each other, so any order works: a member whose erasure arrives before their joining does not come back.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, DeviceId, HubId, MemberId, NetworkId, PersonId, World};
use platform_bus::{HandleError, Reads, event_types};
use platform_db::Tx;
use serde::Deserialize;

use crate::{
    app::{ErasedMember, forget_person},
    store::copies::{self, DeviceCopy, MemberCopy},
};

/// The kinds of events that this service consumes.
pub const CONSUMES: &[&str] = &event_types(&READS);

const READS: [Reads<Batch>; 4] = [
    ("membership.network_founded.v1", Batch::network_founded),
    ("membership.hub_onboarded.v1", Batch::hub_onboarded),
    ("membership.member_joined.v1", Batch::member_joined),
    ("membership.member_erased.v1", Batch::member_erased),
];

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

/// A batch of events, grouped by type.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    networks: Vec<NetworkFounded>,
    hubs: Vec<HubOnboarded>,
    members: Vec<MemberCopy>,
    erased: Vec<ErasedMember>,
}

impl Batch {
    fn network_founded(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.networks.push(event.data.read()?);
        Ok(())
    }

    fn hub_onboarded(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.hubs.push(event.data.read()?);
        Ok(())
    }

    fn member_joined(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.members.extend(event.data.read::<MemberJoined>()?.copy());
        Ok(())
    }

    fn member_erased(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.erased.push(event.data.read()?);
        Ok(())
    }
}

#[async_trait]
impl platform_bus::Batch for Batch {
    const CONSUMER: &'static str = "identity";
    const READS: &'static [Reads<Self>] = &READS;
    const CONSUMES: &'static [&'static str] = CONSUMES;

    async fn take_in(mut self, tx: &Tx, world: &World, network: NetworkId) -> Result<(), HandleError> {
        for founded in self.networks {
            copies::keep_network(tx, network, founded.slug, founded.demonstration).await?;
        }
        for hub in self.hubs {
            let devices: Vec<DeviceCopy> = hub.devices.into_iter().map(Into::into).collect();
            copies::keep_hub(tx, network, hub.hub_id, &devices).await?;
        }
        if !self.members.is_empty() || !self.erased.is_empty() {
            tx.serialize_erasures(network).await?;
        }
        let ids: Vec<MemberId> = self.members.iter().map(|member| member.member).collect();
        let gone = tx.erased_among(network, &ids).await?;
        self.members.retain(|member| !gone.contains(&member.member));
        copies::keep_members(tx, network, &self.members).await?;
        for erased in self.erased {
            forget_person(tx, world, network, erased).await?;
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
