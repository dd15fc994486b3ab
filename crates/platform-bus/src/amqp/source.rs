//! Answers receivers' requests: sends the ids that a source has kept and, on request, the events themselves again.
//!
//! Always true: a reply goes only to the queue of the receiver that asked. Only receivers of the topology get replies,
//! and only for the kinds they consume.

use std::sync::Arc;

use futures_util::StreamExt;
use lapin::{
    BasicProperties, Channel,
    message::Delivery,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    },
    types::FieldTable,
};
use platform_db::Db;
use tokio::sync::watch;

use super::{
    ANSWERS_WITHIN, AmqpConfig, AmqpError,
    consume::AGAIN_AFTER,
    message::{Kept, OutgoingMessage},
    request::{Request, What},
    source_of,
};
use crate::{Flow, HandleError, list_kept, load_kept};

/// Answers receivers' requests to a source until `stop` turns true.
pub async fn answer_requests(
    config: AmqpConfig,
    source: &'static str,
    db: Db,
    flow: Arc<Flow>,
    mut stop: watch::Receiver<bool>,
) {
    if !config.sources().contains(source) {
        return;
    }
    let source = Source { config, name: source, db, flow };
    while !*stop.borrow() {
        let ended = tokio::select! {
            ended = source.answer() => ended,
            _ = stop.changed() => return,
        };
        if let Err(error) = ended {
            tracing::warn!(source = source.name, %error, "requests are answered later");
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN_AFTER) => {}
            _ = stop.changed() => {}
        }
    }
}

struct Source {
    config: AmqpConfig,
    name: &'static str,
    db: Db,
    flow: Arc<Flow>,
}

impl Source {
    async fn answer(&self) -> Result<(), HandleError> {
        let (_connection, channel) = self.config.connect().await?;
        let mut requests = self.requests(&channel).await?;
        while let Some(request) = requests.next().await {
            let request = request.map_err(AmqpError::from)?;
            tokio::time::timeout(ANSWERS_WITHIN, self.answer_one(&channel, &request))
                .await
                .unwrap_or_else(|_late| Err(HandleError::Away("the broker does not confirm".into())))?;
            request.acker.ack(BasicAckOptions::default()).await.map_err(AmqpError::from)?;
        }
        Ok(())
    }

    async fn requests(&self, channel: &Channel) -> Result<lapin::Consumer, AmqpError> {
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        channel.basic_qos(1, BasicQosOptions::default()).await?;
        let queue = self.config.request_queue(self.name);
        let options = BasicConsumeOptions::default();
        Ok(channel
            .basic_consume(queue.as_str().into(), self.name.into(), options, FieldTable::default())
            .await?)
    }

    async fn answer_one(&self, channel: &Channel, request: &Delivery) -> Result<(), HandleError> {
        let Request { consumer, what } = match serde_json::from_slice(&request.data) {
            Ok(request) => request,
            Err(error) => {
                tracing::error!(source = self.name, %error, "a request that cannot be read is dropped");
                return Ok(());
            }
        };
        let is_mine = |kind: &str| source_of(kind) == self.name;
        let kinds = self.config.consumes(&consumer).iter().copied().filter(|kind| is_mine(kind));
        let kinds: Vec<String> = kinds.map(str::to_owned).collect();
        match what {
            What::Compare(marks) => {
                let pages = list_kept(&self.db, &kinds, &marks).await?;
                if pages.is_empty() {
                    return Ok(());
                }
                let kept = Kept { source: self.name.to_owned(), pages };
                let properties = BasicProperties::default().with_content_type(Kept::CONTENT_TYPE.into());
                self.send(channel, &consumer, &serde_json::to_vec(&kept)?, properties).await
            }
            What::Publish(wanted) => {
                for wanted in wanted.iter().filter(|wanted| kinds.contains(&wanted.kind)) {
                    let events = load_kept(&self.db, wanted).await?;
                    for message in OutgoingMessage::sort(&events) {
                        self.publish_again(channel, &consumer, &message).await?;
                    }
                }
                Ok(())
            }
        }
    }

    async fn publish_again(
        &self,
        channel: &Channel,
        consumer: &str,
        message: &OutgoingMessage<'_>,
    ) -> Result<(), HandleError> {
        let receiver = self.config.consumers_of(message.kind()).find(|name| *name == consumer);
        if let Some(receiver) = receiver {
            self.flow.expect(receiver, message.events());
        }
        let sent = self.send(channel, consumer, &message.body()?, message.properties()).await;
        if let (Err(_), Some(receiver)) = (&sent, receiver) {
            self.flow.end(receiver, message.events().iter().copied());
        }
        sent
    }

    /// Sends into the receiver's own queue through the broker's default exchange.
    async fn send(
        &self,
        channel: &Channel,
        consumer: &str,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<(), HandleError> {
        let queue = self.config.queue(consumer);
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let sent = channel.basic_publish("".into(), queue.as_str().into(), options, body, properties).await;
        let confirmation = sent.map_err(AmqpError::from)?.await.map_err(AmqpError::from)?;
        if confirmation.is_ack() && confirmation.take_message().is_none() {
            return Ok(());
        }
        Err(HandleError::Away(format!("{queue} did not take an answer")))
    }
}
