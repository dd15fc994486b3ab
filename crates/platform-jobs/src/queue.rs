//! The queue's statements: claiming, renewing, recording what came of a run; finding, listing, retrying, forgetting.
//!
//! Always true: `job_queue.due_at_ms` is when a worker may take the job: when it is due, when a claim runs out, never for
//! one that has failed. Whoever records an outcome names their claim, and changes nothing once it is another's.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use kernel::{Caller, Id as _, Job, JobId, JobState, NetworkId, OpContext, World};
use platform_db::{Db, DbError, Reach, Row, Ts, Tx};
use uuid::Uuid;

use crate::{JobError, Kind, Run, kind::Taken, plan::instant};

/// Never due: a job that has failed.
const NEVER: i64 = i64::MAX;
/// So long whoever started a job can see that it is done.
const DONE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So long a failed one waits for somebody to retry it.
const FAILED_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// An operator looks at no more.
const MOST_LISTED: i64 = 1_000;

/// A job that this worker holds.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) kind: Kind,
    pub(crate) run: Run,
    pub(crate) claim: Uuid,
    /// So often it was run before, and its process stopped, as often as it may be.
    pub(crate) is_exhausted: bool,
    _place: Taken,
}

/// Whether a job or a recurring kind may be due: one statement, asked every second.
pub(crate) async fn is_anything_due(db: &Db, now: Timestamp) -> Result<bool, DbError> {
    let sql = "select 1 as due from job_queue where due_at_ms <= $1 \
               union all select 1 from job_schedule where next_at_ms <= $1 limit 1";
    Ok(!db.alone(sql, [now.as_millisecond().into()]).await?.is_empty())
}

/// Claims up to `most` due jobs of the kinds until the lease ends. On PostgreSQL each worker skips what others are
/// claiming at the moment; on SQLite the transaction is IMMEDIATE, so that there is one at a time.
pub(crate) async fn claim(
    db: &Db,
    world: &World,
    kinds: &[Kind],
    lease: SignedDuration,
    most: usize,
) -> Result<Vec<Claimed>, DbError> {
    let with_places = kinds.iter().filter(|kind| kind.has_a_place());
    let names: Vec<String> = with_places.map(|kind| kind.name.to_owned()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let tx = db.write(Reach::Directory).await?;
    let (of_kinds, names) = tx.among("kind", 3, &names);
    let hold = if tx.is_postgres() { "for update skip locked" } else { "" };
    let sql = format!(
        "select job_id, networkid, kind, state, attempts from job_queue where due_at_ms <= $1 and {of_kinds} \
         order by due_at_ms limit $2 {hold}"
    );
    let now = world.now();
    let first = [now.as_millisecond().into(), i64::try_from(most).unwrap_or(1).into()];
    let mut claimed = Vec::new();
    for row in tx.rows(&sql, first.into_iter().chain(names)).await? {
        claimed.extend(claim_one(&tx, db, world, kinds, lease, &row).await?);
    }
    tx.commit().await?;
    Ok(claimed)
}

async fn claim_one(
    tx: &Tx,
    db: &Db,
    world: &World,
    kinds: &[Kind],
    lease: SignedDuration,
    row: &Row,
) -> Result<Option<Claimed>, DbError> {
    let (id, name): (Uuid, String) = (row.try_get("", "job_id")?, row.try_get("", "kind")?);
    let Some(kind) = kinds.iter().find(|kind| kind.name == name) else { return Ok(None) };
    let Some(place) = kind.take_a_place() else { return Ok(None) };
    let network = network_of(row)?;
    let (state, attempts): (String, i64) = (row.try_get("", "state")?, row.try_get("", "attempts")?);
    tx.enter(Reach::Network(network)).await?;
    let sql = "select input, caller from job where network_id = $1 and job_id = $2";
    let Some(job) = tx.row(sql, [Uuid::from(network).into(), id.into()]).await? else {
        tx.run("delete from job_queue where job_id = $1", [id.into()]).await?;
        return Ok(None);
    };
    let claim = Uuid::from(JobId::generate(world));
    let ends = world.now() + lease;
    let sql = "update job_queue set state = 'running', claim = $2, attempts = attempts + 1, due_at_ms = $3 \
               where job_id = $1";
    tx.run(sql, [id.into(), claim.into(), ends.as_millisecond().into()]).await?;
    let caller: String = job.try_get("", "caller")?;
    let caller: Caller =
        serde_json::from_str(&caller).map_err(|error| DbError::inconsistent("job", error))?;
    let run = Run {
        db: db.clone(),
        world: world.clone(),
        id: id.into(),
        network,
        caller,
        input: job.try_get("", "input")?,
        attempt: attempts + 1,
    };
    let is_exhausted = state == "running" && attempts >= kind.attempts;
    Ok(Some(Claimed { kind: kind.clone(), run, claim, is_exhausted, _place: place }))
}

impl Claimed {
    /// Renews the claim; whether it is still this worker's.
    pub(crate) async fn renew(&self, lease: SignedDuration) -> Result<bool, DbError> {
        let ends = self.run.world.now() + lease;
        // As a transaction: when `alone` repeats a statement, its first answer is lost.
        let tx = self.run.db.write(Reach::Directory).await?;
        let sql = "update job_queue set due_at_ms = $3 where job_id = $1 and claim = $2";
        let renewed = tx.run(sql, [self.id(), self.claim.into(), ends.as_millisecond().into()]).await?;
        tx.commit().await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// Records that the job is done; whether the claim was still this worker's.
    pub(crate) async fn finish(&self) -> Result<bool, DbError> {
        let tx = self.run.db.write(Reach::Network(self.run.network)).await?;
        let sql = "delete from job_queue where job_id = $1 and claim = $2";
        if tx.run(sql, [self.id(), self.claim.into()]).await?.rows_affected() != 1 {
            return Ok(false);
        }
        if self.kind.recurs() {
            // What recurs leaves no rows behind, and what failed before is made up.
            self.forget_failed(&tx).await?;
            tx.run("delete from job where network_id = $1 and job_id = $2", [self.network(), self.id()])
                .await?;
            let sql = "update job_schedule set succeeded_at_ms = $2 where kind = $1";
            tx.run(sql, [self.kind.name.into(), self.run.world.now().as_millisecond().into()]).await?;
        } else {
            let sql = "update job set finished_at = $3, code = null where network_id = $1 and job_id = $2";
            tx.run(sql, [self.network(), self.id(), Ts(self.run.world.now()).into()]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Records that a run did not do the job: it waits for the next attempt, or has failed. Returns whether it has
    /// failed; nothing if the claim is another's.
    pub(crate) async fn fail(&self, error: &JobError) -> Result<Option<bool>, DbError> {
        let has_failed = error.is_final || self.is_exhausted || self.run.attempt >= self.kind.attempts;
        let now = self.run.world.now();
        let due =
            if has_failed { NEVER } else { (now + self.kind.pause_after(self.run.attempt)).as_millisecond() };
        let state = if has_failed { JobState::Failed } else { JobState::Waiting };
        let tx = self.run.db.write(Reach::Network(self.run.network)).await?;
        if has_failed && self.kind.recurs() {
            self.forget_failed(&tx).await?;
        }
        if !self.give_back(&tx, state, due, self.run.attempt).await? {
            return Ok(None);
        }
        let finished = has_failed.then_some(Ts(now));
        let sql = "update job set finished_at = $3, message = $4, code = $5 \
                   where network_id = $1 and job_id = $2";
        let values = [
            self.network(),
            self.id(),
            finished.into(),
            error.message.as_str().into(),
            error.code.as_str().into(),
        ];
        tx.run(sql, values).await?;
        tx.commit().await?;
        Ok(Some(has_failed))
    }

    /// Gives the job back at once, as if it had not been taken: this process stops.
    pub(crate) async fn release(&self) -> Result<(), DbError> {
        let tx = self.run.db.write(Reach::Directory).await?;
        let now = self.run.world.now().as_millisecond();
        self.give_back(&tx, JobState::Waiting, now, self.run.attempt - 1).await?;
        tx.commit().await
    }

    async fn give_back(&self, tx: &Tx, state: JobState, due: i64, attempts: i64) -> Result<bool, DbError> {
        let sql = "update job_queue set state = $3, claim = null, due_at_ms = $4, attempts = $5 \
                   where job_id = $1 and claim = $2";
        let values = [self.id(), self.claim.into(), state.word().into(), due.into(), attempts.into()];
        Ok(tx.run(sql, values).await?.rows_affected() == 1)
    }

    /// Forgets earlier jobs of a recurring kind that have failed: the latest one says what is wrong.
    async fn forget_failed(&self, tx: &Tx) -> Result<(), DbError> {
        let sql = "delete from job where network_id = $1 and kind = $2 and finished_at is not null";
        tx.run(sql, [self.network(), self.kind.name.into()]).await?;
        let sql = "delete from job_queue where due_at_ms = $1 and kind = $2";
        tx.run(sql, [NEVER.into(), self.kind.name.into()]).await?;
        Ok(())
    }

    fn id(&self) -> platform_db::Value {
        Uuid::from(self.run.id).into()
    }

    fn network(&self) -> platform_db::Value {
        Uuid::from(self.run.network).into()
    }
}

const OF_JOB: &str = "j.job_id, j.kind, j.done, j.total, j.message, j.code, j.created_at, j.finished_at, \
     q.state, q.attempts, q.due_at_ms";

/// A job that the caller started in a network; somebody else's is not there.
///
/// # Errors
/// The database is away.
pub async fn find_own(
    db: &Db,
    op: &OpContext,
    network: NetworkId,
    id: JobId,
) -> Result<Option<Job>, DbError> {
    let tx = db.read(Reach::Network(network)).await?;
    let sql = format!(
        "select {OF_JOB} from job j left join job_queue q on q.job_id = j.job_id \
         where j.network_id = $1 and j.job_id = $2 and j.started_by = $3"
    );
    let values = [Uuid::from(network).into(), Uuid::from(id).into(), op.caller().actor().into()];
    tx.row(&sql, values).await?.map(|row| read(&row)).transpose()
}

fn read(row: &Row) -> Result<Job, DbError> {
    let state = match row.try_get::<Option<String>>("", "state")?.as_deref() {
        None => JobState::Done,
        Some(word) => state_of(word)?,
    };
    Ok(Job {
        id: row.try_get::<Uuid>("", "job_id")?.into(),
        kind: row.try_get("", "kind")?,
        state,
        done: row.try_get("", "done")?,
        total: row.try_get("", "total")?,
        message: row.try_get("", "message")?,
        code: row.try_get("", "code")?,
        created_at: row.try_get::<Ts>("", "created_at")?.0,
        finished_at: row.try_get::<Option<Ts>>("", "finished_at")?.map(|at| at.0),
    })
}

fn state_of(word: &str) -> Result<JobState, DbError> {
    let all = [JobState::Waiting, JobState::Running, JobState::Failed];
    all.into_iter().find(|state| state.word() == word).ok_or_else(|| DbError::inconsistent("job_queue", word))
}

/// A job that is not done, as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedJob {
    /// The job.
    pub job: Job,
    /// So often it was run.
    pub attempts: i64,
    /// When it may be taken; nothing for one that has failed.
    pub due: Option<Timestamp>,
}

/// Reads the jobs of a database that are not done, the first due first and the failed last, at most a thousand.
///
/// # Errors
/// The database is away.
pub async fn list_queued(db: &Db) -> Result<Vec<QueuedJob>, DbError> {
    let tx = db.read(Reach::Directory).await?;
    let sql = "select job_id, networkid from job_queue order by due_at_ms limit $1";
    let mut by_network: BTreeMap<NetworkId, Vec<Uuid>> = BTreeMap::new();
    for row in tx.rows(sql, [MOST_LISTED.into()]).await? {
        by_network.entry(network_of(&row)?).or_default().push(row.try_get("", "job_id")?);
    }
    let mut jobs = Vec::new();
    for (network, ids) in by_network {
        tx.enter(Reach::Network(network)).await?;
        let (which, ids) = tx.among("j.job_id", 2, &ids);
        let sql = format!(
            "select {OF_JOB} from job j join job_queue q on q.job_id = j.job_id where j.network_id = $1 and {which}"
        );
        for row in tx.rows(&sql, std::iter::once(Uuid::from(network).into()).chain(ids)).await? {
            let due: i64 = row.try_get("", "due_at_ms")?;
            jobs.push(QueuedJob {
                job: read(&row)?,
                attempts: row.try_get("", "attempts")?,
                due: (due != NEVER).then(|| instant(due)),
            });
        }
    }
    jobs.sort_by_key(|queued| (queued.due.unwrap_or(Timestamp::MAX), queued.job.id));
    Ok(jobs)
}

/// How many jobs of a kind stand somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedCount {
    /// The kind.
    pub kind: String,
    /// Where they stand.
    pub state: JobState,
    /// How many.
    pub jobs: i64,
    /// When the first of them was due.
    pub first_due: Timestamp,
}

/// Counts the jobs of a database that are not done.
///
/// # Errors
/// The database is away.
pub async fn count_queued(db: &Db) -> Result<Vec<QueuedCount>, DbError> {
    let sql = "select kind, state, count(*) as jobs, min(due_at_ms) as first_due from job_queue group by kind, state";
    let count = |row: &Row| {
        Ok(QueuedCount {
            kind: row.try_get("", "kind")?,
            state: state_of(&row.try_get::<String>("", "state")?)?,
            jobs: row.try_get("", "jobs")?,
            first_due: instant(row.try_get("", "first_due")?),
        })
    };
    db.alone(sql, []).await?.iter().map(count).collect()
}

/// What came of a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It waits again, with all its attempts.
    Queued,
    /// It has not failed: it waits or runs.
    NotFailed,
    /// There is no such job, or it is done.
    Unknown,
}

/// Queues a failed job again.
///
/// # Errors
/// The database is away; or another job has its unique key by now ([`DbError::Duplicate`]).
pub async fn retry(db: &Db, world: &World, id: JobId) -> Result<RetryOutcome, DbError> {
    let tx = db.write(Reach::Directory).await?;
    let lock = if tx.is_postgres() { "for update" } else { "" };
    let sql = format!("select networkid, state from job_queue where job_id = $1 {lock}");
    let Some(row) = tx.row(&sql, [Uuid::from(id).into()]).await? else { return Ok(RetryOutcome::Unknown) };
    if row.try_get::<String>("", "state")? != JobState::Failed.word() {
        return Ok(RetryOutcome::NotFailed);
    }
    let network = network_of(&row)?;
    tx.enter(Reach::Network(network)).await?;
    let sql = "update job_queue set state = 'waiting', attempts = 0, due_at_ms = $2 where job_id = $1";
    tx.run(sql, [Uuid::from(id).into(), world.now().as_millisecond().into()]).await?;
    let sql = "update job set finished_at = null where network_id = $1 and job_id = $2";
    tx.run(sql, [Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    tx.commit().await?;
    Ok(RetryOutcome::Queued)
}

/// Removes a job, whatever it is at, in a transaction that reaches its network: what it would do is not wanted any more. One
/// that runs goes on, and what comes of it is not recorded. Without such a job the same statements run.
///
/// # Errors
/// The database is away.
pub async fn cancel(tx: &Tx, network: NetworkId, id: JobId) -> Result<(), DbError> {
    let sql = "delete from job_queue where job_id = $1 and networkid = $2";
    tx.run(sql, [Uuid::from(id).into(), network.to_string().into()]).await?;
    let sql = "delete from job where network_id = $1 and job_id = $2";
    tx.run(sql, [Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    Ok(())
}

/// Forgets a network's jobs that were finished long enough ago, in a transaction that reaches it.
///
/// # Errors
/// The database is away.
pub async fn forget_finished(tx: &Tx, network: NetworkId, now: Timestamp) -> Result<(), DbError> {
    let sql = "delete from job_queue where due_at_ms = $1 and job_id in \
               (select job_id from job where network_id = $2 and finished_at < $3)";
    let failed_before = Ts(now - FAILED_KEPT);
    tx.run(sql, [NEVER.into(), Uuid::from(network).into(), failed_before.into()]).await?;
    let sql = "delete from job where network_id = $1 and finished_at < $2 \
               and not exists (select 1 from job_queue q where q.job_id = job.job_id)";
    tx.run(sql, [Uuid::from(network).into(), Ts(now - DONE_KEPT).into()]).await?;
    Ok(())
}

fn network_of(row: &Row) -> Result<NetworkId, DbError> {
    let network: String = row.try_get("", "networkid")?;
    network.parse().map_err(|error| DbError::inconsistent("job_queue", error))
}
