//! Tidying: the deletion of rows that are kept for a limited time. An hourly job of every database.
//!
//! Always true: a row deleted here served only to recognise repetitions, or to publish events again within the configured
//! time.
//!
//! - Idempotency keys: two days for people and integrations, eight for devices (`platform_db::Db::idempotent`).
//! - The event log of each source: `bus.events_kept_days`, during which its events can be published again.
//! - The inbox of each receiver: half a day longer than the log, so that every event published again is recognised.
//! - Finished jobs: a week, failed ones a month (`platform_jobs::forget_finished`).
//! - Mail that was given up or has bounced: a month (`platform_mail::forget_old`).

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use kernel::{NetworkId, World};
use platform_bus::forget_kept_before;
use platform_db::{Db, DbError, Reach, no_network, sweep_keys};
use platform_jobs::Kind;
use platform_module::Module;

use crate::App;

/// The kind of these jobs.
const TIDYING: &str = "tidying";

const TIDY_UP: SignedDuration = SignedDuration::from_hours(1);
/// How much longer a consumer's inbox is kept than the events that can be published again.
const REMEMBERED_LONGER: SignedDuration = SignedDuration::from_hours(12);

/// The input of tidying one database.
#[derive(Debug, Clone)]
pub(crate) struct Tidying {
    db: Db,
    world: World,
    events_kept: SignedDuration,
    /// The services on this database.
    modules: Vec<Arc<dyn Module>>,
}

impl Tidying {
    pub(crate) fn of(app: &App, modules: &[Arc<dyn Module>], db: &Db) -> Self {
        let (world, modules) = (app.world().clone(), modules.to_vec());
        Self { db: db.clone(), world, events_kept: app.events_kept(), modules }
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
        let mut outcome = self.sweep(now).await;
        outcome = outcome.and(forget_kept_before(db, now - self.events_kept).await);
        let remembered_since = now - self.events_kept - REMEMBERED_LONGER;
        for module in &self.modules {
            outcome = outcome.and(prune_inbox(db, module.about().name, remembered_since).await);
        }
        outcome
    }

    async fn sweep(&self, now: Timestamp) -> Result<(), DbError> {
        for network in self.networks().await?.into_iter().chain([no_network()]) {
            let tx = self.db.write(Reach::Network(network)).await?;
            sweep_keys(&tx, network, now).await?;
            platform_jobs::forget_finished(&tx, network, now).await?;
            platform_mail::forget_old(&tx, network, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn networks(&self) -> Result<BTreeSet<NetworkId>, DbError> {
        let mut networks = BTreeSet::new();
        for module in &self.modules {
            networks.extend(module.list_networks().await?);
        }
        Ok(networks)
    }
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
