//! Revocations: the table that every process reads, one row for each session, person, device or key whose tokens ended
//! early.

use jiff::Timestamp;
use kernel::NetworkId;
use platform_db::{
    DbError, Tx,
    column::{at, id, read_at},
};

use crate::Revocation;

/// Writes a revocation, and deletes those that are no longer needed.
pub(crate) async fn upsert(
    tx: &Tx,
    network: NetworkId,
    revocation: &Revocation,
    now: Timestamp,
) -> Result<(), DbError> {
    let sweep = "delete from revocation where network_id = $1 and until <= $2";
    tx.run(sweep, [id(network), at(now)]).await?;
    let sql = "insert into revocation (subject, network_id, not_before, until) values ($1, $2, $3, $4) \
               on conflict (subject) do update set not_before = excluded.not_before, until = excluded.until";
    let values = [id(revocation.subject), id(network), at(revocation.not_before), at(revocation.until)];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns all current revocations, of all networks.
pub(crate) async fn list(tx: &Tx, now: Timestamp) -> Result<Vec<Revocation>, DbError> {
    let rows =
        tx.rows("select subject, not_before, until from revocation where until > $1", [at(now)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Revocation {
                subject: row.try_get("", "subject")?,
                not_before: read_at(row, "not_before")?,
                until: read_at(row, "until")?,
            })
        })
        .collect()
}
