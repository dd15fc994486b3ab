//! One writer per network: two batches with events of the same visit must not both compute their difference from the
//! same previous state.
//!
//! Always true: the lock is held until the transaction ends. SQLite has one writer anyway, and a reader sees one
//! state.

use kernel::NetworkId;
use platform_db::{DbError, Tx};

/// Waits until nobody else changes or compares the network's roll-ups.
pub(crate) async fn to_change(tx: &Tx, network: NetworkId) -> Result<(), DbError> {
    advisory(tx, "pg_advisory_xact_lock", network).await
}

/// Waits until nobody changes the network's roll-ups; others may compare at the same time.
pub(crate) async fn to_compare(tx: &Tx, network: NetworkId) -> Result<(), DbError> {
    advisory(tx, "pg_advisory_xact_lock_shared", network).await
}

async fn advisory(tx: &Tx, function: &str, network: NetworkId) -> Result<(), DbError> {
    if tx.is_postgres() {
        let sql = format!("select {function}(hashtextextended($1, 0))");
        tx.run(&sql, [format!("monitoring {network}").into()]).await?;
    }
    Ok(())
}
