//! A job in the graph: the same shape whichever service does it.

use async_graphql::{Enum, ID, SimpleObject};

use crate::{DateTime, SafeInt, to_id};

/// Work that a service does in the background for whoever started it; nobody else finds it.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The stable id.
    pub id: ID,
    /// What is done, such as `settle_months`.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How much is done, in units of the kind: months for `settle_months`.
    pub done: SafeInt,
    /// How much there is to do; null until that is known.
    pub total: Option<SafeInt>,
    /// The last step, or why the last attempt failed; in English.
    pub message: Option<String>,
    /// The code of the error, as in `extensions.code`, if the last attempt failed.
    pub code: Option<String>,
    /// When it was queued.
    pub created_at: DateTime,
    /// When it was done, or failed for good. It is kept for some days after that.
    pub finished_at: Option<DateTime>,
}

/// Where a job stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "kernel::JobState")]
pub enum JobState {
    /// Queued, for the first attempt or for another one.
    Waiting,
    /// A process works on it.
    Running,
    /// Done.
    Done,
    /// Given up after the last attempt.
    Failed,
}

impl From<kernel::Job> for Job {
    fn from(job: kernel::Job) -> Self {
        Self {
            id: to_id(job.id),
            kind: job.kind,
            state: job.state.into(),
            done: job.done.into(),
            total: job.total.map(Into::into),
            message: job.message,
            code: job.code,
            created_at: job.created_at.into(),
            finished_at: job.finished_at.map(Into::into),
        }
    }
}
