//! Ends the roaming pass of a member who leaves. Called by the consumer.
//!
//! Always true: a pass is valid no longer than the membership; of several events about a member the one of the highest
//! version counts, in whatever order they arrive. A member who comes back gets a new pass.

use jiff::Timestamp;
use kernel::{CloudEvent, MemberId, NetworkId, World};
use platform_bus::HandleError;
use platform_db::Tx;

use crate::{RoamingPass, events::PassEnded, store};

/// A member has left, will leave, or has come back.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Absence {
    member_id: MemberId,
    /// The end of the membership; `None` if the member has come back.
    left_at: Option<Timestamp>,
    version: i64,
}

/// Records the absence, and ends the member's pass with the membership. Emits `roaming.pass_ended.v1`.
pub(crate) async fn follow_absence(
    tx: &Tx,
    world: &World,
    network: NetworkId,
    absence: &Absence,
) -> Result<(), HandleError> {
    let Absence { member_id: member, left_at, version } = *absence;
    tx.serialize_erasures(network).await?;
    if !store::facts::save_absence(tx, network, member, left_at, version).await? {
        let is_known = store::facts::members(tx, network, &[member]).await?.contains_key(&member);
        if !is_known && tx.erased_among(network, &[member]).await?.is_empty() {
            return Err(HandleError::Later("the member has not joined yet".into()));
        }
        return Ok(());
    }
    let Some(left_at) = left_at else { return Ok(()) };
    for pass in store::roaming_pass::unended(tx, network, &[member]).await? {
        let until = pass.valid_until.map_or(left_at, |until| until.min(left_at));
        let ended = if left_at <= world.now() {
            pass.end(left_at).map_err(|error| HandleError::Never(error.to_string()))?
        } else if pass.valid_until.is_some_and(|valid_until| valid_until <= left_at) {
            continue;
        } else {
            RoamingPass { valid_until: Some(until), ..pass }
        };
        store::roaming_pass::save_end(tx, &ended).await?;
        let fact = PassEnded::of(&ended, until);
        tx.emit(CloudEvent::new(&fact, network, Some(ended.home_hub), world)?).await?;
    }
    Ok(())
}
