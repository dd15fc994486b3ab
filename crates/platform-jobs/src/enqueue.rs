//! Queuing a job, in the transaction of whoever wants it.

use jiff::Timestamp;
use kernel::{Caller, Id, JobId, NetworkId, OpContext, World};
use platform_db::{DbError, Ts, Tx, no_network};
use serde::Serialize;
use uuid::Uuid;

/// A job that is to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    kind: &'static str,
    input: String,
    unique_key: Option<String>,
    due_at: Option<Timestamp>,
}

impl NewJob {
    /// A job of a kind, with what its body needs to know: ids, days and counts, no name and no address of a person.
    ///
    /// # Errors
    /// The input cannot be written as JSON.
    pub fn new(kind: &'static str, input: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { input: serde_json::to_string(input)?, ..Self::without_input(kind) })
    }

    /// A job of a kind whose body needs to know nothing.
    pub fn without_input(kind: &'static str) -> Self {
        Self { kind, input: "null".to_owned(), unique_key: None, due_at: None }
    }

    /// The same, run once at an instant or soon after.
    #[must_use]
    pub fn at(self, due_at: Timestamp) -> Self {
        Self { due_at: Some(due_at), ..self }
    }

    /// The same, queued only if the same caller has no job of this kind and key that is waiting or running.
    #[must_use]
    pub fn unique(self, key: impl Into<String>) -> Self {
        Self { unique_key: Some(key.into()), ..self }
    }
}

/// Queues a job for whoever the context stands for, in their transaction, which reaches the network. Returns the id: of
/// the job that is waiting or running under the same unique key, if there is one.
///
/// # Errors
/// The database is away.
pub async fn enqueue(tx: &Tx, op: &OpContext, network: NetworkId, job: NewJob) -> Result<JobId, DbError> {
    insert(tx, op.world(), op.caller(), network, job).await
}

/// Queues a job of a network for the system itself, whoever causes it: nobody watches it.
///
/// # Errors
/// The database is away.
pub async fn enqueue_for_system(
    tx: &Tx,
    world: &World,
    network: NetworkId,
    job: NewJob,
) -> Result<JobId, DbError> {
    insert(tx, world, &Caller::System, network, job).await
}

/// Queues a job that belongs to no network and nobody, in a transaction that reaches [`no_network`].
///
/// # Errors
/// The database is away.
pub async fn enqueue_for_nobody(tx: &Tx, world: &World, job: NewJob) -> Result<JobId, DbError> {
    insert(tx, world, &Caller::System, no_network(), job).await
}

async fn insert(
    tx: &Tx,
    world: &World,
    caller: &Caller,
    network: NetworkId,
    job: NewJob,
) -> Result<JobId, DbError> {
    // Who held the key may finish between the two statements; then it is free.
    for _attempt in 0..3 {
        let id = JobId::generate(world);
        if insert_row(tx, world, caller, network, &job, id).await? {
            let due_at = job.due_at.unwrap_or_else(|| world.now());
            let sql = "insert into job_queue (job_id, networkid, kind, state, attempts, due_at_ms) \
                       values ($1, $2, $3, 'waiting', 0, $4)";
            let values = [
                Uuid::from(id).into(),
                network.to_string().into(),
                job.kind.into(),
                due_at.as_millisecond().into(),
            ];
            tx.run(sql, values).await?;
            return Ok(id);
        }
        let sql = "select job_id from job where network_id = $1 and kind = $2 and started_by = $3 \
                   and unique_key = $4 and finished_at is null";
        let values = [
            Uuid::from(network).into(),
            job.kind.into(),
            caller.actor().into(),
            job.unique_key.clone().into(),
        ];
        if let Some(row) = tx.row(sql, values).await? {
            return Ok(row.try_get::<Uuid>("", "job_id")?.into());
        }
    }
    Err(DbError::inconsistent("job", "a unique key is neither free nor taken"))
}

async fn insert_row(
    tx: &Tx,
    world: &World,
    caller: &Caller,
    network: NetworkId,
    job: &NewJob,
    id: JobId,
) -> Result<bool, DbError> {
    let written = serde_json::to_string(caller).map_err(|error| DbError::inconsistent("job", error))?;
    let row = [
        Uuid::from(network).into(),
        Uuid::from(id).into(),
        job.kind.into(),
        job.unique_key.clone().into(),
        job.input.as_str().into(),
        caller.actor().into(),
        written.into(),
        Ts(world.now()).into(),
    ];
    let head =
        "insert into job (network_id, job_id, kind, unique_key, input, started_by, caller, created_at)";
    Ok(tx.insert_rows(head, vec![row], "on conflict do nothing").await? == 1)
}
