//! Lists in the graph: cursor connections as in the GraphQL Cursor Connections Specification.

use std::borrow::Cow;

use async_graphql::{Context, Error, Object, OutputType, TypeName, connection::PageInfo};
use kernel::{InvalidInput, Page, PageArguments, PageRequest};

use crate::{SafeInt, coded};

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

/// A page of a list, with the cursors to continue from.
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

    /// Whether more items exist, and the cursors to continue from.
    async fn page_info(&self) -> PageInfo {
        self.info()
    }
}

/// A page of a list with the length of the list.
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

/// A page of a list, with the cursors to continue from and the length of the list.
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

    /// Whether more items exist, and the cursors to continue from.
    async fn page_info(&self) -> PageInfo {
        self.page.info()
    }

    /// The number of items in the whole list. Computed only if requested.
    async fn total_count(&self) -> Option<SafeInt> {
        self.total.map(SafeInt::from)
    }
}

/// Returns whether a client requests the length of a list. Takes the context of the field that has the list.
pub fn is_counted(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}

impl<N> Connection<N> {
    /// Adds the length of the whole list.
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

/// An item of a page with its position in the list.
#[Object(name_type, shareable)]
impl<N: OutputType> Edge<N> {
    /// The position of the item: as `after`, the next page begins behind it; as `before`, it ends in front of it.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The item.
    async fn node(&self) -> &N {
        &self.node
    }
}

/// Checks the page arguments of a client.
///
/// # Errors
/// Fails with `INVALID_INPUT` and the argument that is wrong.
pub fn checked(page: PageArguments) -> Result<PageRequest, Error> {
    PageRequest::of(page).map_err(|error| coded(InvalidInput::from(error)))
}

/// Makes a connection of a page. `cursor` returns the sort key of an item, `node` its public form.
pub fn connection<T, N: OutputType>(
    page: Page<T>,
    cursor: impl Fn(&T) -> String,
    node: impl Fn(T) -> N,
) -> Connection<N> {
    let edges = page.items.into_iter().map(|item| Edge { cursor: cursor(&item), node: node(item) });
    Connection { edges: edges.collect(), has_previous: page.has_previous, has_next: page.has_next }
}
