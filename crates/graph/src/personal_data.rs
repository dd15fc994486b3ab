//! The data about the caller in the graph: a container with a member for each service that has some, and one type of
//! pieces.
//!
//! Always true: the container holds nothing itself and is given to anybody; each member shows callers only themselves.
//! Every subgraph has the container, with its own member, so a router asks each service for its part.

use std::marker::PhantomData;

use async_graphql::{Object, ObjectType, SimpleObject};
use serde_json::Value;

/// A piece of one service's data about the caller.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct PersonalPiece {
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

impl From<kernel::PersonalPiece> for PersonalPiece {
    fn from(piece: kernel::PersonalPiece) -> Self {
        let table = |(name, rows): (&str, Vec<Value>)| PersonalTable {
            name: name.to_owned(),
            rows: Value::Array(rows).to_string(),
        };
        Self { tables: piece.tables.into_iter().map(table).collect(), next: piece.next }
    }
}

/// The query for the data about the caller, contributed once to every assembled `Query`. `P` is the assembled container.
#[derive(Debug, Clone, Copy)]
pub struct PersonalQuery<P>(PhantomData<fn() -> P>);

impl<P> Default for PersonalQuery<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[Object(name = "PersonalQuery")]
impl<P: ObjectType + Default + 'static> PersonalQuery<P> {
    /// The personal data that each service keeps about the caller: together, their export. For people only, each about
    /// themselves.
    #[graphql(shareable)]
    async fn personal_data(&self) -> Option<P> {
        Some(P::default())
    }
}
