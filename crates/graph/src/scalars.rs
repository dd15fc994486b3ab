//! Times in the graph: `DateTime`, `Date` and `Month`, as output ([`Shown`]) and as input ([`Given`]).
//!
//! Always true: input is parsed once, by the kernel's rules, and truncated to the precision of the database. Input that
//! cannot be parsed is refused with the name of its field, like any other rule of the input (a scalar of async-graphql
//! could not name it). Values of other kinds (a number, an object) do not fit the schema and are refused before.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContextSelectionSet, Error, InputType, InputValueError, InputValueResult, OutputType, Positioned,
    ServerResult, Value,
    parser::types::Field,
    registry::{MetaType, MetaTypeId, Registry},
};
use jiff::{Timestamp, civil};
use kernel::{InvalidInput, TimeError, read_date, read_instant};

/// A time with a text form.
pub trait Scalar: Clone + Send + Sync + Sized + 'static {
    /// The name in the graph.
    const NAME: &'static str;
    /// The description in the schema.
    const DESCRIPTION: &'static str;
    /// The definition of the form.
    const SPECIFICATION: &'static str;

    /// Parses a client's text.
    ///
    /// # Errors
    /// Fails if the text is not such a time.
    fn read(text: &str) -> Result<Self, TimeError>;

    /// Formats the time for clients.
    fn show(&self) -> String;
}

impl Scalar for Timestamp {
    const NAME: &'static str = "DateTime";
    const DESCRIPTION: &'static str = "An instant, RFC 3339: `2026-11-02T09:00:00Z`. It comes in with any offset, and with \
        the name of a zone that has this offset then (RFC 9557); digits beyond microseconds are cut off. It leaves in UTC.";
    const SPECIFICATION: &'static str = "https://datatracker.ietf.org/doc/html/rfc3339";

    fn read(text: &str) -> Result<Self, TimeError> {
        read_instant(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Scalar for civil::Date {
    const NAME: &'static str = "Date";
    const DESCRIPTION: &'static str = "A day of the calendar, ISO 8601: `2026-11-02`.";
    const SPECIFICATION: &'static str = "https://datatracker.ietf.org/doc/html/rfc3339#section-5.6";

    fn read(text: &str) -> Result<Self, TimeError> {
        read_date(text)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Scalar for kernel::Month {
    const NAME: &'static str = "Month";
    const DESCRIPTION: &'static str = "A month of the calendar, ISO 8601: `2026-11`.";
    const SPECIFICATION: &'static str = "https://www.w3.org/TR/NOTE-datetime";

    fn read(text: &str) -> Result<Self, TimeError> {
        text.parse()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// An instant as output.
pub type DateTime = Shown<Timestamp>;
/// A day as output.
pub type Date = Shown<civil::Date>;
/// A month as output.
pub type Month = Shown<kernel::Month>;

/// A time as output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<T>(T);

impl<T> From<T> for Shown<T> {
    fn from(time: T) -> Self {
        Self(time)
    }
}

/// A time as input: parsed, or known to be invalid.
#[derive(Debug, Clone)]
pub struct Given<T> {
    text: String,
    read: Result<T, TimeError>,
}

impl<T: Scalar> Given<T> {
    /// Returns the time.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` and the name of the field if the text is not such a time.
    pub fn of(self, field: &'static str) -> Result<T, Error> {
        self.read.map_err(|rule| crate::coded(InvalidInput::new(field, rule)))
    }

    /// Returns the time, if one is given.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` and the name of the field if the text is not such a time.
    pub fn optional(given: Option<Self>, field: &'static str) -> Result<Option<T>, Error> {
        given.map(|given| given.of(field)).transpose()
    }

    /// Returns the time; the caller names the field of an error.
    ///
    /// # Errors
    /// Fails if the text is not such a time.
    pub fn read(self) -> Result<T, TimeError> {
        self.read
    }
}

impl<T: Scalar> From<String> for Given<T> {
    fn from(text: String) -> Self {
        let read = T::read(&text);
        Self { text, read }
    }
}

impl<'de, T: Scalar> serde::Deserialize<'de> for Given<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

fn describe<T: Scalar>() -> MetaType {
    MetaType::Scalar {
        name: T::NAME.to_owned(),
        description: Some(T::DESCRIPTION.to_owned()),
        is_valid: Some(Arc::new(|value: &Value| matches!(value, Value::String(_)))),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        specified_by_url: Some(T::SPECIFICATION.to_owned()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

impl<T: Scalar> OutputType for Shown<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Scalar, |_| describe::<T>())
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.0.show()))
    }
}

impl<T: Scalar> InputType for Given<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::Scalar, |_| describe::<T>())
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Ok(text.into()),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.text.clone())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}
