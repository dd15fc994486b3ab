//! One-time codes: the table and its rows.

use jiff::Timestamp;
use kernel::{CodeId, NetworkId, PersonId};
use platform_db::{
    DbError, Tx,
    column::{at, for_update, id, read_at, read_id, read_maybe_at, read_word},
};

use crate::CodePurpose;

/// A stored code.
#[derive(Clone, Debug)]
pub(crate) struct CodeRow {
    pub(crate) id: CodeId,
    pub(crate) person: PersonId,
    pub(crate) purpose: CodePurpose,
    pub(crate) secret_hash: String,
    /// Whether it was sent by mail: then its use verifies the address.
    pub(crate) mailed: bool,
    pub(crate) expires_at: Timestamp,
}

/// Inserts a code; other ones for the same purpose stop working. The code of a mail that is tried again is there already:
/// unless it was used, it lasts from now on.
pub(crate) async fn replace(
    tx: &Tx,
    network: NetworkId,
    code: &CodeRow,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update one_time_code set used_at = $4 \
               where network_id = $1 and person_id = $2 and purpose = $3 and code_id <> $5 and used_at is null";
    let purpose = code.purpose.word();
    tx.run(sql, [id(network), id(code.person), purpose.into(), at(now), id(code.id)]).await?;
    let sql = "insert into one_time_code \
               (code_id, network_id, person_id, purpose, secret_hash, made_at, expires_at, mailed) \
               values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (code_id) do update \
               set expires_at = excluded.expires_at where one_time_code.used_at is null";
    let values = [
        id(code.id),
        id(network),
        id(code.person),
        purpose.into(),
        code.secret_hash.clone().into(),
        at(now),
        at(code.expires_at),
        code.mailed.into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns an unused code, locked until the commit.
pub(crate) async fn hold_unused(
    tx: &Tx,
    network: NetworkId,
    code: CodeId,
) -> Result<Option<CodeRow>, DbError> {
    let sql =
        format!("select * from one_time_code where network_id = $1 and code_id = $2 {}", for_update(tx));
    let Some(row) = tx.row(&sql, [id(network), id(code)]).await? else { return Ok(None) };
    if read_maybe_at(&row, "used_at")?.is_some() {
        return Ok(None);
    }
    Ok(Some(CodeRow {
        id: read_id(&row, "code_id")?,
        person: read_id(&row, "person_id")?,
        purpose: read_word(&row, "one_time_code", "purpose", CodePurpose::from_word)?,
        secret_hash: row.try_get("", "secret_hash")?,
        mailed: row.try_get("", "mailed")?,
        expires_at: read_at(&row, "expires_at")?,
    }))
}

pub(crate) async fn use_up(tx: &Tx, network: NetworkId, code: CodeId, now: Timestamp) -> Result<(), DbError> {
    let sql = "update one_time_code set used_at = $3 where network_id = $1 and code_id = $2";
    tx.run(sql, [id(network), id(code), at(now)]).await?;
    Ok(())
}
