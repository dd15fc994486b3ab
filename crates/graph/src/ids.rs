//! Ids at the edge: parsed once, typed from there on.

use async_graphql::{Error, ID};
use kernel::{Coded, ErrorCode, Id};

use crate::coded;

/// Reads the id of the wanted kind that stands in a field.
///
/// # Errors
/// `INVALID_INPUT` with the field when the text is not such an id.
pub fn parse_id<T: Id>(id: &ID, field: &str) -> Result<T, Error> {
    id.parse().map_err(|rule: T::Err| coded(NotAnId { field: field.to_owned(), rule: rule.to_string() }))
}

#[derive(Debug, thiserror::Error)]
#[error("{field}: {rule}")]
struct NotAnId {
    field: String,
    rule: String,
}

impl Coded for NotAnId {
    fn code(&self) -> ErrorCode {
        ErrorCode::InvalidInput
    }

    fn field(&self) -> Option<&str> {
        Some(&self.field)
    }
}

/// Writes an id.
pub fn to_id<T: Id>(id: T) -> ID {
    ID(id.to_string())
}
