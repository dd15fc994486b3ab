//! Delivery: inbox and effect in one transaction, a batch at a time, and in ever smaller parts if the batch fails.
//!
//! Always true: an event that cannot be taken in yet is [postponed](crate::postponed), and the rest of its batch goes
//! in. An event whose subject has a postponed one waits behind it; no other event waits.

use std::{collections::HashSet, time::Duration};

use kernel::CloudEvent;
use platform_db::{DbError, Reach, Tx};
use platform_telemetry::trace_context;
use tracing::Instrument;
use uuid::Uuid;

use crate::{HandleError, Handler, dead_letter, postponed};

/// The pauses before retries while the database is briefly away, such as in a deadlock or with a full pool.
const PATIENCE: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];

/// What to do with an event that is already in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Skip it: it was taken in.
    Skipped,
    /// Take it in again to repair a lost effect; handlers are idempotent.
    HandledAgain,
}

/// Delivers events to one receiver. Events that it does not consume or already has count as delivered. Returns how many
/// it took in or postponed.
///
/// # Errors
/// Fails with [`HandleError::Away`] if nothing can be taken in now; what was committed before stays.
pub async fn deliver(handler: &dyn Handler, events: &[CloudEvent]) -> Result<usize, HandleError> {
    deliver_as(handler, events, Known::Skipped).await
}

/// Delivers like [`deliver`] and chooses what happens to events that are already in the inbox.
///
/// # Errors
/// As [`deliver`].
pub async fn deliver_as(
    handler: &dyn Handler,
    events: &[CloudEvent],
    known: Known,
) -> Result<usize, HandleError> {
    let consumed: Vec<&CloudEvent> =
        events.iter().filter(|event| handler.consumes().contains(&event.kind.as_str())).collect();
    let mut taken = 0;
    for same_network in consumed.chunk_by(|one, next| one.networkid == next.networkid) {
        let batch: Vec<CloudEvent> = same_network.iter().map(|event| (*event).clone()).collect();
        taken += deliver_batch(handler, &batch, known).await?;
    }
    Ok(taken)
}

async fn deliver_batch(
    handler: &dyn Handler,
    batch: &[CloudEvent],
    known: Known,
) -> Result<usize, HandleError> {
    let mut taken = 0;
    let mut parts = vec![batch];
    while let Some(part) = parts.pop() {
        match patiently(handler, part, known).instrument(span(handler, part)).await {
            Ok(some) => taken += some,
            Err(HandleError::Away(_)) if part.len() > 1 => parts.extend(part.chunks(1).rev()),
            Err(_) if part.len() > 1 => {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
            Err(HandleError::Never(why)) => {
                for event in part {
                    dead_letter::set_aside(handler, event, &why).await?;
                }
            }
            Err(HandleError::Later(why)) => {
                taken += part.len();
                postponed::postpone(handler, part, &why).await?;
            }
            Err(away) => return Err(away),
        }
    }
    Ok(taken)
}

async fn patiently(handler: &dyn Handler, events: &[CloudEvent], known: Known) -> Result<usize, HandleError> {
    for pause in PATIENCE {
        match attempt(handler, events, known).await {
            Err(HandleError::Away(_)) => tokio::time::sleep(pause).await,
            decided => return decided,
        }
    }
    attempt(handler, events, known).await
}

/// Marks the new events as seen and takes them in, in one transaction.
async fn attempt(handler: &dyn Handler, events: &[CloudEvent], known: Known) -> Result<usize, HandleError> {
    let Some(first) = events.first() else { return Ok(0) };
    let tx = handler.db().write(Reach::Network(first.networkid)).await?;
    let seen = mark_as_seen(&tx, handler.consumer(), events).await?;
    let mut unseen = match known {
        Known::Skipped => only(events, seen.fresh),
        Known::HandledAgain => only(events, events.iter().map(|event| event.id).collect()),
    };
    if unseen.is_empty() {
        return Ok(0);
    }
    let count = unseen.len();
    if seen.some_wait || known == Known::HandledAgain {
        unseen = postponed::keep_order(&tx, handler.consumer(), unseen).await?;
    }
    if !unseen.is_empty() {
        handler.handle(&tx, &unseen).await?;
    }
    tx.commit().await?;
    handler.committed(&unseen).await;
    Ok(count)
}

/// The result of marking events in the inbox.
#[derive(Debug, Default)]
struct Seen {
    /// The ids that were not in the inbox.
    fresh: HashSet<Uuid>,
    /// Whether an event of this receiver is postponed; checked only if something is fresh.
    some_wait: bool,
}

async fn mark_as_seen(tx: &Tx, consumer: &str, events: &[CloudEvent]) -> Result<Seen, DbError> {
    let (all, ids) = tx.keys(2, &events.iter().map(|event| event.id).collect::<Vec<_>>());
    let sql = format!(
        "insert into inbox (consumer, event_id) select $1, key from {all} where true on conflict do nothing \
         returning event_id, (select count(*) from (select 1 from postponed_event where consumer = $1 limit 1) as one) as waiting"
    );
    let mut seen = Seen::default();
    for row in tx.rows(&sql, std::iter::once(consumer.into()).chain(ids)).await? {
        seen.fresh.insert(row.try_get::<Uuid>("", "event_id")?);
        seen.some_wait = row.try_get::<i64>("", "waiting")? > 0;
    }
    Ok(seen)
}

/// The events with these ids; a duplicate in the batch is kept once.
fn only(events: &[CloudEvent], mut ids: HashSet<Uuid>) -> Vec<CloudEvent> {
    events.iter().filter(|event| ids.remove(&event.id)).cloned().collect()
}

fn span(handler: &dyn Handler, events: &[CloudEvent]) -> tracing::Span {
    let [event] = events else {
        for event in events {
            let mark =
                tracing::info_span!("bus.receive", consumer = handler.consumer(), event.kind = %event.kind);
            continue_trace(&mark, event);
        }
        return tracing::info_span!(
            "bus.receive_batch",
            consumer = handler.consumer(),
            events = events.len()
        );
    };
    let id: Uuid = event.id;
    let span = tracing::info_span!("bus.receive", consumer = handler.consumer(), event.kind = %event.kind, event.id = %id);
    continue_trace(&span, event);
    span
}

fn continue_trace(span: &tracing::Span, event: &CloudEvent) {
    if let Some(traceparent) = &event.traceparent {
        trace_context::continue_from(span, traceparent);
    }
}
