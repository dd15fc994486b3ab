//! `hubnet jobs list|run|retry`: work in the background, what of it has failed, and doing it by hand.

use std::time::Duration;

use clap::Subcommand;
use kernel::{Job, JobId, JobState, OpContext, World};
use platform_db::{DbError, no_network};
use platform_jobs::{RetryOutcome, Worker, find_own, list_queued, list_schedules, retry};

use crate::{App, Config, Exit, ExitCode, ServiceSet};

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// So often a job that another process has taken is looked at.
const LOOKS: u32 = 120;

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// Show the jobs that wait, run or have failed, and when the recurring kinds are due.
    List,
    /// Run a recurring kind now, in every database that has it.
    Run {
        /// The kind, as `hubnet jobs list` shows it.
        #[arg(value_name = "KIND")]
        kind: String,
    },
    /// Queue a failed job again, with all its attempts.
    Retry {
        /// The job's id, as `hubnet jobs list` shows it.
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Shows, runs or retries jobs.
///
/// # Errors
/// A database is away; there is no such kind or no such failed job; a run did not do the job.
pub async fn jobs(config: &Config, action: Jobs) -> Result<(), Exit> {
    let app = App::open(config, ServiceSet::All, World::real()).await?;
    match action {
        Jobs::List => list(&app).await,
        Jobs::Run { kind } => run(&app, &kind).await,
        Jobs::Retry { id } => retry_one(&app, &id).await,
    }
}

async fn list(app: &App) -> Result<(), Exit> {
    let mut jobs = 0;
    for (database, db) in app.named_databases() {
        for schedule in list_schedules(db).await.map_err(away)? {
            let succeeded = schedule.succeeded.map_or_else(|| "never".to_owned(), |at| at.to_string());
            let (kind, plan, next) = (schedule.kind, schedule.plan, schedule.next);
            println!("{database} {kind} {plan}, next {next}, last done {succeeded}");
        }
        for queued in list_queued(db).await.map_err(away)? {
            jobs += 1;
            let Job { id, kind, state, .. } = &queued.job;
            let due = queued.due.map_or_else(String::new, |due| format!(", due {due}"));
            let (state, attempts) = (state.word(), queued.attempts);
            println!("{database} {id} {kind} {state}, run {attempts} times{due}{}", why(&queued.job));
        }
    }
    println!("{jobs} jobs wait, run or have failed");
    Ok(())
}

fn why(job: &Job) -> String {
    match (&job.code, &job.message) {
        (Some(code), Some(message)) => format!(": {code}: {message}"),
        (_, Some(message)) => format!(": {message}"),
        _ => String::new(),
    }
}

async fn run(app: &App, kind: &str) -> Result<(), Exit> {
    let mut known = Vec::new();
    let mut runs = 0;
    for worker in app.workers() {
        let recurring = worker.kinds().iter().filter(|it| it.recurs());
        known.extend(recurring.clone().map(platform_jobs::Kind::name));
        let Some(kind) = recurring.clone().find(|it| it.name() == kind) else { continue };
        // Nothing else that is due.
        let alone = Worker::new(worker.db().clone(), app.world().clone(), vec![kind.clone()]);
        run_in(&alone, kind.name(), app.world()).await?;
        runs += 1;
    }
    if runs == 0 {
        known.sort_unstable();
        known.dedup();
        let message = format!("{kind:?} is no recurring kind: they are {}", known.join(", "));
        return Err(Exit::new(ExitCode::DataError, message));
    }
    println!("{kind}: done");
    Ok(())
}

async fn run_in(worker: &Worker, kind: &str, world: &World) -> Result<(), Exit> {
    let Some(id) = worker.queue_now(kind).await.map_err(away)? else { return Ok(()) };
    worker.run_due().await.map_err(away)?;
    let system = OpContext::system(world.clone());
    // A server may have taken it first.
    for _look in 0..LOOKS {
        match find_own(worker.db(), &system, no_network(), id).await.map_err(away)? {
            None => return Ok(()),
            Some(job) if job.state == JobState::Done => return Ok(()),
            Some(job) if job.state == JobState::Running => tokio::time::sleep(LOOK_EVERY).await,
            Some(job) => {
                let message = format!("{kind}: {}{}", job.state.word(), why(&job));
                return Err(Exit::new(ExitCode::Unavailable, message));
            }
        }
    }
    Err(Exit::new(ExitCode::Unavailable, format!("{kind}: another process is still running it")))
}

async fn retry_one(app: &App, id: &str) -> Result<(), Exit> {
    let unreadable = |error: kernel::IdError| Exit::new(ExitCode::DataError, format!("{id:?}: {error}"));
    let id: JobId = id.parse().map_err(unreadable)?;
    for db in app.databases() {
        match retry(db, app.world(), id).await {
            Ok(RetryOutcome::Unknown) => {}
            Ok(RetryOutcome::Queued) => {
                println!("{id} is queued; a running server takes it within seconds");
                return Ok(());
            }
            Ok(RetryOutcome::NotFailed) => {
                return Err(Exit::new(ExitCode::DataError, format!("{id} has not failed")));
            }
            Err(DbError::Duplicate(_)) => {
                let message = format!("{id}: another job of the same kind and key is queued already");
                return Err(Exit::new(ExitCode::DataError, message));
            }
            Err(error) => return Err(away(error)),
        }
    }
    Err(Exit::new(ExitCode::DataError, format!("{id} is no job that has failed")))
}

fn away(error: DbError) -> Exit {
    Exit::because(ExitCode::Unavailable, &error)
}
