//! Second factors and recovery codes: the tables and their rows.
//!
//! Always true: a sealed secret leaves this file only to be opened, and a hash never does.

use jiff::Timestamp;
use kernel::{CodeId, NetworkId, PersonId};
use platform_db::{
    DbError, Tx,
    column::{at, for_update, id, read_id, read_maybe_at},
};
use sea_orm::QueryResult;

use crate::{FactorState, SecondFactor};

/// Inserts an unconfirmed factor in place of an older one; returns false if a factor is in force.
pub(crate) async fn enroll(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    sealed_secret: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "insert into second_factor (network_id, person_id, sealed_secret, enrolled_at) \
               values ($1, $2, $3, $4) on conflict (network_id, person_id) do update set \
               sealed_secret = excluded.sealed_secret, enrolled_at = excluded.enrolled_at \
               where second_factor.confirmed_at is null";
    let enrolled = tx.run(sql, [id(network), id(person), sealed_secret.into(), at(now)]).await?;
    Ok(enrolled.rows_affected() == 1)
}

pub(crate) async fn find(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<Option<SecondFactor>, DbError> {
    let sql = "select * from second_factor where network_id = $1 and person_id = $2";
    tx.row(sql, [id(network), id(person)]).await?.map(|row| factor(&row)).transpose()
}

/// Returns a factor with its sealed secret, locked until the commit: two codes take turns.
pub(crate) async fn hold(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<Option<(SecondFactor, String)>, DbError> {
    let lock = for_update(tx);
    let sql = format!("select * from second_factor where network_id = $1 and person_id = $2 {lock}");
    let Some(row) = tx.row(&sql, [id(network), id(person)]).await? else { return Ok(None) };
    Ok(Some((factor(&row)?, row.try_get("", "sealed_secret")?)))
}

/// Saves a factor after an accepted code.
pub(crate) async fn save(tx: &Tx, factor: &SecondFactor) -> Result<(), DbError> {
    let FactorState::Confirmed { since, last_step } = factor.state else { return Ok(()) };
    let sql = "update second_factor set confirmed_at = $3, last_step = $4 \
               where network_id = $1 and person_id = $2";
    tx.run(sql, [id(factor.network), id(factor.person), at(since), last_step.into()]).await?;
    Ok(())
}

/// Removes a factor and its recovery codes.
pub(crate) async fn delete(tx: &Tx, network: NetworkId, person: PersonId) -> Result<(), DbError> {
    for table in ["recovery_code", "second_factor"] {
        let sql = format!("delete from {table} where network_id = $1 and person_id = $2");
        tx.run(&sql, [id(network), id(person)]).await?;
    }
    Ok(())
}

/// Inserts new recovery codes in place of all old ones.
pub(crate) async fn replace_recovery_codes(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    codes: &[(CodeId, String)],
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "delete from recovery_code where network_id = $1 and person_id = $2";
    tx.run(sql, [id(network), id(person)]).await?;
    let row =
        |(code, hash): &(CodeId, String)| [id(*code), id(network), id(person), hash.clone().into(), at(now)];
    let head = "insert into recovery_code (code_id, network_id, person_id, code_hash, made_at)";
    tx.insert_rows(head, codes.iter().map(row).collect(), "").await?;
    Ok(())
}

/// Uses a recovery code up; returns whether it was valid.
pub(crate) async fn use_recovery_code(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    hash: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "update recovery_code set used_at = $4 \
               where network_id = $1 and person_id = $2 and code_hash = $3 and used_at is null";
    let used = tx.run(sql, [id(network), id(person), hash.into(), at(now)]).await?;
    Ok(used.rows_affected() == 1)
}

/// Returns the number of unused recovery codes.
pub(crate) async fn count_recovery_codes(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<i64, DbError> {
    let sql = "select count(*) as many from recovery_code \
               where network_id = $1 and person_id = $2 and used_at is null";
    let row = tx.row(sql, [id(network), id(person)]).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "many")?))
}

fn factor(row: &QueryResult) -> Result<SecondFactor, DbError> {
    let state = match (read_maybe_at(row, "confirmed_at")?, row.try_get::<Option<i64>>("", "last_step")?) {
        (Some(since), Some(last_step)) => FactorState::Confirmed { since, last_step },
        _ => FactorState::Enrolled,
    };
    Ok(SecondFactor { person: read_id(row, "person_id")?, network: read_id(row, "network_id")?, state })
}

/// Returns one sealed second factor of a network.
pub(crate) async fn find_any(tx: &Tx, network: NetworkId) -> Result<Option<(PersonId, String)>, DbError> {
    let sql = "select person_id, sealed_secret from second_factor where network_id = $1 limit 1";
    let Some(row) = tx.row(sql, [id(network)]).await? else { return Ok(None) };
    Ok(Some((read_id(&row, "person_id")?, row.try_get("", "sealed_secret")?)))
}
