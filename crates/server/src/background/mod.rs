//! Background work: relays and consumers, postponed events and gaps, jobs, the recount of occupancy, the loading of keys
//! and revocations.
//!
//! Always true: every task stops on request and can be killed at any moment; the next start continues from the database.
//!
//! What must be done once for an installation is a job ([`App::workers`]): closing forgotten visits, tidying, sending mail. What each
//! process does for itself is a loop here, because its outcome is in the process's own memory or its own hands: the signing
//! keys and revocations it knows, its occupancy, its figures, its part of relaying and receiving, whose rows it claims in
//! batches many times a second.

pub(crate) mod jobs;
pub(crate) mod tidying;

use std::{sync::Arc, time::Duration};

use membership::Membership;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    App,
    figures::{self, TaskFigures},
};

/// How soon a lost or missed change of occupancy is made good (R4: within a second).
const RECOUNT_WHEN_ASKED: Duration = Duration::from_millis(800);
/// How often occupancy is recounted although nothing seems missed.
const RECOUNT_ANYWAY: u32 = 6;
/// How long a shutdown waits for events that are being handled.
const HUSH_PATIENCE: Duration = Duration::from_secs(2);
/// With the half minute after which sockets are checked again, a revocation counts well within a minute (G12).
const LOAD_REVOCATIONS: Duration = Duration::from_secs(5);
const RELOAD_REVOCATIONS: Duration = Duration::from_secs(1);

/// Tasks that run until they are stopped.
#[derive(Debug)]
pub struct Background {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    hush: watch::Sender<bool>,
}

impl Background {
    /// Starts all tasks of this process.
    pub fn start(app: &App) -> Self {
        let mut all = Self::consume(app);
        let stopped = all.stop.subscribe();
        let figures = TaskFigures::new();
        all.tasks.spawn(figures::keep(app.clone(), figures.clone(), stopped.clone()));
        for relay in app.relays() {
            all.tasks.spawn(relay.run(stopped.clone()));
        }
        for handler in app.handlers() {
            all.tasks.spawn(platform_bus::keep_retrying(Arc::clone(&handler), all.hush.subscribe()));
            if app.amqp().is_none() {
                let sources = app.databases().to_vec();
                all.tasks.spawn(platform_bus::keep_closing_gaps(handler, sources, all.hush.subscribe()));
            }
        }
        if let Some(amqp) = app.amqp() {
            for (service, db) in app.service_databases() {
                let flow = Arc::clone(app.flow());
                let answers =
                    platform_bus::answer_requests(amqp.clone(), service.name(), db, flow, stopped.clone());
                all.tasks.spawn(answers);
            }
        }
        for worker in app.workers() {
            all.tasks.spawn(worker.run(stopped.clone()));
        }
        all.tasks.spawn(keep_revocations(app.clone(), figures, stopped.clone()));
        if let Some(membership) = app.membership() {
            all.tasks.spawn(keep_occupancy(membership.clone(), stopped));
        }
        all
    }

    /// Starts only the consumers of the broker, for callers that [drain](App::drain) explicitly.
    pub fn listen(app: &App) -> Self {
        app.flow().watch();
        Self::consume(app)
    }

    fn consume(app: &App) -> Self {
        let (stop, hush) = (watch::Sender::new(false), watch::Sender::new(false));
        let mut tasks = JoinSet::new();
        if let Some(amqp) = app.amqp() {
            for handler in app.handlers() {
                let flow = Arc::clone(app.flow());
                tasks.spawn(platform_bus::consume(amqp.clone(), handler, flow, hush.subscribe()));
            }
        }
        Self { tasks, stop, hush }
    }

    /// Returns a handle that stops the consumers; relays continue until [`Self::stop`].
    pub fn hush(&self) -> Hush {
        Hush(self.hush.clone())
    }

    /// Stops all tasks and waits for them, at most five seconds.
    pub async fn stop(mut self) {
        self.hush.send_replace(true);
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(5), all).await.is_err() {
            tracing::warn!(
                "some background work did not stop in time; the next start goes on from the database"
            );
        }
    }
}

/// Loads keys and revocations periodically: what ended in another process ends here within seconds.
async fn keep_revocations(app: App, figures: TaskFigures, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = app.tokens().keys().read_again() {
            tracing::warn!(%error, "the signing keys stay as they were read before");
        }
        let loaded = app.load_revocations().await;
        match &loaded {
            Ok(()) => figures.succeeded("revocations", &app),
            Err(error) => tracing::warn!(%error, "what was revoked stays as it was loaded before"),
        }
        pause(if loaded.is_ok() { LOAD_REVOCATIONS } else { RELOAD_REVOCATIONS }, &mut stop).await;
    }
}

/// Stops the consumers before everything else stops.
#[derive(Debug)]
pub struct Hush(watch::Sender<bool>);

impl Hush {
    /// Waits until no event is being handled, at most two seconds.
    pub async fn now(self) {
        self.0.send_replace(true);
        if tokio::time::timeout(HUSH_PATIENCE, self.0.closed()).await.is_err() {
            tracing::warn!("an event is still being handled; it will come again");
        }
    }
}

async fn keep_occupancy(membership: Membership, mut stop: watch::Receiver<bool>) {
    let mut rounds = 0;
    while !*stop.borrow() {
        let is_due = membership.live().wants_recount() || rounds % RECOUNT_ANYWAY == 0;
        if is_due && let Err(error) = membership.recount_occupancy().await {
            membership.live().not_recounted();
            tracing::warn!(%error, "occupancy is not recounted");
        }
        rounds += 1;
        pause(RECOUNT_WHEN_ASKED, &mut stop).await;
    }
}

pub(crate) async fn pause(how_long: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(how_long) => {}
        _ = stop.changed() => {}
    }
}
