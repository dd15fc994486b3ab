//! RabbitMQ: a topic exchange, a quorum queue for each receiver, publisher confirms.
//!
//! Always true: an event counts as carried when the broker has confirmed it and did not hand it back; a delivery is
//! acknowledged after the receiver's commit. The connection is ours to watch: when anything ends, everything of that
//! connection is dropped and built again, topology first, so that no queue is missing whoever starts first; and no
//! answer of the broker is waited for longer than a few seconds.

mod consume;
mod declare;
mod message;
mod outlet;
mod request;
mod source;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use lapin::{Channel, Connection, ConnectionProperties, options::QueueDeclareOptions, types::FieldTable};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::HandleError;

pub use self::{consume::consume, outlet::Amqp, source::answer_requests};

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
    /// Whose turn it is to declare: clones share it.
    declaring: Arc<Mutex<()>>,
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

impl From<AmqpError> for HandleError {
    fn from(error: AmqpError) -> Self {
        Self::Away(error.to_string())
    }
}

impl AmqpConfig {
    /// A broker; connects when first used.
    pub fn new(
        url: SecretString,
        prefix: String,
        topology: Vec<(&'static str, &'static [&'static str])>,
    ) -> Self {
        Self { url, prefix, topology, declaring: Arc::default() }
    }

    async fn connect(&self) -> Result<(Connection, Channel), AmqpError> {
        tokio::time::timeout(ANSWERS_WITHIN, self.open()).await?
    }

    async fn open(&self) -> Result<(Connection, Channel), AmqpError> {
        let (connection, channel) = self.open_undeclared().await?;
        self.declare_alone(&channel).await?;
        Ok((connection, channel))
    }

    async fn open_undeclared(&self) -> Result<(Connection, Channel), AmqpError> {
        let properties = ConnectionProperties::default().with_connection_name("hubnet".into());
        let connection = Connection::connect(self.url.expose_secret(), properties).await?;
        let channel = connection.create_channel().await?;
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

    /// How many messages each receiver has not taken from its queue. Declares nothing.
    ///
    /// # Errors
    /// The broker does not answer, or has no such queue yet.
    pub async fn count_waiting(&self) -> Result<Vec<(&'static str, u32)>, AmqpError> {
        let (connection, channel) = tokio::time::timeout(ANSWERS_WITHIN, self.open_undeclared()).await??;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let mut waiting = Vec::with_capacity(self.topology.len());
        for (consumer, _) in &self.topology {
            let queue = self.queue(consumer);
            let queue = channel.queue_declare(queue.as_str().into(), passive, FieldTable::default()).await?;
            waiting.push((*consumer, queue.message_count()));
        }
        connection.close(200, "done".into()).await?;
        Ok(waiting)
    }

    fn exchange(&self) -> String {
        format!("{}.events", self.prefix)
    }

    fn queue(&self, consumer: &str) -> String {
        format!("{}.{consumer}", self.prefix)
    }

    /// Where a source is asked for what it has kept.
    fn request_queue(&self, source: &str) -> String {
        format!("{}.{source}.replay", self.prefix)
    }

    /// The services whose events somebody hears.
    fn sources(&self) -> BTreeSet<&'static str> {
        self.topology.iter().flat_map(|(_, consumes)| *consumes).map(|kind| source_of(kind)).collect()
    }

    /// What a receiver hears.
    fn consumes(&self, consumer: &str) -> &'static [&'static str] {
        self.topology.iter().find(|(name, _)| *name == consumer).map_or(&[], |(_, consumes)| consumes)
    }

    /// The receivers of a kind.
    fn consumers_of(&self, kind: &str) -> impl Iterator<Item = &'static str> {
        self.topology.iter().filter(move |(_, consumes)| consumes.contains(&kind)).map(|(name, _)| *name)
    }
}

/// The service that says such things: `membership` of `membership.visit_ended.v1`.
fn source_of(kind: &str) -> &str {
    kind.split('.').next().unwrap_or_default()
}
