//! Declares the exchange and the queues, on one connection of a process at a time.
//!
//! Always true: two connections of this process never create the same missing quorum queue, and none uses a queue that
//! another is still creating. RabbitMQ permits both, and the result may be a queue that never responds.

use lapin::{
    Channel, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

use super::{AmqpConfig, AmqpError};

/// The broker drops a message after this many attempts; the value is far beyond what this code makes.
const DELIVERY_LIMIT: i64 = 1_000_000;
/// Requests are repeated every few seconds, so unanswered ones expire.
const REQUESTS_LAST_MS: i64 = 30_000;
const MOST_REQUESTS: i64 = 1_000;

impl AmqpConfig {
    /// Declares everything while no other connection of this process does.
    pub(super) async fn declare_alone(&self, channel: &Channel) -> Result<(), AmqpError> {
        let _turn = self.declaring.lock().await;
        self.declare(channel).await
    }

    async fn declare(&self, channel: &Channel) -> Result<(), AmqpError> {
        let exchange = self.exchange();
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel
            .exchange_declare(exchange.as_str().into(), ExchangeKind::Topic, durable, FieldTable::default())
            .await?;
        for source in self.sources() {
            let queue = self.request_queue(source);
            let mut arguments = FieldTable::default();
            arguments.insert("x-message-ttl".into(), AMQPValue::LongLongInt(REQUESTS_LAST_MS));
            arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(MOST_REQUESTS));
            channel.queue_declare(queue.as_str().into(), QueueDeclareOptions::durable(), arguments).await?;
        }
        for (consumer, consumes) in &self.topology {
            let queue = self.queue(consumer);
            let mut arguments = FieldTable::default();
            arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
            arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(DELIVERY_LIMIT));
            channel.queue_declare(queue.as_str().into(), QueueDeclareOptions::durable(), arguments).await?;
            for kind in *consumes {
                let (queue, exchange, kind) =
                    (queue.as_str().into(), exchange.as_str().into(), (*kind).into());
                channel
                    .queue_bind(queue, exchange, kind, QueueBindOptions::default(), FieldTable::default())
                    .await?;
            }
        }
        Ok(())
    }
}
