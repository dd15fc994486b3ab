//! A receiver's queue, drained: what has gathered goes into one transaction and is acknowledged after it.
//!
//! Always true: what cannot be taken in yet goes back to the queue, and with it the letter it came in (the inbox knows
//! the rest of it); while the database is away nothing goes back, the deliveries wait here.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::StreamExt;
use kernel::CloudEvent;
use lapin::{
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions},
    types::{AMQPValue, FieldTable},
};
use tokio::sync::watch;
use uuid::Uuid;

use super::{AmqpConfig, AmqpError, letter};
use crate::{Flow, Handler, dead_letter, deliver, relay::collecting};

/// Letters on their way at once: one transaction takes in as many as there are.
const PREFETCH: u16 = 10;
/// So many events at once mean that more are waiting.
const FULL: usize = 100;
/// After so many tries, half a second apart and more, an event that still cannot be taken in is set aside.
const MOST_DELIVERIES: i64 = 100;
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Brings a receiver what its queue holds, until `stop` turns true.
pub async fn consume(
    config: AmqpConfig,
    handler: Arc<dyn Handler>,
    flow: Arc<Flow>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let ended = tokio::select! {
            ended = drain_queue(&config, handler.as_ref(), &flow) => ended,
            _ = stop.changed() => return,
        };
        if let Err(error) = ended {
            tracing::warn!(consumer = handler.consumer(), %error, "the consumer starts again");
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN_AFTER) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn drain_queue(config: &AmqpConfig, handler: &dyn Handler, flow: &Flow) -> Result<(), AmqpError> {
    let (_connection, channel) = config.connect().await?;
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let queue = config.queue(handler.consumer());
    let mut deliveries = channel
        .basic_consume(
            queue.as_str().into(),
            handler.consumer().into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await?
        .ready_chunks(usize::from(PREFETCH));
    while let Some(chunk) = deliveries.next().await {
        let chunk: Vec<Delivery> = chunk.into_iter().collect::<Result<_, _>>()?;
        let count = chunk.len();
        let taken = take_in(handler, chunk).await?;
        flow.delivered.fetch_add(u64::try_from(count - taken.put_back).unwrap_or_default(), Ordering::SeqCst);
        tokio::time::sleep(collecting(taken.events, FULL)).await;
    }
    Ok(())
}

/// What became of a chunk of deliveries.
struct Taken {
    events: usize,
    put_back: usize,
}

async fn take_in(handler: &dyn Handler, chunk: Vec<Delivery>) -> Result<Taken, AmqpError> {
    let deliveries: Vec<(Delivery, Vec<CloudEvent>)> =
        chunk.into_iter().map(|it| open(handler, it)).collect();
    let events: Vec<CloudEvent> = deliveries.iter().flat_map(|(_, events)| events).cloned().collect();
    let postponed = patiently(handler, &events).await;
    let mut put_back = 0;
    if postponed.is_empty() {
        if let Some((last, _)) = deliveries.last() {
            last.acker.ack(BasicAckOptions { multiple: true }).await?;
        }
    } else {
        tokio::time::sleep(AGAIN_AFTER).await;
        for (delivery, events) in &deliveries {
            put_back += usize::from(!settle(handler, delivery, events, &postponed).await?);
        }
    }
    Ok(Taken { events: events.len(), put_back })
}

/// The events in a delivery. What cannot be read never will be.
fn open(handler: &dyn Handler, delivery: Delivery) -> (Delivery, Vec<CloudEvent>) {
    let events = letter::read(&delivery.properties, &delivery.data).unwrap_or_else(|error| {
        tracing::error!(consumer = handler.consumer(), %error, "a message that is no CloudEvent is dropped");
        Vec::new()
    });
    (delivery, events)
}

/// Delivers, however long the database is away; answers what wants bringing again.
async fn patiently(handler: &dyn Handler, events: &[CloudEvent]) -> HashSet<Uuid> {
    loop {
        match deliver(handler, events).await {
            Ok(postponed) => return postponed.into_iter().collect(),
            Err(error) => {
                tracing::warn!(consumer = handler.consumer(), %error, "deliveries wait");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
}

/// Acknowledges a delivery, or puts it back for what is late in it; answers whether it is settled.
async fn settle(
    handler: &dyn Handler,
    delivery: &Delivery,
    events: &[CloudEvent],
    postponed: &HashSet<Uuid>,
) -> Result<bool, AmqpError> {
    let late: Vec<&CloudEvent> = events.iter().filter(|event| postponed.contains(&event.id)).collect();
    let is_over =
        late.is_empty() || times_delivered(delivery) >= MOST_DELIVERIES && set_aside(handler, &late).await;
    if is_over {
        delivery.acker.ack(BasicAckOptions::default()).await?;
    } else {
        delivery.acker.nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() }).await?;
    }
    Ok(is_over)
}

/// Sets aside what did not become possible in all that time; answers whether that worked.
async fn set_aside(handler: &dyn Handler, late: &[&CloudEvent]) -> bool {
    for event in late {
        if dead_letter::set_aside(handler, event, "what it builds on did not come").await.is_err() {
            return false;
        }
    }
    true
}

/// How often a quorum queue has handed a message out before.
fn times_delivered(delivery: &Delivery) -> i64 {
    let headers = delivery.properties.headers().as_ref();
    match headers.and_then(|headers| headers.inner().get("x-delivery-count")) {
        Some(AMQPValue::LongLongInt(count)) => *count,
        Some(AMQPValue::LongInt(count)) => i64::from(*count),
        Some(AMQPValue::LongUInt(count)) => i64::from(*count),
        Some(AMQPValue::ShortInt(count)) => i64::from(*count),
        Some(AMQPValue::ShortShortInt(count)) => i64::from(*count),
        _ => 0,
    }
}
