//! The events monitoring consumes: networks, hubs and their zones, and every change of a visit.
//!
//! Always true: only the fields used here are read, and no name or category is among them; a repeated event changes
//! nothing; a visit event that arrives before its hub's is retried later.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, HubId, NetworkId, VisitId, World, Zone};
use platform_bus::{HandleError, Reads, event_types};
use platform_db::Tx;
use serde::Deserialize;

use crate::{
    app::take_in_visits,
    model::visit_fact::{VisitFact, VisitState},
    store::directory_rows,
};

/// The event types that this service consumes.
pub const CONSUMES: &[&str] = &event_types(&READS);

const READS: [Reads<Batch>; 8] = [
    ("membership.network_founded.v1", Batch::network_founded),
    // Kept in the logs of installations from before hubs could change; published no more.
    ("membership.hub_onboarded.v1", Batch::hub),
    ("membership.hub_onboarded.v2", Batch::hub),
    ("membership.hub_changed.v1", Batch::hub),
    ("membership.hub_closed.v1", Batch::hub),
    ("membership.visit_started.v1", Batch::visit),
    ("membership.visit_ended.v1", Batch::visit_ended),
    ("membership.visit_corrected.v1", Batch::visit),
];

/// All events about a hub state its zone, which never changes: the first to arrive decides.
#[derive(Debug, Deserialize)]
struct HubFacts {
    hub_id: HubId,
    time_zone: Zone,
}

/// A visit event: all three types state the whole visit.
#[derive(Debug, Deserialize)]
struct VisitPayload {
    visit_id: VisitId,
    hub_id: HubId,
    home_hub_id: HubId,
    started_at: Timestamp,
    #[serde(default)]
    ended_at: Option<Timestamp>,
    #[serde(default)]
    annulled: bool,
    revision: i64,
}

/// A batch of events, grouped by type.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    networks: Vec<NetworkId>,
    hubs: Vec<(HubId, Zone)>,
    visits: Vec<VisitFact>,
}

impl Batch {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "other events may be unreadable; this one is read from its envelope"
    )]
    fn network_founded(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.networks.push(event.networkid);
        Ok(())
    }

    fn hub(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        let HubFacts { hub_id, time_zone } = event.data.read()?;
        self.hubs.push((hub_id, time_zone));
        Ok(())
    }

    fn visit_ended(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        let visit = event.data.read::<VisitPayload>()?;
        if visit.ended_at.is_none() {
            return Err(HandleError::Never("an ended visit without its end".into()));
        }
        self.visits.push(visit.try_into()?);
        Ok(())
    }

    fn visit(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.visits.push(event.data.read::<VisitPayload>()?.try_into()?);
        Ok(())
    }
}

#[async_trait]
impl platform_bus::Batch for Batch {
    const CONSUMER: &'static str = "monitoring";
    const READS: &'static [Reads<Self>] = &READS;
    const CONSUMES: &'static [&'static str] = CONSUMES;

    async fn take_in(self, tx: &Tx, _world: &World, network: NetworkId) -> Result<(), HandleError> {
        directory_rows::keep_networks(tx, &self.networks).await?;
        directory_rows::keep_hubs(tx, network, &self.hubs).await?;
        take_in_visits(tx, network, &self.visits).await
    }
}

impl TryFrom<VisitPayload> for VisitFact {
    type Error = HandleError;
    fn try_from(visit: VisitPayload) -> Result<Self, HandleError> {
        let state = match visit.ended_at {
            _ if visit.annulled => VisitState::Annulled,
            Some(at) if at < visit.started_at => {
                return Err(HandleError::Never(format!("{} ends before it starts", visit.visit_id)));
            }
            Some(at) => VisitState::Ended(at),
            None => VisitState::Open,
        };
        Ok(Self {
            visit_id: visit.visit_id,
            hub_id: visit.hub_id,
            home_hub_id: visit.home_hub_id,
            started_at: visit.started_at,
            state,
            revision: visit.revision,
        })
    }
}
