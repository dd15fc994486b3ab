//! The content of one AMQP message: an event, or several of one kind and one network that left together.
//!
//! Always true: one event is a CloudEvent in structured JSON; several are a JSON array of them, the batch format of the
//! same standard (CloudEvents 1.0, JSON format, §4). The content type distinguishes the two. A broker's cost is per
//! message, so a burst of events travels in one message.

use kernel::CloudEvent;
use lapin::{
    BasicProperties,
    types::{AMQPValue, FieldTable, ShortString},
};
use serde::{Deserialize, Serialize};

use crate::KeptPage;

const ONE: &str = "application/cloudevents+json";
const SEVERAL: &str = "application/cloudevents-batch+json";
/// The most events in a message: about 50 KB.
const MOST_EVENTS: usize = 50;
const PERSISTENT: u8 = 2;

/// Events of one message; never empty.
#[derive(Debug)]
pub(super) struct OutgoingMessage<'a> {
    events: Vec<&'a CloudEvent>,
}

impl<'a> OutgoingMessage<'a> {
    /// Groups events into messages. Each event joins the last message of its kind and network that has room, so the
    /// order within a kind is kept.
    pub(super) fn sort(events: &'a [CloudEvent]) -> Vec<Self> {
        let mut messages: Vec<Self> = Vec::new();
        for event in events {
            match messages.iter_mut().rev().find(|message| message.is_for(event)) {
                Some(message) if message.events.len() < MOST_EVENTS => message.events.push(event),
                _ => messages.push(Self { events: vec![event] }),
            }
        }
        messages
    }

    fn is_for(&self, event: &CloudEvent) -> bool {
        self.events
            .first()
            .is_some_and(|first| first.kind == event.kind && first.networkid == event.networkid)
    }

    /// The kind of its events, used as the routing key.
    pub(super) fn kind(&self) -> &'a str {
        self.events.first().map_or("", |first| &first.kind)
    }

    pub(super) fn events(&self) -> &[&'a CloudEvent] {
        &self.events
    }

    /// Serializes the events.
    pub(super) fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
        match self.events.as_slice() {
            [event] => serde_json::to_vec(event),
            several => serde_json::to_vec(several),
        }
    }

    /// Follows the CloudEvents AMQP binding in structured mode, with an event's trace in a header for tools that look
    /// there.
    pub(super) fn properties(&self) -> BasicProperties {
        let common = BasicProperties::default().with_delivery_mode(PERSISTENT).with_type(self.kind().into());
        let [event] = self.events.as_slice() else { return common.with_content_type(SEVERAL.into()) };
        let mut headers = FieldTable::default();
        if let Some(traceparent) = &event.traceparent {
            headers.insert("traceparent".into(), AMQPValue::LongString(traceparent.as_str().into()));
        }
        common
            .with_content_type(ONE.into())
            .with_message_id(event.id.to_string().as_str().into())
            .with_headers(headers)
    }
}

/// A message in a receiver's queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// Events to take in.
    Events(Vec<CloudEvent>),
    /// A source's reply to a comparison.
    Kept(Kept),
}

/// The events that a source has kept after a receiver's marks.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The service that replies.
    pub(super) source: String,
    pub(super) pages: Vec<KeptPage>,
}

impl Kept {
    /// The content type of a reply to a comparison; it is not an event.
    pub(super) const CONTENT_TYPE: &'static str = "application/vnd.hubnet.kept+json";
}

pub(super) fn read(properties: &BasicProperties, body: &[u8]) -> Result<Message, serde_json::Error> {
    match properties.content_type().as_ref().map(ShortString::as_str) {
        Some(SEVERAL) => Ok(Message::Events(serde_json::from_slice(body)?)),
        Some(Kept::CONTENT_TYPE) => Ok(Message::Kept(serde_json::from_slice(body)?)),
        _ => Ok(Message::Events(vec![serde_json::from_slice(body)?])),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use kernel::NetworkId;
    use uuid::Uuid;

    use super::*;

    fn event(kind: &str, network: u128, subject: usize) -> CloudEvent {
        CloudEvent {
            specversion: "1.0".into(),
            id: Uuid::from_u128(u128::try_from(subject).expect("small")),
            source: "/hubnet/membership".into(),
            kind: kind.into(),
            subject: subject.to_string(),
            time: Timestamp::UNIX_EPOCH,
            networkid: NetworkId::from(Uuid::from_u128(network)),
            hubid: None,
            sequence: None,
            traceparent: None,
            datacontenttype: "application/json".into(),
            data: kernel::Fact::of(&serde_json::json!({})).expect("JSON"),
        }
    }

    fn subjects(messages: &[OutgoingMessage<'_>]) -> Vec<Vec<String>> {
        messages.iter().map(|it| it.events.iter().map(|event| event.subject.clone()).collect()).collect()
    }

    #[test]
    fn events_of_one_kind_and_network_share_a_message_in_order() {
        let events =
            [event("a", 1, 1), event("b", 1, 2), event("a", 1, 3), event("a", 2, 4), event("b", 1, 5)];
        assert_eq!(subjects(&OutgoingMessage::sort(&events)), [vec!["1", "3"], vec!["2", "5"], vec!["4"]]);
    }

    #[test]
    fn a_full_message_is_followed_by_another() {
        let events: Vec<_> = (0..=2 * MOST_EVENTS).map(|subject| event("a", 1, subject)).collect();
        let lengths: Vec<_> =
            OutgoingMessage::sort(&events).iter().map(|message| message.events.len()).collect();
        assert_eq!(lengths, [MOST_EVENTS, MOST_EVENTS, 1]);
    }

    #[test]
    fn one_event_and_several_are_read_as_they_were_written() {
        for count in [1, 3] {
            let events: Vec<_> = (0..count).map(|subject| event("a", 1, subject)).collect();
            for message in OutgoingMessage::sort(&events) {
                assert_eq!(
                    read(&message.properties(), &message.body().expect("written")).expect("read"),
                    Message::Events(events.clone())
                );
            }
        }
    }

    #[test]
    fn what_is_no_event_is_not_read() {
        for kind in [ONE, SEVERAL] {
            let properties = BasicProperties::default().with_content_type(kind.into());
            assert!(read(&properties, b"{\"a\":1}").is_err());
        }
    }
}
