//! Ids at the edge: parsed once, typed afterwards.

use async_graphql::{Error, ID};
use kernel::{Id, InvalidInput};

use crate::coded;

/// Parses the id of the expected kind in a field.
///
/// # Errors
/// Fails with `INVALID_INPUT` and the field if the text is not such an id.
pub fn parse_id<T: Id>(id: &ID, field: &str) -> Result<T, Error> {
    id.parse().map_err(|rule: T::Err| coded(InvalidInput::new(field.to_owned(), rule)))
}

/// Formats an id.
pub fn to_id<T: Id>(id: T) -> ID {
    ID(id.to_string())
}
