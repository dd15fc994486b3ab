//! A worker: one for each database of a process, for the kinds its services have registered.
//!
//! Always true: at most [`MOST_AT_ONCE`] jobs run at once in a process and database, so a long job does not keep the
//! others waiting. A worker that is told to stop gives a job back that does not end soon; one that is killed loses its
//! claims when their lease ends.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use jiff::SignedDuration;
use kernel::{ErrorCode, JobId, World};
use platform_db::{Db, DbError, Reach, no_network};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    JobError, Kind, NewJob, enqueue_for_nobody,
    figures::count_run,
    plan,
    queue::{self, Claimed},
};

/// So long a claim is good without being renewed: a killed process's jobs are run again after that.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// A claim is renewed well before it ends.
const RENEW_EVERY: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_secs(1);
const MOST_AT_ONCE: usize = 4;
/// So long a body may go on after its worker was told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the due jobs of a database.
#[derive(Debug, Clone)]
pub struct Worker {
    db: Db,
    world: World,
    kinds: Arc<[Kind]>,
}

/// What came of a run.
enum Outcome {
    Ended(Result<(), JobError>),
    /// Another worker holds the job: this one was away for too long.
    Lost,
    /// The worker stops.
    Stopped,
}

impl Worker {
    /// A worker for the kinds of the services on a database.
    pub fn new(db: Db, world: World, kinds: Vec<Kind>) -> Self {
        Self { db, world, kinds: kinds.into() }
    }

    /// Its database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// What it runs.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Works until told to stop.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        let mut is_registered = false;
        while !*stop.borrow() {
            match self.take(&mut is_registered, MOST_AT_ONCE - running.len()).await {
                Ok(claimed) => {
                    for claimed in claimed {
                        running.spawn(work(claimed, Some(stop.clone())));
                    }
                }
                Err(error) => tracing::warn!(%error, "due jobs wait"),
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                Some(_) = running.join_next() => {}
                _ = stop.changed() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs everything that is due, one after another, until nothing is: for tests and the command line.
    ///
    /// # Errors
    /// The database is away.
    pub async fn run_due(&self) -> Result<usize, DbError> {
        let mut runs = 0;
        let mut is_registered = false;
        loop {
            let claimed = self.take(&mut is_registered, 1).await?;
            if claimed.is_empty() {
                return Ok(runs);
            }
            for claimed in claimed {
                work(claimed, None).await;
                runs += 1;
            }
        }
    }

    /// Queues a job of a recurring kind now, unless one is queued already; nothing if the kind does not recur or is
    /// not of this worker.
    ///
    /// # Errors
    /// The database is away.
    pub async fn queue_now(&self, kind: &str) -> Result<Option<JobId>, DbError> {
        let Some(kind) = self.kinds.iter().find(|it| it.name == kind && it.recurs()) else { return Ok(None) };
        let tx = self.db.write(Reach::Network(no_network())).await?;
        let id = enqueue_for_nobody(&tx, &self.world, NewJob::without_input(kind.name).unique("due")).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    async fn take(&self, is_registered: &mut bool, most: usize) -> Result<Vec<Claimed>, DbError> {
        if !*is_registered {
            plan::register(&self.db, &self.world, &self.kinds).await?;
            *is_registered = true;
        }
        if most == 0 || !queue::is_anything_due(&self.db, self.world.now()).await? {
            return Ok(Vec::new());
        }
        plan::queue_due(&self.db, &self.world, &self.kinds).await?;
        queue::claim(&self.db, &self.world, &self.kinds, LEASE, most).await
    }
}

/// Runs a job that was claimed, and records what came of it.
#[tracing::instrument(name = "job", skip_all, fields(job.kind = claimed.kind.name, job.id = %claimed.run.id))]
async fn work(claimed: Claimed, stop: Option<watch::Receiver<bool>>) {
    let kind = claimed.kind.name;
    let outcome = if claimed.is_exhausted {
        let message = "the process that ran it stopped, at every attempt";
        Outcome::Ended(Err(JobError::fail(ErrorCode::Internal, message)))
    } else {
        // Polled side by side: a body may hold what renewing waits for.
        tokio::select! {
            ended = run_body(&claimed) => Outcome::Ended(ended),
            () = keep_claim(&claimed) => Outcome::Lost,
            () = is_stopped(stop) => Outcome::Stopped,
        }
    };
    let recorded = match &outcome {
        Outcome::Ended(Ok(())) => claimed.finish().await.map(|is_ours| if is_ours { "done" } else { "lost" }),
        Outcome::Ended(Err(error)) => claimed.fail(error).await.map(|has_failed| match has_failed {
            Some(true) => {
                tracing::error!(%error, error.code = error.code, "a job has failed");
                "failed"
            }
            Some(false) => {
                tracing::warn!(%error, error.code = error.code, "a job is tried again later");
                "retried"
            }
            None => "lost",
        }),
        Outcome::Lost => Ok("lost"),
        Outcome::Stopped => claimed.release().await.map(|()| "released"),
    };
    match recorded {
        Ok(outcome) => count_run(kind, outcome),
        Err(error) => {
            tracing::warn!(%error, "what came of a job is not recorded; it is run again when its lease ends");
            count_run(kind, "lost");
        }
    }
}

async fn run_body(claimed: &Claimed) -> Result<(), JobError> {
    let body = AssertUnwindSafe((claimed.kind.body)(claimed.run.clone())).catch_unwind();
    body.await
        .unwrap_or_else(|_panic| Err(JobError::retry(ErrorCode::Internal, "the body of the job panicked")))
}

/// Renews the claim until it is lost.
async fn keep_claim(claimed: &Claimed) {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        match claimed.renew(LEASE).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "the claim of a job is not renewed"),
        }
    }
}

/// Waits until the worker was told to stop and the grace is over; for ever where nobody tells it.
async fn is_stopped(stop: Option<watch::Receiver<bool>>) {
    if let Some(mut stop) = stop
        && stop.wait_for(|is_stopped| *is_stopped).await.is_ok()
    {
        tokio::time::sleep(GRACE).await;
        return;
    }
    std::future::pending::<()>().await;
}
