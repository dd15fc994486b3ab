//! Forgets an erased member. Called by the consumer.
//!
//! Always true: the membership ends. The account is removed if the person requested the erasure, or if it was nothing
//! else (R18): then nobody can sign in as them, no data here identifies them, and their tokens end. Roles they assigned
//! to others keep their id, which leads to nobody any more. Keys and devices whose secrets they issued stop, because
//! their issuer is worth nothing (R19).

use kernel::{HubId, MemberId, NetworkId, PersonId, World};
use platform_bus::HandleError;
use platform_db::{Tx, forget_keys};

use crate::app::single_sign_on::complete_single_sign_on::link_key;
use crate::app::{
    begin_export::export_key, holdings, revoke::revoke, roles::giver::end_given_by,
    sessions::sign_in::every_account_key,
};
use crate::{
    model::roles::policy::{self, ErasedBy},
    store::{account_rows, copies, handover_rows, link_rows, try_rows},
};

/// The erased member.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub(crate) struct ErasedMember {
    member_id: MemberId,
    person_id: PersonId,
    home_hub_id: HubId,
    #[serde(default)]
    erased_by: ErasedBy,
}

/// Removes the membership, and with it the account and all its data if the account is removed.
pub(crate) async fn forget_person(
    tx: &Tx,
    world: &World,
    network: NetworkId,
    erased: ErasedMember,
) -> Result<(), HandleError> {
    let (person, now) = (erased.person_id, world.now());
    copies::forget_member(tx, network, erased.member_id).await?;
    tx.remember_erased(network, erased.member_id).await?;
    let rest = holdings(tx, network, person, now).await?;
    if !policy::account_goes(erased.erased_by, erased.home_hub_id, &rest) {
        // New tokens do not contain the membership.
        revoke(tx, network, person, now).await?;
        forget_keys(tx, network, &[erased.member_id.to_string()]).await?;
        return Ok(());
    }
    end_given_by(tx, network, person, now).await?;
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
    platform_files::forget_person(tx, network, person, now).await?;
    // Without an account, a token from the command line may still exist.
    revoke(tx, network, person, now).await?;
    forget_keys(tx, network, &[erased.member_id.to_string(), person.to_string()]).await?;
    Ok(())
}
