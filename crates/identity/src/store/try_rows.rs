//! Sign-in attempts and exports, counted in the database: the limit holds over all processes, and without the database
//! nobody signs in.

use jiff::Timestamp;
use platform_db::{DbError, Tx, column::at};

/// Counts an attempt; returns the number in the running window.
pub(crate) async fn count(
    tx: &Tx,
    key: &str,
    window_ends_at: Timestamp,
    now: Timestamp,
) -> Result<i64, DbError> {
    let sql = "insert into sign_in_try (key, tries, window_ends_at) values ($1, 1, $2) \
        on conflict (key) do update set \
        tries = case when sign_in_try.window_ends_at <= $3 then 1 else sign_in_try.tries + 1 end, \
        window_ends_at = case when sign_in_try.window_ends_at <= $3 then $2 else sign_in_try.window_ends_at end \
        returning tries";
    let row = tx.row(sql, [key.into(), at(window_ends_at), at(now)]).await?;
    row.map_or(Err(DbError::inconsistent("sign_in_try", "a counted try has no count")), |row| {
        Ok(row.try_get("", "tries")?)
    })
}

/// Records a request, to be deleted with the expired windows.
pub(crate) async fn note(tx: &Tx, key: &str, now: Timestamp) -> Result<(), DbError> {
    count(tx, key, now, now).await?;
    Ok(())
}

/// Deletes the attempts of a key, and those of expired windows.
pub(crate) async fn forget(tx: &Tx, key: &str, now: Timestamp) -> Result<(), DbError> {
    tx.run("delete from sign_in_try where key = $1 or window_ends_at <= $2", [key.into(), at(now)]).await?;
    Ok(())
}
