//! Requests of a receiver to a source: first a comparison, then the missing events.
//!
//! Always true: a request changes nothing at the source, may be lost, and may arrive twice.

use lapin::{BasicProperties, Channel, options::BasicPublishOptions};
use serde::{Deserialize, Serialize};

use super::{AmqpConfig, AmqpError, source_of};
use crate::{HandleError, Handler, Mark, Wanted, list_marks};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// The receiver that asks; the reply goes to its queue.
    pub(super) consumer: String,
    pub(super) what: What,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// Asks for the ids kept after these marks.
    Compare(Vec<Mark>),
    /// Asks for these events to be published once more, to this receiver only.
    Publish(Vec<Wanted>),
}

impl AmqpConfig {
    /// Asks every source of a receiver for the events kept after the receiver's marks.
    pub(super) async fn ask_to_compare(
        &self,
        channel: &Channel,
        handler: &dyn Handler,
    ) -> Result<(), HandleError> {
        let marks = list_marks(handler.db(), handler.consumer()).await?;
        let mut sources: Vec<&str> = handler.consumes().iter().map(|kind| source_of(kind)).collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            let marks = marks.iter().filter(|mark| source_of(&mark.kind) == source).cloned().collect();
            let request = Request { consumer: handler.consumer().to_owned(), what: What::Compare(marks) };
            self.ask(channel, source, &request).await?;
        }
        Ok(())
    }

    /// Sends a request to a source; only the reply shows whether it arrived.
    pub(super) async fn ask(
        &self,
        channel: &Channel,
        source: &str,
        request: &Request,
    ) -> Result<(), HandleError> {
        let body = serde_json::to_vec(request)?;
        let queue = self.request_queue(source);
        let properties = BasicProperties::default().with_content_type("application/json".into());
        let options = BasicPublishOptions::default();
        let _confirmed_or_not = channel
            .basic_publish("".into(), queue.as_str().into(), options, &body, properties)
            .await
            .map_err(AmqpError::from)?;
        Ok(())
    }
}
