//! The events monitoring consumes: networks, hubs and their zones, and every change of a visit.
//!
//! Always true: only the fields used here are read, and no name or category is among them; a repeated event changes
//! nothing; a visit event that arrives before its hub's is retried later.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, HubId, NetworkId, VisitId, Zone};
use platform_bus::{HandleError, Handler};
use platform_db::{Db, Tx};
use serde::Deserialize;

use crate::{
    app::take_in_visits,
    store::directory_rows,
    visit_fact::{VisitFact, VisitState},
};

const NETWORK_FOUNDED: &str = "membership.network_founded.v1";
const HUB_ONBOARDED: &str = "membership.hub_onboarded.v1";
const VISIT_STARTED: &str = "membership.visit_started.v1";
const VISIT_ENDED: &str = "membership.visit_ended.v1";
const VISIT_CORRECTED: &str = "membership.visit_corrected.v1";

/// The event types that this service consumes.
pub const CONSUMES: &[&str] = &[NETWORK_FOUNDED, HUB_ONBOARDED, VISIT_STARTED, VISIT_ENDED, VISIT_CORRECTED];

#[derive(Debug, Deserialize)]
struct HubOnboarded {
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
        "monitoring"
    }

    fn consumes(&self) -> &'static [&'static str] {
        CONSUMES
    }

    fn db(&self) -> &Db {
        &self.db
    }

    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let Some(network) = events.first().map(|event| event.networkid) else { return Ok(()) };
        let batch = Batch::read(events)?;
        directory_rows::keep_networks(tx, &batch.networks).await?;
        directory_rows::keep_hubs(tx, network, &batch.hubs).await?;
        take_in_visits(tx, network, &batch.visits).await
    }
}

/// A batch of events, grouped by type.
#[derive(Debug, Default)]
struct Batch {
    networks: Vec<NetworkId>,
    hubs: Vec<(HubId, Zone)>,
    visits: Vec<VisitFact>,
}

impl Batch {
    fn read(events: &[CloudEvent]) -> Result<Self, HandleError> {
        let mut batch = Self::default();
        for event in events {
            match event.kind.as_str() {
                NETWORK_FOUNDED => batch.networks.push(event.networkid),
                HUB_ONBOARDED => {
                    let HubOnboarded { hub_id, time_zone } = event.data.read::<HubOnboarded>()?;
                    batch.hubs.push((hub_id, time_zone));
                }
                VISIT_ENDED => {
                    let visit = event.data.read::<VisitPayload>()?;
                    if visit.ended_at.is_none() {
                        return Err(HandleError::Never("an ended visit without its end".into()));
                    }
                    batch.visits.push(visit.try_into()?);
                }
                VISIT_STARTED | VISIT_CORRECTED => {
                    batch.visits.push(event.data.read::<VisitPayload>()?.try_into()?);
                }
                _ => {}
            }
        }
        Ok(batch)
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
