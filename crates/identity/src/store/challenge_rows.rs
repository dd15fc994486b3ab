//! Sign-ins that wait for a second factor: the table and its rows.

use jiff::Timestamp;
use kernel::{ChallengeId, NetworkId, PersonId};
use platform_db::{
    DbError, Tx,
    column::{at, for_update, id, read_at, read_id},
};

/// A stored challenge.
#[derive(Clone, Debug)]
pub(crate) struct ChallengeRow {
    pub(crate) id: ChallengeId,
    pub(crate) person: PersonId,
    pub(crate) secret_hash: String,
    pub(crate) tries: i64,
    pub(crate) expires_at: Timestamp,
}

/// Inserts a challenge, and deletes the network's expired ones.
pub(crate) async fn insert(
    tx: &Tx,
    network: NetworkId,
    challenge: &ChallengeRow,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "delete from sign_in_challenge where network_id = $1 and expires_at <= $2";
    tx.run(sql, [id(network), at(now)]).await?;
    let sql = "insert into sign_in_challenge \
               (challenge_id, network_id, person_id, secret_hash, tries, made_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        id(challenge.id),
        id(network),
        id(challenge.person),
        challenge.secret_hash.clone().into(),
        challenge.tries.into(),
        at(now),
        at(challenge.expires_at),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

pub(crate) async fn find(
    tx: &Tx,
    network: NetworkId,
    challenge: ChallengeId,
) -> Result<Option<ChallengeRow>, DbError> {
    read(tx, network, challenge, "").await
}

/// Returns the same, locked until the commit: two codes for one challenge take turns.
pub(crate) async fn hold(
    tx: &Tx,
    network: NetworkId,
    challenge: ChallengeId,
) -> Result<Option<ChallengeRow>, DbError> {
    read(tx, network, challenge, for_update(tx)).await
}

/// Records a wrong code.
pub(crate) async fn count_try(tx: &Tx, network: NetworkId, challenge: ChallengeId) -> Result<(), DbError> {
    let sql = "update sign_in_challenge set tries = tries + 1 where network_id = $1 and challenge_id = $2";
    tx.run(sql, [id(network), id(challenge)]).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &Tx, network: NetworkId, challenge: ChallengeId) -> Result<(), DbError> {
    let sql = "delete from sign_in_challenge where network_id = $1 and challenge_id = $2";
    tx.run(sql, [id(network), id(challenge)]).await?;
    Ok(())
}

/// Ends every waiting sign-in of a person.
pub(crate) async fn delete_all(tx: &Tx, network: NetworkId, person: PersonId) -> Result<(), DbError> {
    let sql = "delete from sign_in_challenge where network_id = $1 and person_id = $2";
    tx.run(sql, [id(network), id(person)]).await?;
    Ok(())
}

async fn read(
    tx: &Tx,
    network: NetworkId,
    challenge: ChallengeId,
    lock: &str,
) -> Result<Option<ChallengeRow>, DbError> {
    let sql = format!("select * from sign_in_challenge where network_id = $1 and challenge_id = $2 {lock}");
    let Some(row) = tx.row(&sql, [id(network), id(challenge)]).await? else { return Ok(None) };
    Ok(Some(ChallengeRow {
        id: read_id(&row, "challenge_id")?,
        person: read_id(&row, "person_id")?,
        secret_hash: row.try_get("", "secret_hash")?,
        tries: row.try_get("", "tries")?,
        expires_at: read_at(&row, "expires_at")?,
    }))
}
