//! Drains a receiver's queue: the deliveries that have gathered go into one transaction and are acknowledged after it.
//!
//! Always true: a delivery is acknowledged once each of its events was taken in, postponed or dead-lettered. Deliveries
//! wait here only while the database is away. Every few seconds the receiver asks its sources what they have kept and
//! finds its gaps in the replies; the replies come through the same queue, behind earlier events.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::StreamExt;
use kernel::CloudEvent;
use lapin::{
    Channel,
    message::Delivery,
    options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use tokio::{sync::watch, time::Instant};

use super::{
    AmqpConfig, AmqpError,
    message::{self, Kept, Message},
    request::{Request, What},
};
use crate::{Flow, HandleError, Handler, Suspects, compare, deliver, gaps::LOOK_EVERY, relay::collecting};

/// Unacknowledged messages at once; one transaction takes in as many as there are.
const PREFETCH: u16 = 10;
/// A batch of this many events means that more are waiting.
const FULL: usize = 100;
pub(super) const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// A reply may stand behind a long queue; no new request is sent within this time.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);

/// Delivers the content of a receiver's queue until `stop` turns true.
pub async fn consume(
    config: AmqpConfig,
    handler: Arc<dyn Handler>,
    flow: Arc<Flow>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let mut receiver = Receiver::new(&config, handler.as_ref(), &flow);
        let ended = tokio::select! {
            ended = receiver.drain_queue() => ended,
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

/// One connection of a receiver.
struct Receiver<'a> {
    config: &'a AmqpConfig,
    handler: &'a dyn Handler,
    flow: &'a Flow,
    /// The events missing at the last comparison with each source.
    suspects: HashMap<String, Suspects>,
    look_at: Instant,
}

impl<'a> Receiver<'a> {
    fn new(config: &'a AmqpConfig, handler: &'a dyn Handler, flow: &'a Flow) -> Self {
        Self { config, handler, flow, suspects: HashMap::new(), look_at: Instant::now() }
    }

    async fn drain_queue(&mut self) -> Result<(), HandleError> {
        let (_connection, channel) = self.config.connect().await?;
        let mut deliveries = self.deliveries(&channel).await?.ready_chunks(usize::from(PREFETCH));
        loop {
            let chunk = tokio::select! {
                chunk = deliveries.next() => chunk,
                () = tokio::time::sleep_until(self.look_at) => {
                    self.look_at = Instant::now() + ANSWERED_WITHIN;
                    self.config.ask_to_compare(&channel, self.handler).await?;
                    self.look_at = Instant::now() + LOOK_EVERY;
                    continue;
                }
            };
            let Some(chunk) = chunk else { return Ok(()) };
            let chunk: Vec<Delivery> =
                chunk.into_iter().collect::<Result<_, _>>().map_err(AmqpError::from)?;
            let events = self.take_in(&channel, chunk).await?;
            tokio::time::sleep(collecting(events, FULL)).await;
        }
    }

    async fn deliveries(&self, channel: &Channel) -> Result<lapin::Consumer, AmqpError> {
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let queue = self.config.queue(self.handler.consumer());
        let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
        let tag = self.handler.consumer().into();
        Ok(channel.basic_consume(queue.as_str().into(), tag, options, arguments).await?)
    }

    /// Returns the number of events.
    async fn take_in(&mut self, channel: &Channel, chunk: Vec<Delivery>) -> Result<usize, HandleError> {
        let (mut events, mut answers) = (Vec::new(), Vec::new());
        for delivery in &chunk {
            match self.open(delivery) {
                Message::Events(some) => events.extend(some),
                Message::Kept(kept) => answers.push(kept),
            }
        }
        self.patiently(&events).await;
        for kept in answers {
            self.compare(channel, kept).await?;
        }
        if let Some(last) = chunk.last() {
            last.acker.ack(BasicAckOptions { multiple: true }).await.map_err(AmqpError::from)?;
        }
        self.flow.end(self.handler.consumer(), &events);
        Ok(events.len())
    }

    /// Parses a delivery. An unreadable one is dropped, since it would never become readable.
    fn open(&self, delivery: &Delivery) -> Message {
        message::read(&delivery.properties, &delivery.data).unwrap_or_else(|error| {
            tracing::error!(consumer = self.handler.consumer(), %error, "a message that is no CloudEvent is dropped");
            Message::Events(Vec::new())
        })
    }

    /// Delivers, and retries for as long as the database is away.
    async fn patiently(&self, events: &[CloudEvent]) {
        while let Err(error) = deliver(self.handler, events).await {
            tracing::warn!(consumer = self.handler.consumer(), %error, "deliveries wait");
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// Looks for gaps and requests the events that were missing twice. Events missing for the first time are checked
    /// again soon.
    async fn compare(&mut self, channel: &Channel, kept: Kept) -> Result<(), HandleError> {
        let suspects = self.suspects.remove(&kept.source).unwrap_or_default();
        let found = compare(self.handler, &kept.pages, &suspects).await?;
        if !found.wanted.is_empty() {
            let request =
                Request { consumer: self.handler.consumer().to_owned(), what: What::Publish(found.wanted) };
            self.config.ask(channel, &kept.source, &request).await?;
        } else if !found.lacking.is_empty() || found.moved {
            self.look_at = self.look_at.min(Instant::now() + AGAIN_AFTER);
        }
        self.suspects.insert(kept.source, found.lacking);
        Ok(())
    }
}
