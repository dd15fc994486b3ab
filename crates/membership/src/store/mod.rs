//! Membership's tables. Private to the service: use cases pass and receive domain types.
//!
//! Always true: every statement names its network, so that SQLite, which has no row-level security, separates tenants
//! as PostgreSQL does.

pub(crate) mod cached_admission;
pub(crate) mod history;
pub(crate) mod hub;
pub(crate) mod hub_change;
pub(crate) mod member;
pub(crate) mod member_record;
pub(crate) mod member_search;
pub(crate) mod network;
pub(crate) mod person;
pub(crate) mod seats;
pub(crate) mod touch;
pub(crate) mod visit;

use platform_db::DbError;
use sea_orm::Value;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// Serialises an enum or a small structure as text.
pub(crate) fn to_text<T: Serialize>(value: &T) -> Result<String, DbError> {
    match serde_json::to_value(value).map_err(|error| DbError::inconsistent("text", error))? {
        serde_json::Value::String(text) => Ok(text),
        structure => Ok(structure.to_string()),
    }
}

/// Parses text written by [`to_text`].
pub(crate) fn from_text<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, DbError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .or_else(|_not_a_word| serde_json::from_str(text))
        .map_err(|error| DbError::inconsistent(table, error))
}

pub(crate) fn count(table: &'static str, stored: i64) -> Result<u32, DbError> {
    u32::try_from(stored).map_err(|error| DbError::inconsistent(table, error))
}

/// Converts ids to the keys of a statement.
pub(crate) fn uuids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// Converts an optional value for a statement.
pub(crate) fn maybe<T: Into<Value>>(value: Option<T>) -> Value
where
    Option<T>: Into<Value>,
{
    value.into()
}
