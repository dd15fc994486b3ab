//! When a recurring kind is due, and the table that makes each due instant one job in however many processes.
//!
//! Always true: a due instant is taken by changing the row from that instant to the next one, in the transaction that
//! queues the job; so it is taken once. What was missed while no process ran is one run, not many.

use jiff::{SignedDuration, Timestamp};
use kernel::World;
use platform_db::{Db, DbError, Reach, no_network};

use crate::{Cron, Kind, NewJob, enqueue_for_nobody};

/// When a kind recurs.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Again after so long; for the first time at once.
    Every(SignedDuration),
    /// At civil times of a zone.
    Cron(Box<Cron>),
}

impl Plan {
    /// When it is due for the first time.
    pub(crate) fn first(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(_) => Some(now),
            Self::Cron(cron) => cron.next_after(now),
        }
    }

    /// When it is due after a due instant: never in the past.
    pub(crate) fn next(&self, due: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(pause) => {
                let next = due.checked_add(*pause).ok()?;
                Some(if next > now { next } else { now.checked_add(*pause).ok()? })
            }
            Self::Cron(cron) => cron.next_after(due.max(now)),
        }
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Every(pause) => write!(f, "every {}s", pause.as_secs()),
            Self::Cron(cron) => cron.fmt(f),
        }
    }
}

/// A recurring kind as its database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The kind.
    pub kind: String,
    /// When it recurs, in words.
    pub plan: String,
    /// When it is due next.
    pub next: Timestamp,
    /// When a job of it was last done.
    pub succeeded: Option<Timestamp>,
}

/// Reads the recurring kinds of a database.
///
/// # Errors
/// See [`DbError`].
pub async fn list_schedules(db: &Db) -> Result<Vec<Schedule>, DbError> {
    let sql = "select kind, plan, next_at_ms, succeeded_at_ms from job_schedule order by kind";
    let rows = db.alone(sql, []).await?;
    let schedule = |row: &platform_db::Row| {
        Ok(Schedule {
            kind: row.try_get("", "kind")?,
            plan: row.try_get("", "plan")?,
            next: instant(row.try_get("", "next_at_ms")?),
            succeeded: row.try_get::<Option<i64>>("", "succeeded_at_ms")?.map(instant),
        })
    };
    rows.iter().map(schedule).collect()
}

/// Writes down when the recurring kinds are due, where that is not known yet or their plan has changed.
pub(crate) async fn register(db: &Db, world: &World, kinds: &[Kind]) -> Result<(), DbError> {
    let now = world.now();
    for kind in kinds {
        let Some((plan, first)) = kind.plan.as_ref().and_then(|plan| Some((plan, plan.first(now)?))) else {
            continue;
        };
        let sql = "insert into job_schedule (kind, plan, next_at_ms) values ($1, $2, $3) \
                   on conflict (kind) do update set plan = excluded.plan, next_at_ms = excluded.next_at_ms \
                   where job_schedule.plan <> excluded.plan";
        let values = [kind.name.into(), plan.to_string().into(), first.as_millisecond().into()];
        db.alone(sql, values).await?;
    }
    Ok(())
}

/// Queues a job for each recurring kind that is due.
pub(crate) async fn queue_due(db: &Db, world: &World, kinds: &[Kind]) -> Result<(), DbError> {
    let now = world.now();
    let sql = "select kind, next_at_ms from job_schedule where next_at_ms <= $1";
    for row in db.alone(sql, [now.as_millisecond().into()]).await? {
        let (name, due): (String, i64) = (row.try_get("", "kind")?, row.try_get("", "next_at_ms")?);
        let Some(kind) = kinds.iter().find(|kind| kind.name == name) else { continue };
        let Some(next) = kind.plan.as_ref().and_then(|plan| plan.next(instant(due), now)) else { continue };
        let tx = db.write(Reach::Network(no_network())).await?;
        let sql = "update job_schedule set next_at_ms = $3 where kind = $1 and next_at_ms = $2";
        let taken = tx.run(sql, [name.into(), due.into(), next.as_millisecond().into()]).await?;
        if taken.rows_affected() == 1 {
            enqueue_for_nobody(&tx, world, NewJob::without_input(kind.name).unique("due")).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

pub(crate) fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_missed_while_nobody_ran_is_made_up_by_one_run() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let plan = Plan::Every(SignedDuration::from_mins(1));
        let due = at("2026-11-02T12:00:00Z");
        assert_eq!(plan.next(due, due), Some(at("2026-11-02T12:01:00Z")));
        assert_eq!(plan.next(due, at("2026-11-02T12:00:59Z")), Some(at("2026-11-02T12:01:00Z")));
        assert_eq!(plan.next(due, at("2026-11-02T15:00:30Z")), Some(at("2026-11-02T15:01:30Z")));
    }
}
