//! What membership tells the other services. Add fields, never change meanings; a new meaning is a new version.

use jiff::Timestamp;
use kernel::{
    CredentialId, Currency, DeviceId, HubId, MemberId, NetworkId, PersonId, PlanId, Published, VisitId, Zone,
};
use serde::{Deserialize, Serialize};

use crate::{Category, Device, EndedBy, Hub, HubKind, Member, Network, Plan, Source, Visit};

macro_rules! published {
    ($($(#[$doc:meta])* $name:ident = $kind:literal about $subject:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        impl Published for $name {
            const TYPE: &'static str = $kind;
            fn subject(&self) -> String { self.$subject.to_string() }
        }
    )*};
}

/// Who asked for an erasure: decides whether an account, which may be more than the membership, goes with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasedBy {
    /// The person.
    Themselves,
    /// Whoever may at their home hub.
    #[default]
    TheirHub,
    /// Whoever runs the installation.
    TheInstallation,
}

impl ErasedBy {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_their_hub(&self) -> bool {
        *self == Self::TheirHub
    }
}

published! {
    /// A network exists.
    NetworkFounded = "membership.network_founded.v1" about network_id {
        /// The network.
        network_id: NetworkId,
        /// Its name in addresses.
        slug: String,
        /// Its name.
        name: String,
        /// The currency in which its hubs clear.
        clearing_currency: Currency,
        /// The zone of its months.
        time_zone: Zone,
        /// What the home hub keeps of a roaming charge, in basis points.
        home_commission_bp: u32,
        /// What the network keeps, in basis points.
        network_commission_bp: u32,
        /// Whether it is for trying things out; not told where it is not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        demonstration: bool,
    }
    /// A hub joined a network.
    HubOnboarded = "membership.hub_onboarded.v1" about hub_id {
        /// The hub.
        hub_id: HubId,
        /// Its network.
        network_id: NetworkId,
        /// Its name in addresses.
        slug: String,
        /// Its name.
        name: String,
        /// What sort of place it is.
        kind: HubKind,
        /// Its zone.
        time_zone: Zone,
        /// What it charges in.
        currency: Currency,
        /// How many people fit in.
        capacity: u32,
        /// The devices that came with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        devices: Vec<InstalledDevice>,
    }
    /// A member was erased. Whoever keeps anything of theirs removes it, or keeps it so that it leads to nobody.
    MemberErased = "membership.member_erased.v1" about member_id {
        /// The membership.
        member_id: MemberId,
        /// The person behind it.
        person_id: PersonId,
        /// The home hub.
        home_hub_id: HubId,
        /// Since when they are forgotten.
        erased_at: Timestamp,
        /// Who asked for it; not told where it is their home hub.
        #[serde(default, skip_serializing_if = "ErasedBy::is_their_hub")]
        erased_by: ErasedBy,
    }
    /// Somebody became a member. No name: nobody who hears this needs one.
    MemberJoined = "membership.member_joined.v1" about member_id {
        /// The membership.
        member_id: MemberId,
        /// The home hub.
        home_hub_id: HubId,
        /// The network.
        network_id: NetworkId,
        /// Whose membership.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person_id: Option<PersonId>,
        /// The category.
        category: Category,
        /// Since when.
        joined_at: Timestamp,
        /// What they took; not stated by events from before plans were published.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<JoinedPlan>,
    }
    /// A chip stopped working, everywhere, at once.
    CredentialRevoked = "membership.credential_revoked.v1" about credential_id {
        /// The chip.
        credential_id: CredentialId,
        /// Whose it was.
        member_id: MemberId,
        /// Since when.
        revoked_at: Timestamp,
    }
    /// Somebody checked in.
    VisitStarted = "membership.visit_started.v1" about visit_id {
        /// The visit.
        visit_id: VisitId,
        /// Where.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// Whose visit.
        member_id: MemberId,
        /// Their category at that time.
        category: Category,
        /// What reported it.
        source: Source,
        /// Since when.
        started_at: Timestamp,
        /// Grows with each telling of the visit.
        revision: i64,
    }
    /// A visit is over.
    VisitEnded = "membership.visit_ended.v1" about visit_id {
        /// The visit.
        visit_id: VisitId,
        /// Where.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// Whose visit.
        member_id: MemberId,
        /// Their category at that time.
        category: Category,
        /// From.
        started_at: Timestamp,
        /// Until.
        ended_at: Timestamp,
        /// By what evidence.
        ended_by: EndedBy,
        /// Grows with each telling of the visit.
        revision: i64,
    }
    /// A late touch changed what was told of a visit.
    VisitCorrected = "membership.visit_corrected.v1" about visit_id {
        /// The visit.
        visit_id: VisitId,
        /// Where.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// Whose visit.
        member_id: MemberId,
        /// Their category at that time.
        category: Category,
        /// From.
        started_at: Timestamp,
        /// Until; nothing when it lasts after all.
        ended_at: Option<Timestamp>,
        /// By what evidence.
        ended_by: Option<EndedBy>,
        /// Whether it never happened: its check-in belongs to another visit.
        annulled: bool,
        /// Grows with each telling of the visit.
        revision: i64,
    }
}

impl From<&Network> for NetworkFounded {
    fn from(network: &Network) -> Self {
        Self {
            network_id: network.id,
            slug: network.slug.clone(),
            name: network.name.clone(),
            clearing_currency: network.clearing_currency,
            time_zone: network.time_zone.clone(),
            home_commission_bp: network.home_commission_bp,
            network_commission_bp: network.network_commission_bp,
            demonstration: network.demonstration,
        }
    }
}

/// A device that came with its hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledDevice {
    /// The device.
    pub device_id: DeviceId,
    /// Its name in its own log.
    pub code: String,
}

impl HubOnboarded {
    /// What is told of a hub and the devices that came with it.
    pub fn of(hub: &Hub, devices: &[Device]) -> Self {
        let installed = |device: &Device| InstalledDevice { device_id: device.id, code: device.code.clone() };
        Self {
            hub_id: hub.id,
            network_id: hub.network,
            slug: hub.slug.clone(),
            name: hub.name.clone(),
            kind: hub.kind,
            time_zone: hub.time_zone.clone(),
            currency: hub.currency,
            capacity: hub.capacity,
            devices: devices.iter().map(installed).collect(),
        }
    }
}

/// The plan a member took, or that they took none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedPlan {
    /// The plan; null if they took none.
    pub plan_id: Option<PlanId>,
    /// Whether a roaming pass may go with it.
    pub roaming: bool,
}

impl MemberJoined {
    /// What is published of a new member and the plan they took.
    pub fn of(member: &Member, plan: Option<&Plan>) -> Self {
        let roaming = plan.is_some_and(|plan| plan.roaming);
        Self {
            member_id: member.id,
            home_hub_id: member.home,
            network_id: member.network,
            person_id: Some(member.person),
            category: member.category,
            joined_at: member.joined_at,
            plan: Some(JoinedPlan { plan_id: member.plan, roaming }),
        }
    }
}

impl From<&Visit> for VisitStarted {
    fn from(visit: &Visit) -> Self {
        Self {
            visit_id: visit.stay.id,
            hub_id: visit.stay.hub,
            home_hub_id: visit.home,
            member_id: visit.member,
            category: visit.category,
            source: visit.stay.source,
            started_at: visit.stay.started_at,
            revision: visit.revision,
        }
    }
}

impl VisitEnded {
    /// The telling of a visit's end; nothing while it lasts.
    pub fn of(visit: &Visit) -> Option<Self> {
        let end = visit.stay.end?;
        Some(Self {
            visit_id: visit.stay.id,
            hub_id: visit.stay.hub,
            home_hub_id: visit.home,
            member_id: visit.member,
            category: visit.category,
            started_at: visit.stay.started_at,
            ended_at: end.at,
            ended_by: end.by,
            revision: visit.revision,
        })
    }
}

impl From<&Visit> for VisitCorrected {
    fn from(visit: &Visit) -> Self {
        Self {
            visit_id: visit.stay.id,
            hub_id: visit.stay.hub,
            home_hub_id: visit.home,
            member_id: visit.member,
            category: visit.category,
            started_at: visit.stay.started_at,
            ended_at: visit.stay.end.map(|end| end.at),
            ended_by: visit.stay.end.map(|end| end.by),
            annulled: visit.annulled,
            revision: visit.revision,
        }
    }
}
