//! Handovers from a provider to an app: the table and its rows.

use jiff::Timestamp;
use kernel::{EmailAddress, HandoverId, NetworkId};
use platform_db::{
    DbError, Tx,
    column::{at, for_update, id, read_at},
};

use crate::{model::sign_in_link::Handover, single_sign_on::CodeChallenge};

/// Inserts a handover, and deletes the network's expired ones.
pub(crate) async fn insert(
    tx: &Tx,
    network: NetworkId,
    handover: HandoverId,
    row: &Handover,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "delete from sign_in_handover where network_id = $1 and expires_at <= $2";
    tx.run(sql, [id(network), at(now)]).await?;
    let sql = "insert into sign_in_handover \
               (handover_id, network_id, issuer, subject, email, code_challenge, secret_hash, made_at, expires_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        id(handover),
        id(network),
        row.issuer.clone().into(),
        row.subject.clone().into(),
        row.email.as_ref().map(|email| email.as_str().to_owned()).into(),
        row.code_challenge.as_str().into(),
        row.secret_hash.clone().into(),
        at(now),
        at(row.expires_at),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

pub(crate) async fn find(
    tx: &Tx,
    network: NetworkId,
    handover: HandoverId,
) -> Result<Option<Handover>, DbError> {
    read(tx, network, handover, "").await
}

/// Returns the same, locked until the commit: concurrent uses take turns.
pub(crate) async fn hold(
    tx: &Tx,
    network: NetworkId,
    handover: HandoverId,
) -> Result<Option<Handover>, DbError> {
    read(tx, network, handover, for_update(tx)).await
}

pub(crate) async fn delete(tx: &Tx, network: NetworkId, handover: HandoverId) -> Result<(), DbError> {
    let sql = "delete from sign_in_handover where network_id = $1 and handover_id = $2";
    tx.run(sql, [id(network), id(handover)]).await?;
    Ok(())
}

/// Deletes the handovers of an account at a provider, or of an e-mail.
pub(crate) async fn forget(
    tx: &Tx,
    network: NetworkId,
    account: Option<(&str, &str)>,
    email: &EmailAddress,
) -> Result<(), DbError> {
    let sql = "delete from sign_in_handover where network_id = $1 and email = $2";
    tx.run(sql, [id(network), email.as_str().into()]).await?;
    if let Some((issuer, subject)) = account {
        let sql = "delete from sign_in_handover where network_id = $1 and issuer = $2 and subject = $3";
        tx.run(sql, [id(network), issuer.into(), subject.into()]).await?;
    }
    Ok(())
}

async fn read(
    tx: &Tx,
    network: NetworkId,
    handover: HandoverId,
    lock: &str,
) -> Result<Option<Handover>, DbError> {
    let sql = format!("select * from sign_in_handover where network_id = $1 and handover_id = $2 {lock}");
    let Some(row) = tx.row(&sql, [id(network), id(handover)]).await? else { return Ok(None) };
    let broken = |column: &str| DbError::inconsistent("sign_in_handover", column.to_owned());
    let challenge: String = row.try_get("", "code_challenge")?;
    let email: Option<String> = row.try_get("", "email")?;
    Ok(Some(Handover {
        issuer: row.try_get("", "issuer")?,
        subject: row.try_get("", "subject")?,
        email: email.map(EmailAddress::stored),
        code_challenge: CodeChallenge::parse(&challenge).ok_or_else(|| broken("a code challenge"))?,
        secret_hash: row.try_get("", "secret_hash")?,
        expires_at: read_at(&row, "expires_at")?,
    }))
}
