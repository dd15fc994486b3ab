//! Tidying up: forgetting what is kept for a time only.
//!
//! Always true: what is forgotten here was of use only to notice repetitions, or to repeat what was emitted in the time
//! stated for that; nobody misses it.
//!
//! - Idempotency keys: two days for people and integrations, eight for devices (`platform_db::Db::idempotent`).
//! - The event log of each source: `bus.events_kept_days`, so long its events can be published again.
//! - The inbox of each receiver: half a day longer than the log, so that whatever comes again is known.

use jiff::{SignedDuration, Timestamp};
use kernel::NetworkId;
use platform_bus::forget_kept_before;
use platform_db::{Db, DbError, Reach, no_network, sweep_keys};
use uuid::Uuid;

use crate::App;

/// So much longer than events can be published again a receiver remembers that it has had them.
const REMEMBERED_LONGER: SignedDuration = SignedDuration::from_hours(12);
/// Where each service knows its networks from.
const NETWORKS: [&str; 5] =
    ["network", "roaming_network", "events_hub", "monitoring_network", "identity_network"];

impl App {
    /// Forgets what was kept long enough. What cannot be forgotten now is forgotten next time.
    pub async fn tidy_up(&self) {
        let now = self.world().now();
        for db in self.databases() {
            if let Err(error) = sweep(db, now).await {
                tracing::warn!(%error, "old idempotency keys are not swept");
            }
            if let Err(error) = forget_kept_before(db, now - self.events_kept()).await {
                tracing::warn!(%error, "old events are kept for now");
            }
        }
        let remembered_since = now - self.events_kept() - REMEMBERED_LONGER;
        for handler in self.handlers() {
            if let Err(error) = prune_inbox(handler.db(), handler.consumer(), remembered_since).await {
                tracing::warn!(%error, consumer = handler.consumer(), "the inbox is not pruned");
            }
        }
    }
}

async fn sweep(db: &Db, now: Timestamp) -> Result<(), DbError> {
    for network in networks(db).await?.into_iter().chain([no_network()]) {
        let tx = db.write(Reach::Network(network)).await?;
        sweep_keys(&tx, network, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The networks a service's database knows of, whichever service it is.
async fn networks(db: &Db) -> Result<Vec<NetworkId>, DbError> {
    let tx = db.read(Reach::Directory).await?;
    let catalogue = if tx.is_postgres() {
        "select tablename as name from pg_tables where schemaname = current_schema()"
    } else {
        "select name from sqlite_master where type = 'table'"
    };
    let mut networks = Vec::new();
    for row in tx.rows(catalogue, []).await? {
        let table: String = row.try_get("", "name")?;
        if !NETWORKS.contains(&table.as_str()) {
            continue;
        }
        for row in tx.rows(&format!("select distinct network_id from {table}"), []).await? {
            networks.push(row.try_get::<Uuid>("", "network_id")?.into());
        }
    }
    networks.sort_unstable();
    networks.dedup();
    Ok(networks)
}

/// An event's id holds the time it was made, so old ids are small ids.
async fn prune_inbox(db: &Db, consumer: &str, since: Timestamp) -> Result<(), DbError> {
    let oldest = u64::try_from(since.as_millisecond()).unwrap_or_default();
    let oldest = uuid::Builder::from_unix_timestamp_millis(oldest, &[0; 10]).into_uuid();
    let tx = db.write(Reach::Directory).await?;
    let sql = "delete from inbox where consumer = $1 and event_id < $2";
    tx.run(sql, [consumer.into(), oldest.into()]).await?;
    tx.commit().await
}
