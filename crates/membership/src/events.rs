//! The events membership publishes. Add fields, never change meanings; a new meaning is a new version. Those about hubs
//! stand in [`crate::hub_events`].

use jiff::Timestamp;
use kernel::{
    CredentialId, Currency, HubId, MemberId, NetworkId, PersonId, PlanId, Published, VisitId, Zone,
};
use serde::{Deserialize, Serialize};

use crate::{Category, EndedBy, Member, Network, Plan, Source, Visit};

pub use crate::hub_events::{HubChanged, HubClosed, HubFacts, HubOnboarded};

macro_rules! events {
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

/// Who asked for an erasure: decides whether the account, which may be more than the membership, is removed too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasedBy {
    /// The member.
    Themselves,
    /// An authorised administrator of the home hub.
    #[default]
    TheirHub,
    /// The operator of the installation.
    TheInstallation,
}

impl ErasedBy {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_their_hub(&self) -> bool {
        *self == Self::TheirHub
    }
}

events! {
    /// A network was founded.
    NetworkFounded = "membership.network_founded.v1" about network_id {
        /// The network.
        network_id: NetworkId,
        /// The slug used in URLs.
        slug: String,
        /// Its name.
        name: String,
        /// The clearing currency of its hubs.
        clearing_currency: Currency,
        /// The time zone that bounds its months.
        time_zone: Zone,
        /// The home hub's share of a roaming charge, in basis points.
        home_commission_bp: u32,
        /// The network's share of a roaming charge, in basis points.
        network_commission_bp: u32,
        /// Whether this is a demonstration network; omitted if not.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        demonstration: bool,
    }
    /// A member was erased. Consumers remove the member's data, or keep it so that it leads to nobody.
    MemberErased = "membership.member_erased.v1" about member_id {
        /// The membership.
        member_id: MemberId,
        /// The person.
        person_id: PersonId,
        /// The home hub.
        home_hub_id: HubId,
        /// The time of erasure.
        erased_at: Timestamp,
        /// Who asked for the erasure; omitted if it was the home hub.
        #[serde(default, skip_serializing_if = "ErasedBy::is_their_hub")]
        erased_by: ErasedBy,
    }
    /// A person became a member. The event has no name: no consumer needs one.
    MemberJoined = "membership.member_joined.v1" about member_id {
        /// The membership.
        member_id: MemberId,
        /// The home hub.
        home_hub_id: HubId,
        /// The network.
        network_id: NetworkId,
        /// The person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person_id: Option<PersonId>,
        /// The category.
        category: Category,
        /// The start of the membership.
        joined_at: Timestamp,
        /// The plan taken; absent in events from before plans were published.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<JoinedPlan>,
    }
    /// A member's data was corrected. The event has no name and no address: no consumer needs one. A visit keeps the
    /// category under which it began.
    MemberChanged = "membership.member_changed.v1" about member_id {
        /// The membership.
        member_id: MemberId,
        /// The home hub.
        home_hub_id: HubId,
        /// The network.
        network_id: NetworkId,
        /// The person.
        person_id: PersonId,
        /// The category from now on.
        category: Category,
        /// The preferred language from now on, ISO 639-1.
        language: String,
        /// Increases with every event about the member's data.
        version: i64,
        /// The time of the correction.
        changed_at: Timestamp,
    }
    /// A membership ended, or will end. Until then it holds.
    MemberLeft = "membership.member_left.v1" about member_id {
        /// The membership.
        member_id: MemberId,
        /// The home hub.
        home_hub_id: HubId,
        /// The network.
        network_id: NetworkId,
        /// The person.
        person_id: PersonId,
        /// The end of the membership; may be in the future.
        left_at: Timestamp,
        /// Increases with every event about the member's data: `member_changed`, `member_left`, `member_returned`.
        version: i64,
    }
    /// A member who had left came back, or does not leave after all.
    MemberReturned = "membership.member_returned.v1" about member_id {
        /// The membership.
        member_id: MemberId,
        /// The home hub.
        home_hub_id: HubId,
        /// The network.
        network_id: NetworkId,
        /// The person.
        person_id: PersonId,
        /// The category.
        category: Category,
        /// The return.
        returned_at: Timestamp,
        /// Increases with every event about the member's data.
        version: i64,
    }
    /// A chip was revoked, everywhere, at once.
    CredentialRevoked = "membership.credential_revoked.v1" about credential_id {
        /// The chip.
        credential_id: CredentialId,
        /// The member it belonged to.
        member_id: MemberId,
        /// The time of revocation.
        revoked_at: Timestamp,
    }
    /// A member checked in.
    VisitStarted = "membership.visit_started.v1" about visit_id {
        /// The visit.
        visit_id: VisitId,
        /// The hub visited.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// The visitor.
        member_id: MemberId,
        /// The visitor's category at that time.
        category: Category,
        /// The source of the report.
        source: Source,
        /// The start of the visit.
        started_at: Timestamp,
        /// Increases with every event about the visit.
        revision: i64,
    }
    /// A visit ended.
    VisitEnded = "membership.visit_ended.v1" about visit_id {
        /// The visit.
        visit_id: VisitId,
        /// The hub visited.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// The visitor.
        member_id: MemberId,
        /// The visitor's category at that time.
        category: Category,
        /// The start of the visit.
        started_at: Timestamp,
        /// The end of the visit.
        ended_at: Timestamp,
        /// The evidence for the end.
        ended_by: EndedBy,
        /// Increases with every event about the visit.
        revision: i64,
    }
    /// A late touch changed a visit that was published before.
    VisitCorrected = "membership.visit_corrected.v1" about visit_id {
        /// The visit.
        visit_id: VisitId,
        /// The hub visited.
        hub_id: HubId,
        /// The visitor's home hub.
        home_hub_id: HubId,
        /// The visitor.
        member_id: MemberId,
        /// The visitor's category at that time.
        category: Category,
        /// The start of the visit.
        started_at: Timestamp,
        /// The end of the visit; null if it is still open after all.
        ended_at: Option<Timestamp>,
        /// The evidence for the end.
        ended_by: Option<EndedBy>,
        /// Whether the visit never happened: its check-in belongs to another visit.
        annulled: bool,
        /// Increases with every event about the visit.
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

/// The plan of a new member, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedPlan {
    /// The plan; null if none was taken.
    pub plan_id: Option<PlanId>,
    /// Whether the plan allows a roaming pass.
    pub roaming: bool,
}

impl MemberJoined {
    /// Makes the event of a new member and their plan.
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

impl MemberChanged {
    /// Makes the event of a corrected member.
    pub fn of(member: &Member, changed_at: Timestamp) -> Self {
        Self {
            member_id: member.id,
            home_hub_id: member.home,
            network_id: member.network,
            person_id: member.person,
            category: member.category,
            language: member.language.clone(),
            version: member.version,
            changed_at,
        }
    }
}

impl MemberLeft {
    /// Makes the event of a membership that ends.
    pub fn of(member: &Member, left_at: Timestamp) -> Self {
        Self {
            member_id: member.id,
            home_hub_id: member.home,
            network_id: member.network,
            person_id: member.person,
            left_at,
            version: member.version,
        }
    }
}

impl MemberReturned {
    /// Makes the event of a member who came back.
    pub fn of(member: &Member, returned_at: Timestamp) -> Self {
        Self {
            member_id: member.id,
            home_hub_id: member.home,
            network_id: member.network,
            person_id: member.person,
            category: member.category,
            returned_at,
            version: member.version,
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
    /// Makes the event of a visit's end; `None` while the visit is open.
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
