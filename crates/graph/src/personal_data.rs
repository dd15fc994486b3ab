//! What a service keeps about the caller, in the graph: the same piece of an export in every service's part of it.

use async_graphql::SimpleObject;
use kernel::PersonalPiece;
use serde_json::Value;

/// A piece of what one service keeps about whoever asks.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct PersonalData {
    /// Tables and the rows of each that are about the caller: at most 500 rows in all.
    pub tables: Vec<PersonalTable>,
    /// Given as `after`, what to go on from; null after the last piece.
    pub next: Option<String>,
}

/// Rows of one table.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct PersonalTable {
    /// The table.
    pub name: String,
    /// Its rows, as JSON: an array of objects, a member for each column.
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
