//! The event log of a source: every emitted event, numbered, kept for a configured time so that it can be republished.
//!
//! Always true:
//! - An event of the outbox enters the log and gets its number in one committed step before anything is published. No
//!   number is given twice, and no event has two. The events of a stream (a kind in a network) are numbered from 1
//!   without gaps, so a number that a receiver lacks is an event that it lacks.
//! - Events in the log that are not known to be published belong to a [`Window`]. A relay claims the window for a
//!   moment; if it dies, another relay takes over. Publishing a window twice is harmless: receivers count each event
//!   once.
//! - Emitting costs no more than without a log: the relay moves rows in one statement for a window (PostgreSQL), or in
//!   the one transaction that removed them from the outbox anyway (SQLite).

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{CloudEvent, NetworkId};
use platform_db::{Db, DbError, Reach, Ts, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::unix_ms;

/// Other relays leave a window alone for this long; a window published later than that may be published twice.
const CLAIM_MS: i64 = 2_000;
/// The most ids in a page, and events in one read.
const PAGE: usize = 1_000;
/// A reply stops after this many ids, the most that a receiver holds in memory at once.
const ANSWER: usize = 2_000;
/// How many events one statement deletes.
const FORGET_AT_ONCE: i64 = 2_000;
const TABLE: &str = "event_log";

/// Events on their way.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) id: i64,
    pub(crate) events: Vec<CloudEvent>,
    /// The outbox position of the first event.
    pub(crate) first_position: i64,
}

/// How far a receiver has compared a stream with its inbox; it has everything up to this point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The network of the events.
    pub networkid: NetworkId,
    /// The kind of the events.
    pub kind: String,
    /// The receiver has every event up to this number.
    pub sequence: i64,
}

/// The events of a stream that a source has kept after a receiver's mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPage {
    /// The network of the events.
    pub networkid: NetworkId,
    /// The kind of the events.
    pub kind: String,
    /// The number of the last event of the stream.
    pub last: i64,
    /// The number of the first id below, or of the event after the last if nothing is kept any more.
    pub first: i64,
    /// The ids of consecutive events.
    pub ids: Vec<Uuid>,
}

/// Events that a receiver lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The network of the events.
    pub networkid: NetworkId,
    /// The kind of the events.
    pub kind: String,
    /// The numbers of the events.
    pub sequences: Vec<i64>,
}

/// Moves up to `most` events from the outbox into the log as a new window, and closes another window. If nothing waits,
/// SQLite is not made to flush for the closing alone.
pub(crate) async fn open_window(
    db: &Db,
    look_from: i64,
    most: i64,
    closing: Option<i64>,
) -> Result<Option<Window>, DbError> {
    if db.is_embedded() {
        return open_window_stepwise(db, look_from, most, closing).await;
    }
    let claimed_until = unix_ms() + CLAIM_MS;
    let values = [look_from.into(), most.into(), claimed_until.into(), closing.unwrap_or_default().into()];
    let rows = db.alone(OPEN_WINDOW, values).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let (id, first_position) = (first.try_get("", "window_id")?, first.try_get("", "position")?);
    let events = rows
        .iter()
        .map(|row| read(&row.try_get::<String>("", "body")?, row.try_get("", "sequence")?))
        .collect::<Result<_, DbError>>()?;
    Ok(Some(Window { id, events, first_position }))
}

/// Takes numbers in the order of the streams' names, so concurrent relays lock streams in the same order.
const OPEN_WINDOW: &str = "
with waiting as (
    select position, event_id, emitted_at, body from outbox where position >= $1
    order by position limit $2 for update skip locked
), entry as (
    select waiting.position, waiting.event_id, waiting.emitted_at, waiting.body, attribute.networkid, attribute.type as kind
    from waiting, json_to_record(cast(waiting.body as json)) as attribute (networkid text, type text)
), added as (
    select networkid, kind, count(*) as events from entry group by networkid, kind
), stream as (
    insert into event_stream (networkid, kind, last)
    select networkid, kind, events from added order by kind, networkid
    on conflict (kind, networkid) do update set last = event_stream.last + excluded.last
    returning stream_id, networkid, kind, last
), numbered as (
    select entry.position, entry.event_id, entry.emitted_at, entry.body, stream.stream_id,
           stream.last - added.events + row_number() over (partition by stream.stream_id order by entry.position)
               as sequence
    from entry join added using (networkid, kind) join stream using (networkid, kind)
), gone as (
    delete from outbox where position in (select position from waiting)
), kept as (
    insert into event_log (stream_id, sequence, event_id, emitted_at, body)
    select stream_id, sequence, event_id, emitted_at, body from numbered
), closed as (
    delete from relay_window where window_id = $4
), opened as (
    insert into relay_window (claimed_until_ms, events, ranges)
    select $3, sum(events), cast(json_agg(json_build_array(stream_id, first, last)) as text)
    from (select stream_id, min(sequence) as first, max(sequence) as last, count(*) as events
          from numbered group by stream_id) as range
    having count(*) > 0
    returning window_id
)
select opened.window_id, numbered.position, cast(numbered.sequence as bigint) as sequence, numbered.body
from numbered cross join opened order by numbered.position";

/// Does the same for SQLite, which has no statement that writes several tables.
async fn open_window_stepwise(
    db: &Db,
    look_from: i64,
    most: i64,
    closing: Option<i64>,
) -> Result<Option<Window>, DbError> {
    let any = "select position from outbox where position >= $1 limit 1";
    if db.alone(any, [look_from.into()]).await?.is_empty() {
        return Ok(None);
    }
    let tx = db.write(Reach::Directory).await?;
    let sql = "select position, body from outbox where position >= $1 order by position limit $2";
    let rows = tx.rows(sql, [look_from.into(), most.into()]).await?;
    let (mut positions, mut events) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in &rows {
        positions.push(row.try_get::<i64>("", "position")?);
        events.push(parse(&row.try_get::<String>("", "body")?)?);
    }
    let Some(first_position) = positions.first().copied() else { return Ok(None) };
    let ranges = number(&tx, &mut events).await?;
    let (which, positions) = tx.among("position", 1, &positions);
    tx.run(&format!("delete from outbox where {which}"), positions).await?;
    if let Some(closing) = closing {
        tx.run("delete from relay_window where window_id = $1", [closing.into()]).await?;
    }
    let sql =
        "insert into relay_window (claimed_until_ms, events, ranges) values ($1, $2, $3) returning window_id";
    let ranges = serde_json::to_string(&ranges).map_err(|error| DbError::inconsistent(TABLE, error))?;
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let opened = tx.row(sql, [(unix_ms() + CLAIM_MS).into(), count.into(), ranges.into()]).await?;
    let id =
        opened.ok_or_else(|| DbError::inconsistent("relay_window", "no id"))?.try_get("", "window_id")?;
    tx.commit().await?;
    Ok(Some(Window { id, events, first_position }))
}

/// A part of a stream: stream id, first number and last number.
type Range = (i64, i64, i64);

/// Numbers events and writes them into the log, with their bodies unchanged.
async fn number(tx: &Tx, events: &mut [CloudEvent]) -> Result<Vec<Range>, DbError> {
    let mut added: BTreeMap<(String, NetworkId), i64> = BTreeMap::new();
    for event in &*events {
        *added.entry((event.kind.clone(), event.networkid)).or_default() += 1;
    }
    let mut next: BTreeMap<(String, NetworkId), (i64, i64)> = BTreeMap::new();
    let mut ranges = Vec::with_capacity(added.len());
    for ((kind, network), count) in added {
        let sql = "insert into event_stream (networkid, kind, last) values ($1, $2, $3) \
                   on conflict (kind, networkid) do update set last = last + excluded.last returning stream_id, last";
        let values = [network.to_string().into(), kind.clone().into(), count.into()];
        let row =
            tx.row(sql, values).await?.ok_or_else(|| DbError::inconsistent("event_stream", "no row"))?;
        let (stream, last): (i64, i64) = (row.try_get("", "stream_id")?, row.try_get("", "last")?);
        next.insert((kind, network), (stream, last - count + 1));
        ranges.push((stream, last - count + 1, last));
    }
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        let body = serde_json::to_string(&event).map_err(|error| DbError::inconsistent(TABLE, error))?;
        let Some((stream, sequence)) = next.get_mut(&(event.kind.clone(), event.networkid)) else { continue };
        event.sequence = Some(*sequence);
        rows.push([
            (*stream).into(),
            (*sequence).into(),
            event.id.into(),
            Ts(event.time).into(),
            body.into(),
        ]);
        *sequence += 1;
    }
    tx.insert_rows("insert into event_log (stream_id, sequence, event_id, emitted_at, body)", rows, "")
        .await?;
    Ok(ranges)
}

/// Closes a window after all its events were published.
pub(crate) async fn close_window(db: &Db, id: i64) -> Result<(), DbError> {
    db.alone("delete from relay_window where window_id = $1", [id.into()]).await?;
    Ok(())
}

/// Releases a window for any relay to claim.
pub(crate) async fn release_window(db: &Db, id: i64) -> Result<(), DbError> {
    db.alone("update relay_window set claimed_until_ms = 0 where window_id = $1", [id.into()]).await?;
    Ok(())
}

/// Takes over a window whose relay died or failed. An embedded installation has one relay, so any open window was left
/// by the previous process.
pub(crate) async fn take_over_window(db: &Db) -> Result<Option<Window>, DbError> {
    let now = unix_ms();
    let (claimed_before, hold) =
        if db.is_embedded() { (i64::MAX, "") } else { (now, "for update skip locked") };
    let sql = format!(
        "with free as (select window_id from relay_window where claimed_until_ms < $2 order by window_id limit 1 {hold}) \
         update relay_window set claimed_until_ms = $1 where window_id in (select window_id from free) \
         returning window_id, ranges"
    );
    let rows = db.alone(&sql, [(now + CLAIM_MS).into(), claimed_before.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (id, ranges): (i64, String) = (row.try_get("", "window_id")?, row.try_get("", "ranges")?);
    let ranges: Vec<Range> =
        serde_json::from_str(&ranges).map_err(|error| DbError::inconsistent("relay_window", error))?;
    let mut events = Vec::new();
    for (stream, first, last) in ranges {
        let sql = "select sequence, body from event_log where stream_id = $1 and sequence between $2 and $3";
        for row in db.alone(sql, [stream.into(), first.into(), last.into()]).await? {
            events.push(read(&row.try_get::<String>("", "body")?, row.try_get("", "sequence")?)?);
        }
    }
    events.sort_by_key(|event| (event.time, event.id));
    Ok(Some(Window { id, events, first_position: 0 }))
}

/// Lists what a source has kept of some kinds after a receiver's marks; a stream without a mark starts at its
/// beginning. A stream that ends before its mark is included, too: the source was restored from a backup.
///
/// # Errors
/// See [`DbError`].
pub async fn list_kept(db: &Db, kinds: &[String], marks: &[Mark]) -> Result<Vec<KeptPage>, DbError> {
    let marks: BTreeMap<(NetworkId, &str), i64> =
        marks.iter().map(|mark| ((mark.networkid, mark.kind.as_str()), mark.sequence)).collect();
    let (mut pages, mut shown) = (Vec::new(), 0);
    for stream in streams(db, kinds).await? {
        let mark = marks.get(&(stream.networkid, stream.kind.as_str())).copied().unwrap_or_default();
        if stream.last == mark {
            continue;
        }
        let rows = page_after(db, stream.id, mark, "sequence, event_id").await?;
        let first = rows.first().map_or(Ok(stream.last + 1), |row| row.try_get("", "sequence"))?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("", "event_id")).collect::<Result<_, _>>()?;
        let Stream { networkid, kind, last, .. } = stream;
        shown += ids.len() + 1;
        pages.push(KeptPage { networkid, kind, last, first, ids });
        if shown >= ANSWER {
            break;
        }
    }
    Ok(pages)
}

/// Reads the wanted events; those no longer kept are left out.
///
/// # Errors
/// See [`DbError`].
pub async fn load_kept(db: &Db, wanted: &Wanted) -> Result<Vec<CloudEvent>, DbError> {
    let mut events = Vec::with_capacity(wanted.sequences.len());
    for some in wanted.sequences.chunks(PAGE) {
        let (which, values) = db.among("event_log.sequence", 3, some);
        let sql = format!(
            "select event_log.sequence, event_log.body from event_stream \
             join event_log on event_log.stream_id = event_stream.stream_id \
             where event_stream.kind = $1 and event_stream.networkid = $2 and {which} order by event_log.sequence"
        );
        let stream = [wanted.kind.clone().into(), wanted.networkid.to_string().into()];
        for row in db.alone(&sql, stream.into_iter().chain(values)).await? {
            events.push(read(&row.try_get::<String>("", "body")?, row.try_get("", "sequence")?)?);
        }
    }
    Ok(events)
}

/// A position in a stream that is read from its beginning.
#[derive(Debug)]
pub struct Reading {
    stream: i64,
    after: i64,
}

/// Starts to read what a source has kept of some kinds.
///
/// # Errors
/// See [`DbError`].
pub async fn read_kept(db: &Db, kinds: &[&str]) -> Result<Vec<Reading>, DbError> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let streams = streams(db, &kinds).await?;
    Ok(streams.into_iter().map(|stream| Reading { stream: stream.id, after: 0 }).collect())
}

impl Reading {
    /// Returns the next events of the stream, in order; none at its end.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn next(&mut self, db: &Db) -> Result<Vec<CloudEvent>, DbError> {
        let rows = page_after(db, self.stream, self.after, "sequence, body").await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            self.after = row.try_get("", "sequence")?;
            events.push(read(&row.try_get::<String>("", "body")?, self.after)?);
        }
        Ok(events)
    }
}

/// Deletes the events emitted before an instant, from the first of each stream on, in small steps.
///
/// # Errors
/// See [`DbError`].
pub async fn forget_kept_before(db: &Db, at: Timestamp) -> Result<(), DbError> {
    let streams: Vec<i64> = db
        .alone("select stream_id from event_stream order by stream_id", [])
        .await?
        .iter()
        .map(|row| row.try_get("", "stream_id"))
        .collect::<Result<_, _>>()?;
    for stream in streams {
        // Each step is a statement of its own, so other writers of SQLite do not wait long. The first event of a stream
        // decides whether there is anything to delete, so a stream of recent events is not read.
        let sql = "delete from event_log where stream_id = $1 and emitted_at < $2 and sequence in (select sequence \
                   from event_log where stream_id = $1 order by sequence limit $3) and (select emitted_at from \
                   event_log where stream_id = $1 order by sequence limit 1) < $2 returning sequence";
        let values = [stream.into(), Ts(at).into(), FORGET_AT_ONCE.into()];
        while !db.alone(sql, values.clone()).await?.is_empty() {}
    }
    Ok(())
}

/// Counts the events that wait to be published, and returns when the first of them was emitted.
///
/// # Errors
/// See [`DbError`].
pub async fn waiting_events(db: &Db) -> Result<(i64, Option<Timestamp>), DbError> {
    let sql = "select (select count(*) from outbox) \
               + (select cast(coalesce(sum(events), 0) as bigint) from relay_window) as events, \
               (select emitted_at from outbox order by position limit 1) as first";
    let rows = db.alone(sql, []).await?;
    let Some(row) = rows.first() else { return Ok((0, None)) };
    let first: Option<Ts> = row.try_get("", "first")?;
    Ok((row.try_get("", "events")?, first.map(|at| at.0)))
}

struct Stream {
    id: i64,
    networkid: NetworkId,
    kind: String,
    last: i64,
}

async fn streams(db: &Db, kinds: &[String]) -> Result<Vec<Stream>, DbError> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let (which, values) = db.among("kind", 1, kinds);
    let sql = format!(
        "select stream_id, networkid, kind, last from event_stream where {which} order by kind, networkid"
    );
    let rows = db.alone(&sql, values).await?;
    rows.iter()
        .map(|row| {
            let networkid: String = row.try_get("", "networkid")?;
            let networkid =
                networkid.parse().map_err(|error| DbError::inconsistent("event_stream", error))?;
            let (id, kind, last) =
                (row.try_get("", "stream_id")?, row.try_get("", "kind")?, row.try_get("", "last")?);
            Ok(Stream { id, networkid, kind, last })
        })
        .collect()
}

async fn page_after(
    db: &Db,
    stream: i64,
    after: i64,
    columns: &str,
) -> Result<Vec<platform_db::Row>, DbError> {
    let page = i64::try_from(PAGE).unwrap_or(i64::MAX);
    let sql = format!(
        "select {columns} from event_log where stream_id = $1 and sequence > $2 order by sequence limit $3"
    );
    db.alone(&sql, [stream.into(), after.into(), page.into()]).await
}

fn read(body: &str, sequence: i64) -> Result<CloudEvent, DbError> {
    Ok(CloudEvent { sequence: Some(sequence), ..parse(body)? })
}

fn parse(body: &str) -> Result<CloudEvent, DbError> {
    serde_json::from_str(body).map_err(|error| DbError::inconsistent(TABLE, error))
}
