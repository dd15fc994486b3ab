//! A job as whoever started it sees it: work that a service does in the background.

use jiff::Timestamp;

use crate::JobId;

/// A job and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is done: the name of a kind that a service has registered.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How much is done, in units of the kind.
    pub done: i64,
    /// How much there is to do, once that is known.
    pub total: Option<i64>,
    /// The last step, or why the last attempt failed.
    pub message: Option<String>,
    /// The stable code of the error, if the last attempt failed.
    pub code: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it was done, or failed for good.
    pub finished_at: Option<Timestamp>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Queued: for now, for later, or for another attempt.
    Waiting,
    /// A process works on it.
    Running,
    /// Done.
    Done,
    /// Given up after the last attempt; an operator may retry it.
    Failed,
}

impl JobState {
    /// The word for it in tables, figures and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more happens to it by itself.
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}
