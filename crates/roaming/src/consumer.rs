//! The events roaming consumes: membership's facts, as little of each as it needs.
//!
//! Always true: events may arrive in any order. A visit whose hubs or member are not known yet waits; an event older
//! than the last one of its visit changes nothing.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, Currency, HubId, MemberId, NetworkId, PlanId, VisitId, Zone};
use platform_bus::{HandleError, Handler};
use platform_db::{Db, Tx};
use serde::Deserialize;

use crate::{
    Category, KnownHub, KnownMember, KnownNetwork, MemberPlan, Outcome, Roaming, VisitEvent,
    app::{ErasedMember, forget_member, post_charges},
    store,
};

/// The event types that roaming consumes.
pub const CONSUMES: &[&str] =
    &[NETWORK_FOUNDED, HUB_ONBOARDED, MEMBER_JOINED, MEMBER_ERASED, VISIT_ENDED, VISIT_CORRECTED];

const NETWORK_FOUNDED: &str = "membership.network_founded.v1";
const HUB_ONBOARDED: &str = "membership.hub_onboarded.v1";
const MEMBER_JOINED: &str = "membership.member_joined.v1";
const MEMBER_ERASED: &str = "membership.member_erased.v1";
const VISIT_ENDED: &str = "membership.visit_ended.v1";
const VISIT_CORRECTED: &str = "membership.visit_corrected.v1";

/// Roaming's consumer.
#[derive(Debug, Clone)]
pub struct RoamingConsumer(pub(crate) Roaming);

#[async_trait]
impl Handler for RoamingConsumer {
    fn consumer(&self) -> &'static str {
        "roaming"
    }

    fn consumes(&self) -> &'static [&'static str] {
        CONSUMES
    }

    fn db(&self) -> &Db {
        &self.0.db
    }

    #[tracing::instrument(name = "roaming.consume", skip_all, fields(events = events.len()))]
    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let Some(network) = events.first().map(|event| event.networkid) else { return Ok(()) };
        let batch = Batch::sort(events)?;
        store::facts::save_networks(tx, &batch.networks).await?;
        store::facts::save_hubs(tx, &batch.hubs).await?;
        store::facts::save_members(tx, &batch.members).await?;
        post_charges(tx, &self.0.world, network, &batch.visits).await?;
        for erased in &batch.erased {
            forget_member(tx, &self.0.world, network, erased).await?;
        }
        Ok(())
    }
}

/// A batch of events, grouped by type.
#[derive(Debug, Default)]
struct Batch {
    networks: Vec<KnownNetwork>,
    hubs: Vec<KnownHub>,
    members: Vec<KnownMember>,
    visits: Vec<VisitEvent>,
    erased: Vec<ErasedMember>,
}

impl Batch {
    fn sort(events: &[CloudEvent]) -> Result<Self, HandleError> {
        let mut batch = Self::default();
        for event in events {
            let data = &event.data;
            match event.kind.as_str() {
                NETWORK_FOUNDED => batch.networks.push(data.read::<NetworkFounded>()?.into()),
                HUB_ONBOARDED => batch.hubs.push(data.read::<HubOnboarded>()?.into()),
                MEMBER_JOINED => batch.members.push(data.read::<MemberJoined>()?.into()),
                MEMBER_ERASED => batch.erased.push(data.read::<ErasedMember>()?),
                VISIT_ENDED | VISIT_CORRECTED => batch.visits.push(data.read::<VisitPayload>()?.into()),
                _ => {}
            }
        }
        Ok(batch)
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

#[derive(Deserialize)]
struct HubOnboarded {
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

impl From<HubOnboarded> for KnownHub {
    fn from(fact: HubOnboarded) -> Self {
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
