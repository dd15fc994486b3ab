//! Postponed events: what a receiver cannot take in yet waits in its own database, outside its queue.
//!
//! Always true:
//! - A postponed event is written to the inbox and to this table in one transaction: it is delivered, and only its
//!   effect is pending. Its delivery is acknowledged at once, so no unrelated event waits for it.
//! - The events of one subject are taken in in the order they arrived: an event whose subject has a postponed one waits
//!   behind it, and only the first event of a subject is tried.
//! - An event is retried after half the time it has waited, 100 ms at least and 30 s at most. Its row is deleted in the
//!   transaction of its effect. After a day it becomes a dead letter, and `hubnet dead-letters replay` offers it again.

use std::{collections::HashSet, time::Duration};

use kernel::CloudEvent;
use platform_db::{Db, DbError, Reach, Tx};
use tokio::sync::watch;

use crate::{HandleError, Handler, clock::unix_ms, dead_letter};

const SOONEST_MS: i64 = 100;
const LATEST_MS: i64 = 30_000;
const LONGEST_MS: i64 = 24 * 60 * 60 * 1_000;
/// How many are tried together.
const BATCH: i64 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The pause after a failed look.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);
const BEHIND: &str = "an earlier event of the same subject waits";

/// Which postponed events to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are due.
    Due,
    /// All of them.
    All,
}

/// Postpones events that were not taken in.
pub(crate) async fn postpone(
    handler: &dyn Handler,
    events: &[CloudEvent],
    why: &str,
) -> Result<(), HandleError> {
    let Some(first) = events.first() else { return Ok(()) };
    let tx = handler.db().write(Reach::Network(first.networkid)).await?;
    for event in events {
        tracing::info!(consumer = handler.consumer(), event.kind = %event.kind, event.id = %event.id, why, "postponed");
        let seen = "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing";
        tx.run(seen, [handler.consumer().into(), event.id.into()]).await?;
    }
    keep(&tx, handler.consumer(), events, why).await?;
    Ok(tx.commit().await?)
}

/// Postpones the events whose subject has one waiting; returns the others, the first of every subject first.
pub(crate) async fn keep_order(
    tx: &Tx,
    consumer: &str,
    events: Vec<CloudEvent>,
) -> Result<Vec<CloudEvent>, HandleError> {
    let subjects: Vec<String> = events.iter().map(|event| event.subject.clone()).collect();
    let (which, values) = tx.among("subject", 2, &subjects);
    let sql = format!("select distinct subject from postponed_event where consumer = $1 and {which}");
    let rows = tx.rows(&sql, std::iter::once(consumer.into()).chain(values)).await?;
    let waiting: HashSet<String> =
        rows.iter().map(|row| row.try_get("", "subject")).collect::<Result<_, _>>().map_err(DbError::from)?;
    let (behind, free): (Vec<_>, Vec<_>) =
        events.into_iter().partition(|event| waiting.contains(&event.subject));
    keep(tx, consumer, &behind, BEHIND).await?;
    Ok(free)
}

async fn keep(tx: &Tx, consumer: &str, events: &[CloudEvent], why: &str) -> Result<(), HandleError> {
    let now = unix_ms();
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        let body = serde_json::to_string(event)?;
        rows.push([
            consumer.into(),
            event.id.into(),
            order_of(event).into(),
            now.into(),
            (now + SOONEST_MS).into(),
            body.into(),
            why.into(),
        ]);
    }
    let head =
        "insert into postponed_event (consumer, event_id, subject, postponed_at_ms, due_at_ms, body, reason)";
    tx.insert_rows(head, rows, "on conflict do nothing").await?;
    Ok(())
}

/// An event's subject, which determines its order. An event without a subject waits for itself alone.
fn order_of(event: &CloudEvent) -> String {
    if event.subject.is_empty() { event.id.to_string() } else { event.subject.clone() }
}

/// Tries a receiver's postponed events once, and those behind the ones that succeed. Returns how many succeeded.
///
/// # Errors
/// Fails if the database is away.
pub async fn retry_postponed(handler: &dyn Handler, which: Which) -> Result<usize, HandleError> {
    let mut taken = 0;
    let mut tried = -1;
    loop {
        match retry_batch(handler, which, tried).await? {
            Tried::Nothing => return Ok(taken),
            Tried::TakenIn(some) => taken += some,
            Tried::OneByOne(positions) => {
                tried = positions.last().copied().unwrap_or(i64::MAX);
                taken += retry_one_by_one(handler, &positions).await?;
            }
        }
    }
}

/// The result of a batch.
enum Tried {
    Nothing,
    TakenIn(usize),
    /// The events must be tried one by one.
    OneByOne(Vec<i64>),
}

/// The first waiting event of every subject.
const FIRST_OF_SUBJECT: &str = "not exists (select 1 from postponed_event as earlier \
    where earlier.consumer = postponed_event.consumer and earlier.subject = postponed_event.subject \
    and earlier.position < postponed_event.position)";

async fn retry_batch(handler: &dyn Handler, which: Which, after: i64) -> Result<Tried, HandleError> {
    let due_until = if which == Which::Due { unix_ms() } else { i64::MAX };
    let any = "select position from postponed_event where consumer = $1 and due_at_ms <= $2 limit 1";
    if handler.db().alone(any, [handler.consumer().into(), due_until.into()]).await?.is_empty() {
        return Ok(Tried::Nothing);
    }
    let tx = handler.db().write(Reach::Directory).await?;
    let hold = if tx.is_postgres() { "for update skip locked" } else { "" };
    let sql = format!(
        "select position, body from postponed_event where consumer = $1 and due_at_ms <= $2 and position > $3 \
         and {FIRST_OF_SUBJECT} order by position limit $4 {hold}"
    );
    let values = [handler.consumer().into(), due_until.into(), after.into(), BATCH.into()];
    let mut waiting = tx.rows(&sql, values).await?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let Some((_, first)) = waiting.first() else { return Ok(Tried::Nothing) };
    let network = first.networkid;
    waiting.retain(|(_, event)| event.networkid == network);
    let (positions, events): (Vec<i64>, Vec<CloudEvent>) = waiting.into_iter().unzip();
    match take_in(handler, tx, &positions, &events).await {
        Ok(()) => Ok(Tried::TakenIn(positions.len())),
        Err(HandleError::Away(why)) => Err(HandleError::Away(why)),
        Err(_) => Ok(Tried::OneByOne(positions)),
    }
}

async fn retry_one_by_one(handler: &dyn Handler, positions: &[i64]) -> Result<usize, HandleError> {
    let mut taken = 0;
    let mut late = Vec::new();
    for position in positions {
        let tx = handler.db().write(Reach::Directory).await?;
        let hold = if tx.is_postgres() { "for update skip locked" } else { "" };
        let sql =
            format!("select position, body, postponed_at_ms from postponed_event where position = $1 {hold}");
        let Some(row) = tx.row(&sql, [(*position).into()]).await? else { continue };
        let since: i64 = row.try_get("", "postponed_at_ms").map_err(DbError::from)?;
        let (_, event) = read(&row)?;
        match take_in(handler, tx, &[*position], std::slice::from_ref(&event)).await {
            Ok(()) => taken += 1,
            Err(HandleError::Away(why)) => return Err(HandleError::Away(why)),
            Err(HandleError::Later(_)) if unix_ms() - since < LONGEST_MS => late.push(*position),
            Err(HandleError::Later(why)) => {
                set_aside(handler, *position, &event, &format!("for a day: {why}")).await?;
            }
            Err(HandleError::Never(why)) => set_aside(handler, *position, &event, &why).await?,
        }
    }
    put_off(handler.db(), &late).await?;
    Ok(taken)
}

/// Deletes the rows in the transaction of the effect. After a failure no row is locked any more.
async fn take_in(
    handler: &dyn Handler,
    tx: Tx,
    positions: &[i64],
    events: &[CloudEvent],
) -> Result<(), HandleError> {
    let Some(first) = events.first() else { return Ok(()) };
    tx.enter(Reach::Network(first.networkid)).await?;
    let (which, values) = tx.among("position", 1, positions);
    tx.run(&format!("delete from postponed_event where {which}"), values).await?;
    if let Err(error) = handler.handle(&tx, events).await {
        // The events are tried again at once and must not be locked by this try.
        tx.roll_back().await?;
        return Err(error);
    }
    tx.commit().await?;
    handler.committed(events).await;
    Ok(())
}

async fn set_aside(
    handler: &dyn Handler,
    position: i64,
    event: &CloudEvent,
    why: &str,
) -> Result<(), HandleError> {
    // Running twice is harmless: the dead letter carries the event's id.
    dead_letter::set_aside(handler, event, why).await?;
    handler.db().alone("delete from postponed_event where position = $1", [position.into()]).await?;
    Ok(())
}

/// Schedules the next attempt after half the time they have waited.
async fn put_off(db: &Db, positions: &[i64]) -> Result<(), DbError> {
    if positions.is_empty() {
        return Ok(());
    }
    let (which, values) = db.among("position", 2, positions);
    let sql = format!(
        "update postponed_event set due_at_ms = $1 + case when $1 - postponed_at_ms < {} then {SOONEST_MS} \
         when $1 - postponed_at_ms > {} then {LATEST_MS} else ($1 - postponed_at_ms) / 2 end where {which}",
        2 * SOONEST_MS,
        2 * LATEST_MS
    );
    db.alone(&sql, std::iter::once(unix_ms().into()).chain(values)).await?;
    Ok(())
}

fn read(row: &platform_db::Row) -> Result<(i64, CloudEvent), HandleError> {
    let body: String = row.try_get("", "body").map_err(DbError::from)?;
    Ok((row.try_get("", "position").map_err(DbError::from)?, serde_json::from_str(&body)?))
}

/// Tries a receiver's postponed events as they fall due, until `stop` turns true.
pub async fn keep_retrying(handler: std::sync::Arc<dyn Handler>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match retry_postponed(handler.as_ref(), Which::Due).await {
            Ok(_) => LOOK_EVERY,
            Err(error) => {
                tracing::warn!(consumer = handler.consumer(), %error, "postponed events wait longer");
                LOOK_AGAIN_AFTER
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Counts the postponed events of a receiver, and returns how long the first of them has waited.
///
/// # Errors
/// See [`DbError`].
pub async fn postponed_events(db: &Db, consumer: &str) -> Result<(i64, Duration), DbError> {
    let sql =
        "select count(*) as events, min(postponed_at_ms) as since from postponed_event where consumer = $1";
    let rows = db.alone(sql, [consumer.into()]).await?;
    let Some(row) = rows.first() else { return Ok((0, Duration::ZERO)) };
    let since: Option<i64> = row.try_get("", "since")?;
    let waited = since.map_or(0, |since| unix_ms() - since);
    Ok((row.try_get("", "events")?, Duration::from_millis(u64::try_from(waited).unwrap_or_default())))
}
