//! A cell of an exported row: the same on both databases, with ids in their wire form.

use jiff::{Timestamp, civil::Date};
use kernel::prefix_of_column;
use sea_orm::{QueryResult, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{Day, DbError, Ts};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Instant,
    Day,
    Number,
    Truth,
    Text,
}

impl Kind {
    /// Maps a database's name of a type.
    pub(super) fn of(declared: &str) -> Self {
        match declared.to_ascii_lowercase().as_str() {
            "uuid" | "uuid_text" => Self::Id,
            "timestamp with time zone" | "timestamp_with_timezone_text" => Self::Instant,
            "date" | "date_text" => Self::Day,
            "bigint" | "integer" => Self::Number,
            "boolean" => Self::Truth,
            _ => Self::Text,
        }
    }

    /// The cell as people and programs see it.
    pub(super) fn show(self, row: &QueryResult, column: &str) -> Result<Json, DbError> {
        match self {
            Self::Id => {
                Ok(row.try_get::<Option<Uuid>>("", column)?.map_or(Json::Null, |id| written(column, id)))
            }
            _ => self.key(row, column),
        }
    }

    /// The cell as a key to continue from.
    pub(super) fn key(self, row: &QueryResult, column: &str) -> Result<Json, DbError> {
        Ok(match self {
            Self::Id => row.try_get::<Option<Uuid>>("", column)?.map(|id| id.to_string()).into(),
            Self::Instant => row.try_get::<Option<Ts>>("", column)?.map(|at| at.0.to_string()).into(),
            Self::Day => row.try_get::<Option<Day>>("", column)?.map(|on| on.0.to_string()).into(),
            Self::Number => row.try_get::<Option<i64>>("", column)?.into(),
            Self::Truth => row.try_get::<Option<bool>>("", column)?.into(),
            Self::Text => row.try_get::<Option<String>>("", column)?.into(),
        })
    }

    /// A key as a value of a statement; `None` if it is malformed.
    pub(super) fn value(self, key: &str) -> Option<Value> {
        match self {
            Self::Id => key.parse::<Uuid>().ok().map(Into::into),
            Self::Instant => key.parse::<Timestamp>().ok().map(|at| Ts(at).into()),
            Self::Day => key.parse::<Date>().ok().map(|on| Day(on).into()),
            Self::Number => key.parse::<i64>().ok().map(Into::into),
            Self::Truth => key.parse::<bool>().ok().map(Into::into),
            Self::Text => Some(key.into()),
        }
    }
}

fn written(column: &str, id: Uuid) -> Json {
    let id = id.simple();
    Json::String(prefix_of_column(column).map_or_else(|| id.to_string(), |prefix| format!("{prefix}_{id}")))
}
