//! The consumer: stores networks, hubs with their devices, and memberships, and forgets erased members.
//!
//! Always true: only the fields used here are parsed; an event consumed twice changes nothing; the events do not depend
//! on each other, so any order works: a member whose erasure arrives before their joining does not come back, and an
//! older version of a hub never overwrites a newer one; an absence waits for the joining. A device that its hub retired has no secret and no token.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, DeviceId, HubId, MemberId, NetworkId, PersonId, World};
use platform_bus::{HandleError, Reads, event_types};
use platform_db::Tx;
use serde::Deserialize;

use crate::{
    app::{ErasedMember, forget_person, outdate, retire_devices},
    store::copies::{self, DeviceCopy, MemberCopy},
};

/// The kinds of events that this service consumes.
pub const CONSUMES: &[&str] = &event_types(&READS);

const READS: [Reads<Batch>; 9] = [
    ("membership.network_founded.v1", Batch::network_founded),
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

/// A network exists.
#[derive(Debug, Deserialize)]
struct NetworkFounded {
    slug: Option<String>,
    #[serde(default)]
    demonstration: bool,
}

/// All events about a hub state all of it, with a version.
#[derive(Debug, Deserialize)]
struct HubFacts {
    hub_id: HubId,
    /// Older than all versions in an event from before hubs had them.
    #[serde(default)]
    version: i64,
    #[serde(default)]
    devices: Vec<InstalledDevice>,
}

/// A device that came with its hub.
#[derive(Debug, Deserialize)]
struct InstalledDevice {
    device_id: DeviceId,
    code: String,
    #[serde(default)]
    retired_at: Option<Timestamp>,
}

/// A person has become a member of a hub. Older events do not name the person; such a member cannot be invited.
#[derive(Debug, Deserialize)]
struct MemberJoined {
    member_id: MemberId,
    home_hub_id: HubId,
    person_id: Option<PersonId>,
    joined_at: Timestamp,
}

/// A member has left, will leave, or has come back.
#[derive(Debug, Deserialize)]
struct Absence {
    member_id: MemberId,
    person_id: PersonId,
    /// The end of the membership; `None` if the member has come back.
    left_at: Option<Timestamp>,
    version: i64,
}

/// Records the absence; the person's next token has the claims that are left. Of several events about a member the one
/// of the highest version counts.
async fn follow(tx: &Tx, world: &World, network: NetworkId, absence: Absence) -> Result<(), HandleError> {
    let Absence { member_id: member, person_id, left_at, version } = absence;
    if copies::save_absence(tx, network, member, left_at, version).await? {
        outdate(tx, network, person_id, world.now()).await?;
    } else if copies::find_member(tx, network, member).await?.is_none()
        && tx.erased_among(network, &[member]).await?.is_empty()
    {
        return Err(HandleError::Later("the member has not joined yet".into()));
    }
    Ok(())
}

/// A batch of events, grouped by type.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    networks: Vec<NetworkFounded>,
    hubs: Vec<HubFacts>,
    members: Vec<MemberCopy>,
    absences: Vec<Absence>,
    erased: Vec<ErasedMember>,
}

impl Batch {
    fn network_founded(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.networks.push(event.data.read()?);
        Ok(())
    }

    fn hub(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.hubs.push(event.data.read()?);
        Ok(())
    }

    fn member_joined(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.members.extend(event.data.read::<MemberJoined>()?.copy());
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
    const CONSUMER: &'static str = "identity";
    const READS: &'static [Reads<Self>] = &READS;
    const CONSUMES: &'static [&'static str] = CONSUMES;

    async fn take_in(mut self, tx: &Tx, world: &World, network: NetworkId) -> Result<(), HandleError> {
        for founded in self.networks {
            copies::keep_network(tx, network, founded.slug, founded.demonstration).await?;
        }
        for hub in self.hubs {
            let devices: Vec<DeviceCopy> = hub.devices.into_iter().map(Into::into).collect();
            if copies::keep_hub(tx, network, hub.hub_id, hub.version, &devices).await? {
                retire_devices(tx, world, network, &devices).await?;
            }
        }
        if !self.members.is_empty() || !self.absences.is_empty() || !self.erased.is_empty() {
            tx.serialize_erasures(network).await?;
        }
        let ids: Vec<MemberId> = self.members.iter().map(|member| member.member).collect();
        let gone = tx.erased_among(network, &ids).await?;
        self.members.retain(|member| !gone.contains(&member.member));
        copies::keep_members(tx, network, &self.members).await?;
        for absence in self.absences {
            follow(tx, world, network, absence).await?;
        }
        for erased in self.erased {
            forget_person(tx, world, network, erased).await?;
        }
        Ok(())
    }
}

impl From<InstalledDevice> for DeviceCopy {
    fn from(installed: InstalledDevice) -> Self {
        Self { device: installed.device_id, code: installed.code, retired_at: installed.retired_at }
    }
}

impl MemberJoined {
    fn copy(self) -> Option<MemberCopy> {
        let Self { member_id, home_hub_id, person_id, joined_at } = self;
        person_id.map(|person| MemberCopy {
            member: member_id,
            person,
            home: home_hub_id,
            joined_at,
            left_at: None,
        })
    }
}
