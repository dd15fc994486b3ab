//! The outlet of the distributed shapes: one channel with confirms, shared by every relay of the process.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::CloudEvent;
use lapin::{
    Channel, Connection,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use tokio::sync::Mutex;

use super::{ANSWERS_WITHIN, AmqpConfig, AmqpError, message::OutgoingMessage};
use crate::{Flow, HandleError, Outlet};

/// Carries events to the broker.
pub struct Amqp {
    config: AmqpConfig,
    flow: Arc<Flow>,
    line: Mutex<Option<Arc<Line>>>,
}

/// An open connection and its channel.
struct Line {
    _connection: Connection,
    channel: Channel,
}

impl std::fmt::Debug for Amqp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Amqp").field("prefix", &self.config.prefix).finish_non_exhaustive()
    }
}

impl Amqp {
    /// Creates an outlet to a broker; the connection opens on first use.
    pub fn new(config: AmqpConfig, flow: Arc<Flow>) -> Self {
        Self { config, flow, line: Mutex::new(None) }
    }

    /// Returns the open line or opens a new one. Relays that need a line at the same time share one attempt; none waits
    /// for what another carries.
    async fn line(&self) -> Result<Arc<Line>, AmqpError> {
        let mut line = self.line.lock().await;
        if let Some(open) = line.as_ref() {
            return Ok(Arc::clone(open));
        }
        let (connection, channel) = self.config.connect().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        let open = Arc::new(Line { _connection: connection, channel });
        *line = Some(Arc::clone(&open));
        Ok(open)
    }

    /// Drops a line that failed, unless another one was opened already.
    async fn hang_up(&self, failed: &Arc<Line>) {
        let mut line = self.line.lock().await;
        if line.as_ref().is_some_and(|open| Arc::ptr_eq(open, failed)) {
            *line = None;
        }
    }

    async fn publish(&self, channel: &Channel, messages: &[OutgoingMessage<'_>]) -> Result<(), HandleError> {
        let exchange = self.config.exchange();
        let mut confirms = Vec::with_capacity(messages.len());
        for message in messages {
            // An event with a receiver must reach a queue; one without a receiver may be dropped.
            let mandatory = self.config.consumers_of(message.kind()).next().is_some();
            let options = BasicPublishOptions { mandatory, ..BasicPublishOptions::default() };
            let (key, body) = (message.kind().into(), message.body()?);
            let sent =
                channel.basic_publish(exchange.as_str().into(), key, options, &body, message.properties());
            confirms.push(sent.await.map_err(away)?);
        }
        for (message, confirm) in messages.iter().zip(confirms) {
            let confirmation = confirm.await.map_err(away)?;
            let is_ack = confirmation.is_ack();
            let came_back = confirmation.take_message().is_some();
            if !is_ack || came_back {
                return Err(HandleError::Away(format!("{} was not taken by the broker", message.kind())));
            }
        }
        Ok(())
    }

    fn expect(&self, messages: &[OutgoingMessage<'_>]) {
        for message in messages {
            for consumer in self.config.consumers_of(message.kind()) {
                self.flow.expect(consumer, message.events());
            }
        }
    }

    /// Events that may not have been published are published again later.
    fn expect_no_more(&self, messages: &[OutgoingMessage<'_>]) {
        for message in messages {
            for consumer in self.config.consumers_of(message.kind()) {
                self.flow.end(consumer, message.events().iter().copied());
            }
        }
    }
}

#[async_trait]
impl Outlet for Amqp {
    async fn carry(&self, events: &[CloudEvent]) -> Result<(), HandleError> {
        let line = self.line().await.map_err(away)?;
        let messages = OutgoingMessage::sort(events);
        self.expect(&messages);
        let published = tokio::time::timeout(ANSWERS_WITHIN, self.publish(&line.channel, &messages))
            .await
            .unwrap_or_else(|_late| Err(HandleError::Away("the broker does not confirm".into())));
        if published.is_err() {
            self.expect_no_more(&messages);
            self.hang_up(&line).await;
        }
        published
    }
}

fn away(error: impl std::fmt::Display) -> HandleError {
    HandleError::Away(error.to_string())
}
