//! One run of a job: what its body knows and may do.

use kernel::{Caller, ErrorCode, JobId, NetworkId, OpContext, World};
use platform_db::{Db, DbError, Reach};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Why a run did not do the job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JobError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) is_final: bool,
}

impl JobError {
    /// Something that may go well another time.
    pub fn retry(code: ErrorCode, message: impl ToString) -> Self {
        Self { code: code.as_str().to_owned(), message: message.to_string(), is_final: false }
    }

    /// Something that no repetition mends: the job fails at once.
    pub fn fail(code: ErrorCode, message: impl ToString) -> Self {
        Self { is_final: true, ..Self::retry(code, message) }
    }
}

impl From<DbError> for JobError {
    fn from(error: DbError) -> Self {
        Self::retry(error.code(), error)
    }
}

/// A run, given to the body.
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) db: Db,
    pub(crate) world: World,
    pub(crate) id: JobId,
    pub(crate) network: NetworkId,
    pub(crate) caller: Caller,
    pub(crate) input: String,
    pub(crate) attempt: i64,
}

impl Run {
    /// The job.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// The network it belongs to; the nil id for none.
    pub fn network(&self) -> NetworkId {
        self.network
    }

    /// The database that holds the job, which is the service's.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> i64 {
        self.attempt
    }

    /// The context of whoever started the job, at the present instant: what they may was decided when they asked.
    pub fn op(&self) -> OpContext {
        OpContext::new(self.caller.clone(), self.world.clone())
    }

    /// What the body needs to know.
    ///
    /// # Errors
    /// It was written for another version of the body.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_str(&self.input).map_err(|error| {
            JobError::fail(ErrorCode::Internal, format!("the input cannot be read: {error}"))
        })
    }

    /// Notes how far the job is, at once and for everybody who watches it; in a transaction of its own, so call it
    /// between the body's transactions. The message names nobody.
    ///
    /// # Errors
    /// The database is away.
    pub async fn progress(&self, done: i64, total: i64, message: &str) -> Result<(), DbError> {
        let tx = self.db.write(Reach::Network(self.network)).await?;
        let sql = "update job set done = $3, total = $4, message = $5 where network_id = $1 and job_id = $2";
        let values = [
            Uuid::from(self.network).into(),
            Uuid::from(self.id).into(),
            done.into(),
            total.into(),
            message.into(),
        ];
        tx.run(sql, values).await?;
        tx.commit().await
    }
}
