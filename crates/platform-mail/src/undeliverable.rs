//! Addresses that a mail server refused for good, so that nobody writes there again and again.
//!
//! Always true: one refusal is kept for a person, with a hash of the address and no address; a new address of theirs is
//! not refused. A mail that goes through ends it.

use jiff::{SignedDuration, Timestamp};
use kernel::{EmailAddress, MailCategory, NetworkId, PersonId};
use platform_db::{DbError, Ts, Tx};
use sha2::{Digest as _, Sha256};

use crate::queue::{instant, uuid};

/// Returns how long after a refusal no mail of a category goes to the address. People ask for codes when they have mended
/// their mailbox; nobody misses a reminder for two weeks.
pub const fn undeliverable_for(category: MailCategory) -> SignedDuration {
    match category {
        MailCategory::Transactional => SignedDuration::from_hours(1),
        MailCategory::Notice => SignedDuration::from_hours(14 * 24),
    }
}

pub(crate) async fn note(
    tx: &Tx,
    (network, person): (NetworkId, PersonId),
    address: &EmailAddress,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "insert into mail_undeliverable (network_id, person_id, address_hash, refused_at) \
               values ($1, $2, $3, $4) on conflict (network_id, person_id) \
               do update set address_hash = excluded.address_hash, refused_at = excluded.refused_at";
    tx.run(sql, [uuid(network), uuid(person), hash(network, address).into(), Ts(now).into()]).await?;
    Ok(())
}

pub(crate) async fn clear(tx: &Tx, network: NetworkId, person: PersonId) -> Result<(), DbError> {
    let sql = "delete from mail_undeliverable where network_id = $1 and person_id = $2";
    tx.run(sql, [uuid(network), uuid(person)]).await?;
    Ok(())
}

/// Whether the address was refused so lately that mail of the category does not go there.
pub(crate) async fn is_undeliverable(
    tx: &Tx,
    (network, person): (NetworkId, PersonId),
    address: &EmailAddress,
    category: MailCategory,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "select refused_at from mail_undeliverable \
               where network_id = $1 and person_id = $2 and address_hash = $3";
    let row = tx.row(sql, [uuid(network), uuid(person), hash(network, address).into()]).await?;
    let Some(row) = row else { return Ok(false) };
    Ok(now < instant(&row, "refused_at")? + undeliverable_for(category))
}

fn hash(network: NetworkId, address: &EmailAddress) -> String {
    hex::encode(Sha256::digest(format!("{network} {}", address.as_str())))
}
