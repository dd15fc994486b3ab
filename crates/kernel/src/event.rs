//! The envelope of the events between services: a CloudEvent (CNCF CloudEvents 1.0, JSON format).
//!
//! Always true: the type ends in the version of its data (`membership.visit_ended.v1`); the id is unique, so a consumer
//! can count it once; the tenant travels in the extension attributes `networkid` and `hubid`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{HubId, NetworkId, World};

/// The data of one kind of event.
pub trait Published: Serialize + DeserializeOwned {
    /// The type attribute: service, fact in the past tense, version.
    const TYPE: &'static str;

    /// Returns the subject attribute: the id of the object that changed.
    fn subject(&self) -> String;
}

/// One event, as stored in the outbox and sent over the broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudEvent {
    /// Always `1.0`.
    pub specversion: String,
    /// Unique id; the inbox counts each id once.
    pub id: Uuid,
    /// The publishing service, as `/hubnet/membership`.
    pub source: String,
    /// The kind of fact, with its version.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the object of the fact.
    pub subject: String,
    /// The instant at which the event was written.
    pub time: Timestamp,
    /// The network in which it happened.
    pub networkid: NetworkId,
    /// The hub at which it happened, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hubid: Option<HubId>,
    /// The sequence number among the events of its kind and network, from 1 and without gaps, assigned by the relay. A
    /// CloudEvents extension attribute: text that sorts as the number does.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "sequence")]
    pub sequence: Option<i64>,
    /// The W3C trace context of the request that caused it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub traceparent: Option<String>,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// The fact itself.
    pub data: Fact,
}

/// The data of an event as JSON text. A consumer parses only the fields it needs; everything else forwards the text
/// unchanged.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fact(Box<RawValue>);

impl Fact {
    /// Serialises a fact.
    ///
    /// # Errors
    /// Fails if the fact cannot be written as JSON.
    pub fn of<T: Serialize>(fact: &T) -> Result<Self, serde_json::Error> {
        Ok(Self(serde_json::value::to_raw_value(fact)?))
    }

    /// Parses the fields of the requested type.
    ///
    /// # Errors
    /// Fails if the text is not such a fact.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }
}

/// Facts are equal if their JSON texts are equal.
impl PartialEq for Fact {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Fact {}

impl CloudEvent {
    /// Wraps a fact. `at` names the tenant that owns it.
    ///
    /// # Errors
    /// Fails if the fact cannot be written as JSON.
    pub fn new<P: Published>(
        fact: &P,
        network: NetworkId,
        hub: Option<HubId>,
        world: &World,
    ) -> Result<Self, serde_json::Error> {
        let service = P::TYPE.split('.').next().unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(
            u64::try_from(world.now().as_millisecond()).unwrap_or_default(),
            &world.random(),
        );
        Ok(Self {
            specversion: "1.0".into(),
            id: id.into_uuid(),
            source: format!("/hubnet/{service}"),
            kind: P::TYPE.into(),
            subject: fact.subject(),
            time: world.now(),
            networkid: network,
            hubid: hub,
            sequence: None,
            traceparent: None,
            datacontenttype: "application/json".into(),
            data: Fact::of(fact)?,
        })
    }

    /// Parses the fact, if the event is of its kind.
    pub fn read<P: Published>(&self) -> Option<Result<P, serde_json::Error>> {
        (self.kind == P::TYPE).then(|| self.data.read())
    }
}

/// A sequence in CloudEvents form: a string that sorts as the number does.
mod sequence {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(super) fn serialize<S: Serializer>(sequence: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
        match sequence {
            Some(sequence) => serializer.collect_str(&format_args!("{sequence:020}")),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: Option<i64>) -> CloudEvent {
        CloudEvent {
            specversion: "1.0".into(),
            id: Uuid::from_u128(1),
            source: "/hubnet/membership".into(),
            kind: "membership.visit_ended.v1".into(),
            subject: "vis_1".into(),
            time: Timestamp::UNIX_EPOCH,
            networkid: NetworkId::from(Uuid::from_u128(2)),
            hubid: None,
            sequence,
            traceparent: None,
            datacontenttype: "application/json".into(),
            data: Fact::of(&serde_json::json!({})).expect("JSON"),
        }
    }

    #[test]
    fn a_sequence_is_text_that_sorts_as_the_number_and_is_read_as_it_was_written() {
        let texts: Vec<String> = [9, 10, i64::MAX]
            .map(|sequence| {
                serde_json::to_value(event(Some(sequence))).expect("JSON")["sequence"].to_string()
            })
            .to_vec();
        assert_eq!(texts[0], r#""00000000000000000009""#);
        assert!(texts.is_sorted(), "{texts:?}");
        for sequence in [None, Some(1), Some(i64::MAX)] {
            let text = serde_json::to_string(&event(sequence)).expect("JSON");
            assert_eq!(serde_json::from_str::<CloudEvent>(&text).ok(), Some(event(sequence)), "{text}");
        }
    }
}
