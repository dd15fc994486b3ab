//! Tidying: the deletion of rows that are kept for a limited time. An hourly job of every database.
//!
//! Always true: a row deleted here served only to recognise repetitions, or to publish events again within the configured
//! time.
//!
//! - Idempotency keys: two days for people and integrations, eight for devices (`platform_db::Db::idempotent`).
//! - The event log of each source: `bus.events_kept_days`, during which its events can be published again.
//! - The inbox of each receiver: half a day longer than the log, so that every event published again is recognised.
//! - Finished jobs: a week, failed ones a month (`platform_jobs::forget_finished`).

use jiff::{SignedDuration, Timestamp};
use kernel::{NetworkId, World};
use migrations::Service;
use platform_bus::forget_kept_before;
use platform_db::{Db, DbError, Reach, no_network, sweep_keys};
use platform_jobs::Kind;
use uuid::Uuid;

use crate::App;

/// The kind of these jobs.
const TIDYING: &str = "tidying";

const TIDY_UP: SignedDuration = SignedDuration::from_hours(1);
/// How much longer a consumer's inbox is kept than the events that can be published again.
const REMEMBERED_LONGER: SignedDuration = SignedDuration::from_hours(12);
/// The tables that hold each service's networks.
const NETWORKS: [&str; 5] =
    ["network", "roaming_network", "events_hub", "monitoring_network", "identity_network"];

/// The input of tidying one database.
#[derive(Debug, Clone)]
pub(crate) struct Tidying {
    db: Db,
    world: World,
    events_kept: SignedDuration,
    /// The consumers whose inbox is in this database.
    consumers: Vec<&'static str>,
}

impl App {
    /// Deletes what was kept long enough, in every database of this process; a failure is logged and tried again by the
    /// next run.
    pub async fn tidy_up(&self) {
        for (services, db) in self.databases_of_services() {
            if let Err(error) = Tidying::of(self, &services, db).tidy_up().await {
                tracing::warn!(%error, "old rows are not deleted");
            }
        }
    }
}

impl Tidying {
    pub(crate) fn of(app: &App, services: &[Service], db: &Db) -> Self {
        let consumers = services.iter().map(|service| service.name()).collect();
        Self { db: db.clone(), world: app.world().clone(), events_kept: app.events_kept(), consumers }
    }

    /// Returns the recurring kind.
    pub(crate) fn kind(self) -> Kind {
        let kind = Kind::new(TIDYING, move |_run| {
            let tidying = self.clone();
            async move { Ok(tidying.tidy_up().await?) }
        });
        kind.every(TIDY_UP)
    }

    /// Runs every step; returns the first error.
    async fn tidy_up(&self) -> Result<(), DbError> {
        let (db, now) = (&self.db, self.world.now());
        let mut outcome = sweep(db, now).await;
        outcome = outcome.and(forget_kept_before(db, now - self.events_kept).await);
        let remembered_since = now - self.events_kept - REMEMBERED_LONGER;
        for consumer in &self.consumers {
            outcome = outcome.and(prune_inbox(db, consumer, remembered_since).await);
        }
        outcome
    }
}

async fn sweep(db: &Db, now: Timestamp) -> Result<(), DbError> {
    for network in networks(db).await?.into_iter().chain([no_network()]) {
        let tx = db.write(Reach::Network(network)).await?;
        sweep_keys(&tx, network, now).await?;
        platform_jobs::forget_finished(&tx, network, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Returns the networks in a service's database.
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

/// Deletes old rows of an inbox. An event's id begins with its time, so old ids are small ids.
async fn prune_inbox(db: &Db, consumer: &str, since: Timestamp) -> Result<(), DbError> {
    let oldest = u64::try_from(since.as_millisecond()).unwrap_or_default();
    let oldest = uuid::Builder::from_unix_timestamp_millis(oldest, &[0; 10]).into_uuid();
    let tx = db.write(Reach::Directory).await?;
    let sql = "delete from inbox where consumer = $1 and event_id < $2";
    tx.run(sql, [consumer.into(), oldest.into()]).await?;
    tx.commit().await
}
