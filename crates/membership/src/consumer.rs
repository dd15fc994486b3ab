//! The events membership consumes: roaming's passes, copied so that a host hub decides alone.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, HubId, MemberId, PassId};
use platform_bus::{HandleError, Handler};
use platform_db::{Db, Tx};
use serde::Deserialize;

use crate::{Membership, store};

const PASS_ISSUED: &str = "roaming.pass_issued.v1";
const PASS_ENDED: &str = "roaming.pass_ended.v1";

/// The event types that membership consumes.
pub const CONSUMES: &[&str] = &[PASS_ISSUED, PASS_ENDED];

#[derive(Deserialize)]
struct PassIssued {
    pass_id: PassId,
    member_id: MemberId,
    home_hub_id: HubId,
    valid_from: Timestamp,
    valid_until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct PassEnded {
    pass_id: PassId,
    ended_at: Timestamp,
}

struct Consumer(Membership);

impl Membership {
    /// Returns the consumer of the other services' events.
    pub fn handler(&self) -> Arc<dyn Handler> {
        Arc::new(Consumer(self.clone()))
    }
}

#[async_trait]
impl Handler for Consumer {
    fn consumer(&self) -> &'static str {
        "membership"
    }

    fn consumes(&self) -> &'static [&'static str] {
        CONSUMES
    }

    fn db(&self) -> &Db {
        self.0.db()
    }

    async fn handle(&self, tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let Some(network) = events.first().map(|event| event.networkid) else { return Ok(()) };
        let (mut members, mut passes) = (Vec::new(), Vec::new());
        for event in events {
            if event.kind == PASS_ISSUED {
                members.push(event.data.read::<PassIssued>()?.member_id);
            } else {
                passes.push(event.data.read::<PassEnded>()?.pass_id);
            }
        }
        store::person::lock_all(tx, network, &members, &passes).await?;
        // A pass that was being issued while its bearer was erased ends with the erasure.
        let erased = store::person::erased(tx, network, &members).await?;
        for event in events {
            if event.kind == PASS_ISSUED {
                let mut pass: PassIssued = event.data.read()?;
                if let Some(erased_at) = erased.get(&pass.member_id) {
                    pass.valid_until =
                        Some(pass.valid_until.map_or(*erased_at, |until| until.min(*erased_at)));
                }
                let copy = store::member::PassCopy {
                    id: pass.pass_id,
                    member: pass.member_id,
                    home: pass.home_hub_id,
                    valid_from: pass.valid_from,
                    valid_until: pass.valid_until,
                };
                store::member::keep_passes(tx, event.networkid, &[copy]).await?;
            } else {
                let pass: PassEnded = event.data.read()?;
                if !store::member::end_pass(tx, event.networkid, pass.pass_id, pass.ended_at).await? {
                    return Err(HandleError::Later("the pass was not issued yet".into()));
                }
            }
        }
        Ok(())
    }
}
