//! Ids at the edge: parsed once, typed from there on.

use async_graphql::{Error, ID};
use kernel::{ErrorCode, Id};

use crate::coded_with;

/// Reads an id of the wanted kind.
///
/// # Errors
/// `INVALID_INPUT` when the text is not such an id.
pub fn parse_id<T: Id>(id: &ID) -> Result<T, Error> {
    id.parse().map_err(|error: T::Err| coded_with(ErrorCode::InvalidInput, &error.to_string()))
}

/// Writes an id.
pub fn to_id<T: Id>(id: T) -> ID {
    ID(id.to_string())
}
