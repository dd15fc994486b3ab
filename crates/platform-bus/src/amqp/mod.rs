//! RabbitMQ: a topic exchange, a quorum queue for each receiver, publisher confirms.
//!
//! Always true: an event counts as carried when the broker has confirmed it and did not hand it back; a delivery is
//! acknowledged after the receiver's commit. The connection is ours to watch: when anything ends, everything of that
//! connection is dropped and built again, topology first, so that no queue is missing whoever starts first; and no
//! answer of the broker is waited for longer than a few seconds.

mod consume;
mod letter;
mod outlet;

use std::time::Duration;

use lapin::{
    Channel, Connection, ConnectionProperties, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use secrecy::{ExposeSecret, SecretString};

pub use self::{consume::consume, outlet::Amqp};

/// The broker's own limit of tries, past which it would drop a message: far beyond ours.
const DELIVERY_LIMIT: i64 = 1_000_000;
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

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
pub enum AmqpError {
    /// It refused, or the connection broke.
    #[error("the broker does not answer as it should: {0}")]
    Refused(#[from] lapin::Error),
    /// It is there and says nothing.
    #[error("the broker says nothing")]
    Silent(#[from] tokio::time::error::Elapsed),
}

impl AmqpConfig {
    async fn connect(&self) -> Result<(Connection, Channel), AmqpError> {
        tokio::time::timeout(ANSWERS_WITHIN, self.open()).await?
    }

    async fn open(&self) -> Result<(Connection, Channel), AmqpError> {
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
