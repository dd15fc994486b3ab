//! Delivery: inbox and effect in one transaction, a batch at a time, one by one when the batch will not go in.

use std::{collections::HashSet, time::Duration};

use kernel::CloudEvent;
use platform_db::{DbError, Reach, Tx};
use platform_telemetry::trace_context;
use tracing::Instrument;
use uuid::Uuid;

use crate::{HandleError, Handler, dead_letter};

const PATIENCE: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(100)];

/// Brings events to one receiver. Those it does not hear, and those it has had, count as delivered. Answers the ids of
/// those it could not take in yet; bring them again later.
///
/// # Errors
/// [`HandleError::Away`]: nothing can be taken in now; what went in stays in.
pub async fn deliver(handler: &dyn Handler, events: &[CloudEvent]) -> Result<Vec<Uuid>, HandleError> {
    let heard: Vec<&CloudEvent> =
        events.iter().filter(|event| handler.hears().contains(&event.kind.as_str())).collect();
    let mut postponed = Vec::new();
    for same_network in heard.chunk_by(|one, next| one.networkid == next.networkid) {
        let batch: Vec<CloudEvent> = same_network.iter().map(|event| (*event).clone()).collect();
        if patiently(handler, &batch).instrument(span(handler, &batch)).await.is_err() {
            postponed.extend(one_by_one(handler, &batch).await?);
        }
    }
    Ok(postponed)
}

async fn one_by_one(handler: &dyn Handler, events: &[CloudEvent]) -> Result<Vec<Uuid>, HandleError> {
    let mut postponed = Vec::new();
    for event in events {
        let alone = std::slice::from_ref(event);
        match attempt(handler, alone).instrument(span(handler, alone)).await {
            Ok(()) => {}
            Err(HandleError::Never(why)) => dead_letter::set_aside(handler, event, &why).await?,
            Err(HandleError::Later(why)) => {
                tracing::debug!(consumer = handler.consumer(), event.id = %event.id, why, "postponed");
                postponed.push(event.id);
            }
            Err(away) => return Err(away),
        }
    }
    Ok(postponed)
}

/// What is late is often late by a moment only: waited for once for all of a batch.
async fn patiently(handler: &dyn Handler, events: &[CloudEvent]) -> Result<(), HandleError> {
    for pause in PATIENCE {
        match attempt(handler, events).await {
            Err(HandleError::Later(_) | HandleError::Away(_)) => tokio::time::sleep(pause).await,
            decided => return decided,
        }
    }
    attempt(handler, events).await
}

/// One transaction: what was not seen before is marked as seen and taken in.
async fn attempt(handler: &dyn Handler, events: &[CloudEvent]) -> Result<(), HandleError> {
    let Some(first) = events.first() else { return Ok(()) };
    let tx = handler.db().write(Reach::Network(first.networkid)).await?;
    let fresh = mark_as_seen(&tx, handler.consumer(), events).await?;
    let unseen: Vec<CloudEvent>;
    let events = if fresh.len() == events.len() {
        events
    } else {
        unseen = first_tellings(events, fresh);
        &unseen
    };
    if events.is_empty() {
        return Ok(());
    }
    handler.handle(&tx, events).await?;
    tx.commit().await?;
    handler.committed(events).await;
    Ok(())
}

/// Answers the ids that were not in the inbox before.
async fn mark_as_seen(tx: &Tx, consumer: &str, events: &[CloudEvent]) -> Result<HashSet<Uuid>, DbError> {
    let (all, ids) = tx.keys(2, &events.iter().map(|event| event.id).collect::<Vec<_>>());
    let sql = format!(
        "insert into inbox (consumer, event_id) select $1, key from {all} where true on conflict do nothing returning event_id"
    );
    let rows = tx.rows(&sql, std::iter::once(consumer.into()).chain(ids)).await?;
    rows.iter().map(|row| Ok(row.try_get::<Uuid>("", "event_id")?)).collect()
}

/// An event that stands twice in a batch is told once.
fn first_tellings(events: &[CloudEvent], mut fresh: HashSet<Uuid>) -> Vec<CloudEvent> {
    events.iter().filter(|event| fresh.remove(&event.id)).cloned().collect()
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
