//! The line of a value in a YAML text: the text is read along a path, the value at its end is refused, and the parser's
//! error contains the place.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Step;

/// The line of the value at the end of a path, if the text has it.
pub(super) fn line_of(text: &str, path: &[Step]) -> Option<usize> {
    let steps: Vec<Towards<'_>> = path
        .iter()
        .flat_map(|step| [Some(Towards::Key(&step.key)), step.entry.map(Towards::Entry)])
        .flatten()
        .collect();
    let refused = Along(&steps).deserialize(serde_yaml_ng::Deserializer::from_str(text)).err()?;
    refused.to_string().contains(HERE).then(|| refused.location().map(|place| place.line()))?
}

/// The error for the value at the end; no parser reports it by itself.
const HERE: &str = "\u{0}here";

#[derive(Clone, Copy)]
enum Towards<'p> {
    Key(&'p str),
    Entry(usize),
}

/// The rest of the path.
#[derive(Clone, Copy)]
struct Along<'p>(&'p [Towards<'p>]);

impl<'de> DeserializeSeed<'de> for Along<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Along<'_> {
    /// Refuses the value at the end of the path; skips any other that the path cannot pass.
    fn arrive<E: Error>(self) -> Result<(), E> {
        if self.0.is_empty() { Err(E::custom(HERE)) } else { Ok(()) }
    }
}

impl<'de> Visitor<'de> for Along<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.0.split_first() else { return self.arrive() };
        while let Some(key) = map.next_key::<serde_json::Value>()? {
            match first {
                Towards::Key(wanted) if key.as_str() == Some(wanted) => map.next_value_seed(Along(rest))?,
                _ => map.next_value::<IgnoredAny>().map(drop)?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.0.split_first() else { return self.arrive() };
        let mut place = 0;
        loop {
            let is_wanted = matches!(first, Towards::Entry(wanted) if *wanted == place);
            let next = if is_wanted {
                list.next_element_seed(Along(rest))?
            } else {
                list.next_element::<IgnoredAny>()?.map(drop)
            };
            if next.is_none() {
                return Ok(());
            }
            place += 1;
        }
    }

    fn visit_bool<E: Error>(self, _value: bool) -> Result<(), E> {
        self.arrive()
    }

    fn visit_i64<E: Error>(self, _value: i64) -> Result<(), E> {
        self.arrive()
    }

    fn visit_u64<E: Error>(self, _value: u64) -> Result<(), E> {
        self.arrive()
    }

    fn visit_f64<E: Error>(self, _value: f64) -> Result<(), E> {
        self.arrive()
    }

    fn visit_str<E: Error>(self, _value: &str) -> Result<(), E> {
        self.arrive()
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.arrive()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.arrive()
    }
}
