//! The events roaming consumes: membership's facts, as little of each as it needs.
//!
//! Always true: events may arrive in any order. A visit whose hubs or member are not known yet waits; an event older
//! than the last one of its visit changes nothing.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, Currency, HubId, MemberId, NetworkId, PlanId, VisitId, World, Zone};
use platform_bus::{HandleError, Reads, event_types};
use platform_db::Tx;
use serde::Deserialize;

use crate::{
    Category, KnownHub, KnownMember, KnownNetwork, MemberPlan, Outcome, VisitEvent,
    app::{Absence, ErasedMember, follow_absence, forget_member, post_charges},
    store,
};

/// The event types that roaming consumes.
pub const CONSUMES: &[&str] = &event_types(&READS);

const READS: [Reads<Batch>; 11] = [
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
    ("membership.visit_ended.v1", Batch::visit),
    ("membership.visit_corrected.v1", Batch::visit),
];

/// A batch of events, grouped by type.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    networks: Vec<KnownNetwork>,
    hubs: Vec<KnownHub>,
    members: Vec<KnownMember>,
    visits: Vec<VisitEvent>,
    absences: Vec<Absence>,
    erased: Vec<ErasedMember>,
}

impl Batch {
    fn network_founded(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.networks.push(event.data.read::<NetworkFounded>()?.into());
        Ok(())
    }

    fn hub(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.hubs.push(event.data.read::<HubFacts>()?.into());
        Ok(())
    }

    fn member_joined(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.members.push(event.data.read::<MemberJoined>()?.into());
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

    fn visit(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.visits.push(event.data.read::<VisitPayload>()?.into());
        Ok(())
    }
}

#[async_trait]
impl platform_bus::Batch for Batch {
    const CONSUMER: &'static str = "roaming";
    const READS: &'static [Reads<Self>] = &READS;
    const CONSUMES: &'static [&'static str] = CONSUMES;

    async fn take_in(self, tx: &Tx, world: &World, network: NetworkId) -> Result<(), HandleError> {
        store::facts::save_networks(tx, &self.networks).await?;
        store::facts::save_hubs(tx, &self.hubs).await?;
        store::facts::save_members(tx, &self.members).await?;
        post_charges(tx, world, network, &self.visits).await?;
        for absence in &self.absences {
            follow_absence(tx, world, network, absence).await?;
        }
        for erased in &self.erased {
            forget_member(tx, world, network, erased).await?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct NetworkFounded {
    network_id: NetworkId,
    clearing_currency: Currency,
    time_zone: Zone,
    home_commission_bp: u32,
    network_commission_bp: u32,
}

/// All events about a hub state its zone and currency, which never change: the first to arrive decides.
#[derive(Deserialize)]
struct HubFacts {
    hub_id: HubId,
    network_id: NetworkId,
    time_zone: Zone,
    currency: Currency,
}

#[derive(Deserialize)]
struct MemberJoined {
    member_id: MemberId,
    home_hub_id: HubId,
    network_id: NetworkId,
    plan: Option<JoinedPlan>,
}

#[derive(Deserialize)]
struct JoinedPlan {
    plan_id: Option<PlanId>,
    roaming: bool,
}

/// A visit event: ended or corrected. A corrected visit may have no end, or may be annulled.
#[derive(Deserialize)]
struct VisitPayload {
    visit_id: VisitId,
    hub_id: HubId,
    home_hub_id: HubId,
    member_id: MemberId,
    category: Category,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    #[serde(default)]
    annulled: bool,
    revision: i64,
}

impl From<NetworkFounded> for KnownNetwork {
    fn from(fact: NetworkFounded) -> Self {
        Self {
            id: fact.network_id,
            clearing_currency: fact.clearing_currency,
            zone: fact.time_zone,
            home_commission_bp: fact.home_commission_bp,
            network_commission_bp: fact.network_commission_bp,
        }
    }
}

impl From<HubFacts> for KnownHub {
    fn from(fact: HubFacts) -> Self {
        Self { id: fact.hub_id, network: fact.network_id, zone: fact.time_zone, currency: fact.currency }
    }
}

impl From<MemberJoined> for KnownMember {
    fn from(fact: MemberJoined) -> Self {
        let plan = fact.plan.map_or(MemberPlan::Unknown, MemberPlan::from);
        Self { id: fact.member_id, network: fact.network_id, home_hub: fact.home_hub_id, plan }
    }
}

impl From<JoinedPlan> for MemberPlan {
    fn from(joined: JoinedPlan) -> Self {
        match joined {
            JoinedPlan { plan_id: None, .. } => Self::None,
            JoinedPlan { roaming: true, .. } => Self::Roaming,
            JoinedPlan { roaming: false, .. } => Self::Home,
        }
    }
}

impl From<VisitPayload> for VisitEvent {
    fn from(fact: VisitPayload) -> Self {
        let outcome = match (fact.annulled, fact.ended_at) {
            (true, _) => Outcome::Annulled,
            (false, Some(at)) => Outcome::Ended(at),
            (false, None) => Outcome::Open,
        };
        Self {
            visit: fact.visit_id,
            revision: fact.revision,
            hub: fact.hub_id,
            home_hub: fact.home_hub_id,
            member: fact.member_id,
            category: fact.category,
            started_at: fact.started_at,
            outcome,
        }
    }
}
