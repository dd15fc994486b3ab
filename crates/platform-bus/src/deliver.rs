//! Delivery: inbox and effect in one transaction, a batch at a time, one by one when the batch will not go in.

use std::time::Duration;

use kernel::CloudEvent;
use platform_db::Reach;
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
        if attempt(handler, &batch).instrument(span(handler, &batch)).await.is_err() {
            postponed.extend(one_by_one(handler, &batch).await?);
        }
    }
    Ok(postponed)
}

async fn one_by_one(handler: &dyn Handler, events: &[CloudEvent]) -> Result<Vec<Uuid>, HandleError> {
    let mut postponed = Vec::new();
    for event in events {
        let alone = std::slice::from_ref(event);
        match patiently(handler, alone).instrument(span(handler, alone)).await {
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

async fn patiently(handler: &dyn Handler, event: &[CloudEvent]) -> Result<(), HandleError> {
    for pause in PATIENCE {
        match attempt(handler, event).await {
            Err(HandleError::Later(_) | HandleError::Away(_)) => tokio::time::sleep(pause).await,
            decided => return decided,
        }
    }
    attempt(handler, event).await
}

async fn attempt(handler: &dyn Handler, events: &[CloudEvent]) -> Result<(), HandleError> {
    let Some(first) = events.first() else { return Ok(()) };
    let tx = handler.db().write(Reach::Network(first.networkid)).await?;
    let rows = events.iter().map(|event| [handler.consumer().into(), event.id.into()]).collect();
    let fresh =
        tx.insert_rows("insert into inbox (consumer, event_id)", rows, "on conflict do nothing").await?;
    let all_fresh = usize::try_from(fresh).is_ok_and(|fresh| fresh == events.len());
    if all_fresh {
        handler.handle(&tx, events).await?;
        tx.commit().await?;
        handler.committed(events).await;
        return Ok(());
    }
    if fresh == 0 {
        return Ok(());
    }
    // Some were seen before and nobody knows which: singly, each is either fresh or not.
    drop(tx);
    Err(HandleError::Later("seen in part".into()))
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
