//! Lists in the graph: cursor connections as in the GraphQL Cursor Connections Specification.

use std::borrow::Cow;

use async_graphql::{Object, OutputType, TypeName, connection::PageInfo};
use kernel::Page;

/// A page of a list.
#[derive(Debug)]
pub struct Connection<N> {
    edges: Vec<Edge<N>>,
    has_previous: bool,
    has_next: bool,
}

/// An item of a page.
#[derive(Debug)]
pub struct Edge<N> {
    cursor: String,
    node: N,
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Connection", N::type_name()))
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Edge", N::type_name()))
    }
}

/// A page of a list, with what is needed to go on from it.
#[Object(name_type, shareable)]
impl<N: OutputType> Connection<N> {
    /// The items, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The items.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Whether there is more, and from where to go on.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }
}

/// An item of a page, and where it stands in the list.
#[Object(name_type, shareable)]
impl<N: OutputType> Edge<N> {
    /// Given as `after`, goes on behind this item.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The item.
    async fn node(&self) -> &N {
        &self.node
    }
}

/// Makes a connection of a page. `cursor` names the sort key of an item, `node` what the client sees of it.
pub fn connection<T, N: OutputType>(
    page: Page<T>,
    after: Option<&str>,
    cursor: impl Fn(&T) -> String,
    node: impl Fn(T) -> N,
) -> Connection<N> {
    let edges = page.items.into_iter().map(|item| Edge { cursor: cursor(&item), node: node(item) });
    Connection { edges: edges.collect(), has_previous: after.is_some(), has_next: page.has_next }
}
