//! Lists in the graph: cursor connections as in the GraphQL Cursor Connections Specification.

use std::borrow::Cow;

use async_graphql::{Context, Object, OutputType, TypeName, connection::PageInfo};
use kernel::Page;

use crate::SafeInt;

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
        self.items()
    }

    /// Whether there is more, and from where to go on.
    async fn page_info(&self) -> PageInfo {
        self.info()
    }
}

/// A page of a list whose length is known, too.
#[derive(Debug)]
pub struct Counted<N> {
    page: Connection<N>,
    total: Option<i64>,
}

impl<N: OutputType> TypeName for Counted<N> {
    fn type_name() -> Cow<'static, str> {
        <Connection<N> as TypeName>::type_name()
    }
}

/// A page of a list, with what is needed to go on from it, and how long the list is.
#[Object(name_type, shareable)]
impl<N: OutputType> Counted<N> {
    /// The items, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.page.edges
    }

    /// The items.
    async fn nodes(&self) -> Vec<&N> {
        self.page.items()
    }

    /// Whether there is more, and from where to go on.
    async fn page_info(&self) -> PageInfo {
        self.page.info()
    }

    /// How many items the whole list has. It is counted only where it is asked for.
    async fn total_count(&self) -> Option<SafeInt> {
        self.total.map(SafeInt::from)
    }
}

/// Whether a client asks how long a list is. To be asked of the context of the field that has the list.
pub fn is_counted(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

impl<N> Connection<N> {
    /// The same with the length of the whole list.
    pub fn counted(self, total: Option<i64>) -> Counted<N> {
        Counted { page: self, total }
    }

    fn items(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    fn info(&self) -> PageInfo {
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
    /// Given as `after`, goes on behind this item; as `before`, in front of it.
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
    cursor: impl Fn(&T) -> String,
    node: impl Fn(T) -> N,
) -> Connection<N> {
    let edges = page.items.into_iter().map(|item| Edge { cursor: cursor(&item), node: node(item) });
    Connection { edges: edges.collect(), has_previous: page.has_previous, has_next: page.has_next }
}
