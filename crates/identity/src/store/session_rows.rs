//! Sessions and their refresh tokens: the tables and their rows.

use jiff::Timestamp;
use kernel::{NetworkId, PersonId, RefreshTokenId, SessionId};
use platform_db::{
    DbError, Tx,
    column::{at, for_update, id, read_at, read_id, read_maybe_at},
};
use sea_orm::QueryResult;

use crate::{Session, SessionEnd};

/// A stored refresh token.
#[derive(Clone, Debug)]
pub(crate) struct RefreshRow {
    pub(crate) id: RefreshTokenId,
    pub(crate) session: SessionId,
    pub(crate) secret_hash: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) replaced_at: Option<Timestamp>,
}

pub(crate) async fn insert(tx: &Tx, session: &Session) -> Result<(), DbError> {
    let sql = "insert into session (session_id, network_id, person_id, started_at, used_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6)";
    let values = [
        id(session.id),
        id(session.network),
        id(session.person),
        at(session.started_at),
        at(session.used_at),
        at(session.expires_at),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

pub(crate) async fn insert_token(
    tx: &Tx,
    network: NetworkId,
    token: &RefreshRow,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "insert into refresh_token (token_id, network_id, session_id, secret_hash, made_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6)";
    let values = [
        id(token.id),
        id(network),
        id(token.session),
        token.secret_hash.clone().into(),
        at(now),
        at(token.expires_at),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns a refresh token with its session, the session locked until the commit: two refreshes of one session take
/// turns.
pub(crate) async fn hold_token(
    tx: &Tx,
    network: NetworkId,
    token: RefreshTokenId,
) -> Result<Option<(RefreshRow, Session)>, DbError> {
    let find = "select session_id from refresh_token where network_id = $1 and token_id = $2";
    let Some(found) = tx.row(find, [id(network), id(token)]).await? else { return Ok(None) };
    let session: SessionId = read_id(&found, "session_id")?;
    let Some(session) = hold(tx, network, session).await? else { return Ok(None) };
    let read = "select * from refresh_token where network_id = $1 and token_id = $2";
    let Some(row) = tx.row(read, [id(network), id(token)]).await? else { return Ok(None) };
    let token = RefreshRow {
        id: token,
        session: session.id,
        secret_hash: row.try_get("", "secret_hash")?,
        expires_at: read_at(&row, "expires_at")?,
        replaced_at: read_maybe_at(&row, "replaced_at")?,
    };
    Ok(Some((token, session)))
}

/// Returns a session, locked until the commit.
pub(crate) async fn hold(
    tx: &Tx,
    network: NetworkId,
    session: SessionId,
) -> Result<Option<Session>, DbError> {
    let sql = format!("select * from session where network_id = $1 and session_id = $2 {}", for_update(tx));
    tx.row(&sql, [id(network), id(session)]).await?.map(|row| read_session(&row)).transpose()
}

pub(crate) async fn replace_token(
    tx: &Tx,
    network: NetworkId,
    old: RefreshTokenId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update refresh_token set replaced_at = $3 \
               where network_id = $1 and token_id = $2 and replaced_at is null";
    tx.run(sql, [id(network), id(old), at(now)]).await?;
    Ok(())
}

pub(crate) async fn touch(
    tx: &Tx,
    network: NetworkId,
    session: SessionId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update session set used_at = $3 where network_id = $1 and session_id = $2";
    tx.run(sql, [id(network), id(session), at(now)]).await?;
    Ok(())
}

/// Returns a person's running sessions, the newest first.
pub(crate) async fn list_running(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Session>, DbError> {
    let sql = "select * from session where network_id = $1 and person_id = $2 and ended_at is null \
               and expires_at > $3 order by session_id desc limit 100";
    tx.rows(sql, [id(network), id(person), at(now)]).await?.iter().map(read_session).collect()
}

/// Ends a session; returns whether it was running.
pub(crate) async fn end(
    tx: &Tx,
    network: NetworkId,
    session: SessionId,
    how: SessionEnd,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "update session set ended_at = $3, ended_by = $4 \
               where network_id = $1 and session_id = $2 and ended_at is null";
    let ended = tx.run(sql, [id(network), id(session), at(now), how.word().into()]).await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends all of a person's sessions.
pub(crate) async fn end_all(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    how: SessionEnd,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update session set ended_at = $3, ended_by = $4 \
               where network_id = $1 and person_id = $2 and ended_at is null";
    tx.run(sql, [id(network), id(person), at(now), how.word().into()]).await?;
    Ok(())
}

fn read_session(row: &QueryResult) -> Result<Session, DbError> {
    Ok(Session {
        id: read_id(row, "session_id")?,
        person: read_id(row, "person_id")?,
        network: read_id(row, "network_id")?,
        started_at: read_at(row, "started_at")?,
        used_at: read_at(row, "used_at")?,
        expires_at: read_at(row, "expires_at")?,
        ended_at: read_maybe_at(row, "ended_at")?,
    })
}
