//! RabbitMQ: a topic exchange, a quorum queue for each receiver, publisher confirms.
//!
//! Always true: an event counts as carried when the broker has confirmed it and did not hand it back; a delivery is
//! acknowledged after the receiver's commit. The connection is ours to watch: when anything ends, everything of that
//! connection is dropped and built again, topology first, so that no queue is missing whoever starts first.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::StreamExt;
use kernel::CloudEvent;
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind,
    message::Delivery,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicPublishOptions, BasicQosOptions,
        ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use crate::{Flow, HandleError, Handler, Outlet, dead_letter, deliver, relay::collecting};

const PREFETCH: u16 = 500;
/// After so many tries, half a second apart and more, an event that still cannot be taken in is set aside. The broker's
/// own limit, past which it would drop the message, lies far beyond.
const MOST_DELIVERIES: i64 = 100;
const DELIVERY_LIMIT: i64 = 1_000_000;
const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const PERSISTENT: u8 = 2;

/// Where the broker is and what the queues are called.
#[derive(Debug, Clone)]
pub struct AmqpConfig {
    /// `amqp://…` or `amqps://…`, never printed.
    pub url: SecretString,
    /// Stands before the names of the exchange and the queues.
    pub prefix: String,
    /// Every receiver of the network and what it hears: whoever connects first declares them all.
    pub topology: Vec<(&'static str, &'static [&'static str])>,
}

/// The broker is away, or refuses.
#[derive(Debug, thiserror::Error)]
#[error("the broker does not answer as it should: {0}")]
pub struct AmqpError(#[from] lapin::Error);

impl AmqpConfig {
    async fn connect(&self) -> Result<(Connection, Channel), AmqpError> {
        let properties = ConnectionProperties::default().with_connection_name("hubnet".into());
        let connection = Connection::connect(self.url.expose_secret(), properties).await?;
        let channel = connection.create_channel().await?;
        self.declare(&channel).await?;
        Ok((connection, channel))
    }

    /// Whether the broker answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), AmqpError> {
        let (connection, _channel) = self.connect().await?;
        connection.close(200, "done".into()).await?;
        Ok(())
    }

    fn exchange(&self) -> String {
        format!("{}.events", self.prefix)
    }

    fn queue(&self, consumer: &str) -> String {
        format!("{}.{consumer}", self.prefix)
    }

    async fn declare(&self, channel: &Channel) -> Result<(), AmqpError> {
        let exchange = self.exchange();
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel
            .exchange_declare(exchange.as_str().into(), ExchangeKind::Topic, durable, FieldTable::default())
            .await?;
        for (consumer, hears) in &self.topology {
            let queue = self.queue(consumer);
            let mut arguments = FieldTable::default();
            arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
            arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
            channel.queue_declare(queue.as_str().into(), QueueDeclareOptions::durable(), arguments).await?;
            for kind in *hears {
                let (queue, exchange, kind) =
                    (queue.as_str().into(), exchange.as_str().into(), (*kind).into());
                channel
                    .queue_bind(queue, exchange, kind, QueueBindOptions::default(), FieldTable::default())
                    .await?;
            }
        }
        Ok(())
    }

    fn hearers(&self, kind: &str) -> usize {
        self.topology.iter().filter(|(_, hears)| hears.contains(&kind)).count()
    }
}

/// The outlet of the distributed shapes.
pub struct Amqp {
    config: AmqpConfig,
    flow: Arc<Flow>,
    open: Mutex<Option<(Connection, Channel)>>,
}

impl std::fmt::Debug for Amqp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Amqp").field("prefix", &self.config.prefix).finish_non_exhaustive()
    }
}

impl Amqp {
    /// An outlet to a broker; connects when first used.
    pub fn new(config: AmqpConfig, flow: Arc<Flow>) -> Self {
        Self { config, flow, open: Mutex::new(None) }
    }

    async fn publish(&self, channel: &Channel, events: &[CloudEvent]) -> Result<(), HandleError> {
        let exchange = self.config.exchange();
        let mut confirms = Vec::with_capacity(events.len());
        for event in events {
            // What somebody hears has to reach a queue; what nobody hears yet may fall to the floor.
            let mandatory = self.config.hearers(&event.kind) > 0;
            let options = BasicPublishOptions { mandatory, ..BasicPublishOptions::default() };
            let body = serde_json::to_vec(event)?;
            let sent = channel
                .basic_publish(
                    exchange.as_str().into(),
                    event.kind.as_str().into(),
                    options,
                    &body,
                    properties(event),
                )
                .await
                .map_err(away)?;
            confirms.push(sent);
        }
        for (event, confirm) in events.iter().zip(confirms) {
            let confirmation = confirm.await.map_err(away)?;
            let heard = self.config.hearers(&event.kind);
            let is_ack = confirmation.is_ack();
            let came_back = confirmation.take_message().is_some();
            if !is_ack || came_back {
                return Err(HandleError::Away(format!("{} was not taken by the broker", event.kind)));
            }
            self.flow.expected.fetch_add(u64::try_from(heard).unwrap_or_default(), Ordering::SeqCst);
        }
        Ok(())
    }
}

#[async_trait]
impl Outlet for Amqp {
    async fn carry(&self, events: &[CloudEvent]) -> Result<Vec<Uuid>, HandleError> {
        let mut open = self.open.lock().await;
        if open.is_none() {
            let (connection, channel) = self.config.connect().await.map_err(away)?;
            channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(away)?;
            *open = Some((connection, channel));
        }
        let Some((_, channel)) = open.as_ref() else { return Err(HandleError::Away("no channel".into())) };
        let published = tokio::time::timeout(CONFIRM_WITHIN, self.publish(channel, events))
            .await
            .unwrap_or_else(|_late| Err(HandleError::Away("the broker does not confirm".into())));
        if published.is_err() {
            *open = None;
        }
        published.map(|()| Vec::new())
    }
}

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
        take_in(handler, &chunk, flow).await?;
        tokio::time::sleep(collecting(chunk.len(), PREFETCH.into())).await;
    }
    Ok(())
}

async fn take_in(handler: &dyn Handler, chunk: &[Delivery], flow: &Flow) -> Result<(), AmqpError> {
    let read = |delivery: &Delivery| match serde_json::from_slice::<CloudEvent>(&delivery.data) {
        Ok(event) => Some(event),
        Err(error) => {
            tracing::error!(consumer = handler.consumer(), %error, "a message that is no CloudEvent is dropped");
            None
        }
    };
    let deliveries: Vec<(&Delivery, Option<CloudEvent>)> = chunk.iter().map(|it| (it, read(it))).collect();
    let events: Vec<CloudEvent> = deliveries.iter().filter_map(|(_, event)| event.clone()).collect();
    let postponed = loop {
        match deliver(handler, &events).await {
            Ok(postponed) => break postponed,
            // Nothing goes back to the queue for this: the deliveries wait here until the database is there again.
            Err(error) => {
                tracing::warn!(consumer = handler.consumer(), %error, "deliveries wait");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    };
    if !postponed.is_empty() {
        tokio::time::sleep(AGAIN_AFTER).await;
    }
    for (delivery, event) in deliveries {
        let is_late = event.as_ref().is_some_and(|event| postponed.contains(&event.id));
        match event {
            Some(event) if is_late && times_delivered(delivery) >= MOST_DELIVERIES => {
                let why = "what it builds on did not come";
                if dead_letter::set_aside(handler, &event, why).await.is_ok() {
                    delivery.acker.ack(BasicAckOptions::default()).await?;
                } else {
                    delivery
                        .acker
                        .nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() })
                        .await?;
                }
            }
            Some(_) if is_late => {
                delivery
                    .acker
                    .nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() })
                    .await?;
                continue;
            }
            _ => {
                delivery.acker.ack(BasicAckOptions::default()).await?;
            }
        }
        flow.delivered.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
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

/// The CloudEvents AMQP binding in structured mode, with the trace in a header for tools that look there.
fn properties(event: &CloudEvent) -> BasicProperties {
    let mut headers = FieldTable::default();
    if let Some(traceparent) = &event.traceparent {
        headers.insert("traceparent".into(), AMQPValue::LongString(traceparent.as_str().into()));
    }
    BasicProperties::default()
        .with_content_type("application/cloudevents+json".into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(event.id.to_string().as_str().into())
        .with_type(event.kind.as_str().into())
        .with_headers(headers)
}

fn away(error: impl std::fmt::Display) -> HandleError {
    HandleError::Away(error.to_string())
}
