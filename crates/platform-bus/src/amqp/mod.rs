//! RabbitMQ: a topic exchange, a quorum queue for each receiver, publisher confirms.
//!
//! Always true: an event counts as carried when the broker has confirmed it and did not return it. A delivery is
//! acknowledged after the receiver's commit. This code supervises the connection: if any part ends, the whole
//! connection is dropped and built again, topology first, so no queue is missing whichever process starts first.
//! Waiting for the broker's response is limited to a few seconds.

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

/// Address of the broker and names of the queues.
#[derive(Debug, Clone)]
pub struct AmqpConfig {
    /// `amqp://…` or `amqps://…`, never printed.
    pub url: SecretString,
    /// Prefix of the names of the exchange and the queues.
    pub prefix: String,
    /// Every receiver of the network and the kinds it consumes. The first process to connect declares them all.
    pub topology: Vec<(&'static str, &'static [&'static str])>,
    /// Serializes declarations; clones share it.
    declaring: Arc<Mutex<()>>,
}

/// Why a broker operation failed.
#[derive(Debug, thiserror::Error)]
pub enum AmqpError {
    /// The broker refused, or the connection broke.
    #[error("the broker does not answer as it should: {0}")]
    Refused(#[from] lapin::Error),
    /// The broker did not respond in time.
    #[error("the broker says nothing")]
    Silent(#[from] tokio::time::error::Elapsed),
}

impl From<AmqpError> for HandleError {
    fn from(error: AmqpError) -> Self {
        Self::Away(error.to_string())
    }
}

impl AmqpConfig {
    /// Describes a broker; the connection opens on first use.
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

    /// Checks that the broker responds.
    ///
    /// # Errors
    /// Fails if the broker does not respond.
    pub async fn ping(&self) -> Result<(), AmqpError> {
        let (connection, _channel) = self.connect().await?;
        connection.close(200, "done".into()).await?;
        Ok(())
    }

    /// Counts the messages that wait in each receiver's queue. Declares nothing.
    ///
    /// # Errors
    /// Fails if the broker does not respond or a queue does not exist yet.
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

    /// The queue that takes requests for a source's kept events.
    fn request_queue(&self, source: &str) -> String {
        format!("{}.{source}.replay", self.prefix)
    }

    /// The services whose events at least one receiver consumes.
    fn sources(&self) -> BTreeSet<&'static str> {
        self.topology.iter().flat_map(|(_, consumes)| *consumes).map(|kind| source_of(kind)).collect()
    }

    /// The kinds that a receiver consumes.
    fn consumes(&self, consumer: &str) -> &'static [&'static str] {
        self.topology.iter().find(|(name, _)| *name == consumer).map_or(&[], |(_, consumes)| consumes)
    }

    /// The receivers that consume a kind.
    fn consumers_of(&self, kind: &str) -> impl Iterator<Item = &'static str> {
        self.topology.iter().filter(move |(_, consumes)| consumes.contains(&kind)).map(|(name, _)| *name)
    }
}

/// The service that publishes a kind: `membership` of `membership.visit_ended.v1`.
fn source_of(kind: &str) -> &str {
    kind.split('.').next().unwrap_or_default()
}
