//! Forgetting a person who was erased. The work of the ear.
//!
//! Always true: afterwards nobody signs in as them, nothing here says who they were, and their tokens end. What they
//! gave to others (roles, keys) stays under their id, which leads to nobody any more.

use kernel::{MemberId, NetworkId, PersonId, World};
use platform_bus::HandleError;
use platform_db::{Tx, forget_keys};

use super::complete_single_sign_on::link_key;
use super::{begin_export::export_key, revoke::revoke, sign_in::every_account_key};
use crate::store::{account_rows, copies, handover_rows, link_rows, try_rows};

/// Who was erased.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub(crate) struct ErasedMember {
    member_id: MemberId,
    person_id: PersonId,
}

/// Removes the account with everything that hangs on it, and forgets the requests made by the person or about them.
pub(crate) async fn forget_person(
    tx: &Tx,
    world: &World,
    network: NetworkId,
    erased: ErasedMember,
) -> Result<(), HandleError> {
    let (person, now) = (erased.person_id, world.now());
    if let Some(account) = account_rows::find(tx, network, person).await? {
        for key in every_account_key(network, &account.email) {
            try_rows::forget(tx, &key, now).await?;
        }
        handover_rows::forget(tx, network, None, &account.email).await?;
        for link in link_rows::list(tx, network, person).await? {
            let there = (link.issuer.as_str(), link.subject.as_str());
            try_rows::forget(tx, &link_key(network, there.0, there.1), now).await?;
            handover_rows::forget(tx, network, Some(there), &account.email).await?;
        }
        account_rows::delete(tx, network, person).await?;
    }
    try_rows::forget(tx, &export_key(network, person), now).await?;
    // Without an account there may still be a token from the command line.
    revoke(tx, network, person, now).await?;
    copies::forget_member(tx, network, erased.member_id).await?;
    forget_keys(tx, network, &[erased.member_id.to_string(), person.to_string()]).await?;
    Ok(())
}
