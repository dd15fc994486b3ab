//! A service's data about the caller, in the graph: the same export type in every service's part of it.

use async_graphql::SimpleObject;
use kernel::PersonalPiece;
use serde_json::Value;

/// A piece of one service's data about the caller.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct PersonalData {
    /// Tables and their rows about the caller: at most 500 rows in all.
    pub tables: Vec<PersonalTable>,
    /// The cursor of the next piece, to be given as `after`; null after the last piece.
    pub next: Option<String>,
}

/// Rows of one table.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct PersonalTable {
    /// The table.
    pub name: String,
    /// The rows, as JSON: an array of objects, one member per column.
    pub rows: String,
}

impl From<PersonalPiece> for PersonalData {
    fn from(piece: PersonalPiece) -> Self {
        let table = |(name, rows): (&str, Vec<Value>)| PersonalTable {
            name: name.to_owned(),
            rows: Value::Array(rows).to_string(),
        };
        Self { tables: piece.tables.into_iter().map(table).collect(), next: piece.next }
    }
}
