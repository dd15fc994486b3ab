//! Forgets an erased member. Called by the consumer.
//!
//! Charges, the ledger and settlements stay as they are, to the minor unit: they name a member's id, which no longer
//! leads to anybody.

use jiff::Timestamp;
use kernel::{CloudEvent, MemberId, NetworkId, PersonId, World};
use platform_bus::HandleError;
use platform_db::{Tx, forget_keys};

use crate::{events::PassEnded, store};

/// The erased member and the time of erasure.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct ErasedMember {
    member_id: MemberId,
    person_id: PersonId,
    erased_at: Timestamp,
}

/// Ends the member's pass, including one that is being issued at this moment, and deletes the stored requests made by
/// the member or about them. Emits `roaming.pass_ended.v1`.
pub(crate) async fn forget_member(
    tx: &Tx,
    world: &World,
    network: NetworkId,
    erased: &ErasedMember,
) -> Result<(), HandleError> {
    let at = erased.erased_at;
    tx.serialize_erasures(network).await?;
    tx.remember_erased(network, erased.member_id).await?;
    for pass in store::roaming_pass::unended(tx, network, &[erased.member_id]).await? {
        let ended = pass.end(at).map_err(|error| HandleError::Never(error.to_string()))?;
        store::roaming_pass::save_end(tx, &ended).await?;
        let fact = PassEnded::of(&ended, ended.valid_until.map_or(at, |until| until.min(at)));
        tx.emit(CloudEvent::new(&fact, network, Some(ended.home_hub), world)?).await?;
    }
    forget_keys(tx, network, &[erased.member_id.to_string(), erased.person_id.to_string()]).await?;
    Ok(())
}
