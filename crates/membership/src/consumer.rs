//! The events membership consumes: roaming's passes, copied so that a host hub decides alone.

use async_trait::async_trait;
use jiff::Timestamp;
use kernel::{CloudEvent, HubId, MemberId, NetworkId, PassId, World};
use platform_bus::{HandleError, Reads, event_types};
use platform_db::Tx;
use serde::Deserialize;

use crate::store;

/// The event types that membership consumes.
pub const CONSUMES: &[&str] = &event_types(&READS);

const READS: [Reads<Batch>; 2] =
    [("roaming.pass_issued.v1", Batch::pass_issued), ("roaming.pass_ended.v1", Batch::pass_ended)];

#[derive(Debug, Deserialize)]
struct PassIssued {
    pass_id: PassId,
    member_id: MemberId,
    home_hub_id: HubId,
    valid_from: Timestamp,
    valid_until: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
struct PassEnded {
    pass_id: PassId,
    ended_at: Timestamp,
}

/// What a roaming pass is at some moment.
#[derive(Debug)]
enum PassEvent {
    Issued(PassIssued),
    Ended(PassEnded),
}

/// A batch of events, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Batch(Vec<PassEvent>);

impl Batch {
    fn pass_issued(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.0.push(PassEvent::Issued(event.data.read()?));
        Ok(())
    }

    fn pass_ended(&mut self, event: &CloudEvent) -> Result<(), HandleError> {
        self.0.push(PassEvent::Ended(event.data.read()?));
        Ok(())
    }
}

#[async_trait]
impl platform_bus::Batch for Batch {
    const CONSUMER: &'static str = "membership";
    const READS: &'static [Reads<Self>] = &READS;
    const CONSUMES: &'static [&'static str] = CONSUMES;

    async fn take_in(self, tx: &Tx, _world: &World, network: NetworkId) -> Result<(), HandleError> {
        let (mut members, mut passes) = (Vec::new(), Vec::new());
        for event in &self.0 {
            match event {
                PassEvent::Issued(pass) => members.push(pass.member_id),
                PassEvent::Ended(pass) => passes.push(pass.pass_id),
            }
        }
        store::person::lock_all(tx, network, &members, &passes).await?;
        // A pass that was being issued while its bearer was erased ends with the erasure.
        let erased = store::person::erased(tx, network, &members).await?;
        for event in self.0 {
            match event {
                PassEvent::Issued(mut pass) => {
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
                    store::member::keep_passes(tx, network, &[copy]).await?;
                }
                PassEvent::Ended(pass) => {
                    if !store::member::end_pass(tx, network, pass.pass_id, pass.ended_at).await? {
                        return Err(HandleError::Later("the pass was not issued yet".into()));
                    }
                }
            }
        }
        Ok(())
    }
}
