//! Durable jobs in a service's own database: work that is done later, again and again, or beside the request that asked
//! for it.
//!
//! Always true:
//! - A job exists exactly if the transaction that queued it committed: [`enqueue`] writes through the caller's own
//!   transaction.
//! - One worker holds a job at a time, by a claim that it renews while the body runs. When its process dies, the claim
//!   runs out and another process runs the job again: **at least once, so bodies are idempotent**. Only whoever holds the
//!   claim records what came of a run.
//! - A body that fails is run again after a pause that doubles, up to [`Kind::attempts`]; then the job has failed, which
//!   `hubnet jobs list`, the metrics and `hubnet doctor` show until somebody retries it.
//! - A recurring kind is queued once for each due instant, however many processes run, and not while its last job is
//!   still waiting or running. Instants missed while no process ran are made up by one run.
//! - Time comes from the [`World`](kernel::World); real time only paces how often a worker looks.
//!
//! **Adding a job**: write the body as a use-case that may be repeated, register it as a [`Kind`] in the service's
//! `jobs()`, and queue it by [`enqueue`] in the use-case that wants it (or give it [`Kind::every`] or [`Kind::cron`]).

mod cron;
mod enqueue;
mod figures;
mod kind;
mod plan;
mod queue;
mod run;
mod watch;
mod worker;

pub use cron::{Cron, CronError};
pub use enqueue::{NewJob, enqueue, enqueue_for_nobody, enqueue_for_system};
pub use kind::{Body, Kind};
pub use plan::{Plan, Schedule, list_schedules};
pub use queue::{
    QueuedCount, QueuedJob, RetryOutcome, cancel, count_queued, find_own, forget_finished, list_queued, retry,
};
pub use run::{JobError, Run};
pub use watch::watch;
pub use worker::{LEASE, Worker};
