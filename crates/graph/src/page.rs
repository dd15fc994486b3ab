//! Lists in the graph: cursor connections as in the GraphQL Cursor Connections Specification.

use async_graphql::{
    OutputType,
    connection::{Connection, Edge},
};
use kernel::Page;

/// Makes a connection of a page. `cursor` names the sort key of an item, `node` what the client sees of it.
pub fn connection<T, N: OutputType>(
    page: Page<T>,
    after: Option<&str>,
    cursor: impl Fn(&T) -> String,
    node: impl Fn(T) -> N,
) -> Connection<String, N> {
    let mut connection = Connection::new(after.is_some(), page.has_next);
    connection.edges.extend(page.items.into_iter().map(|item| Edge::new(cursor(&item), node(item))));
    connection
}
