//! A visit in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Object, Result};
use graph::{Category, DateTime, Entity, Graph, OpContextExt, SafeInt, to_id};

use crate::{EndedBy, Source};

/// A stay at one hub.
pub struct Visit<G> {
    visit: crate::Visit,
    graph: PhantomData<fn() -> G>,
}

impl<G> From<crate::Visit> for Visit<G> {
    fn from(visit: crate::Visit) -> Self {
        Self { visit, graph: PhantomData }
    }
}

impl<G> std::fmt::Debug for Visit<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.visit.fmt(f)
    }
}

/// A stay at one hub, from check-in to check-out.
#[Object(name = "Visit")]
impl<G: Graph> Visit<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.visit.stay.id)
    }

    /// The hub visited.
    async fn hub(&self) -> G::Hub {
        G::Hub::from_key(self.visit.stay.hub)
    }

    /// The visitor. Their name is visible to themselves and to their home hub.
    async fn member(&self) -> G::Member {
        G::Member::from_key(self.visit.member)
    }

    /// The visitor's home hub; differs from `hub` if they roam.
    async fn home_hub(&self) -> G::Hub {
        G::Hub::from_key(self.visit.home)
    }

    /// The visitor's category at the time. Visible, like their name, to themselves and to their home hub; null for a
    /// host.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        let is_seen = self.visit.visitor_is_seen_by(ctx.op()?);
        Ok(is_seen.then(|| self.visit.category.into()))
    }

    /// The source of the arrival.
    async fn source(&self) -> Source {
        self.visit.stay.source
    }

    /// The start of the visit.
    async fn started_at(&self) -> DateTime {
        self.visit.stay.started_at.into()
    }

    /// The end of the visit; null while it is open.
    async fn ended_at(&self) -> Option<DateTime> {
        self.visit.stay.end.map(|end| end.at.into())
    }

    /// The evidence for the end.
    async fn ended_by(&self) -> Option<EndedBy> {
        self.visit.stay.end.map(|end| end.by)
    }

    /// The length in whole minutes, rounded down; 0 while the visit is open.
    async fn minutes(&self) -> SafeInt {
        self.visit.minutes().into()
    }
}

/// The cursor of a list of visits: start and id.
pub(super) mod visit_cursor {
    use jiff::Timestamp;
    use kernel::{PageError, VisitId, read_instant};

    pub(crate) fn write(visit: &crate::Visit) -> String {
        format!("{}~{}", visit.stay.started_at, visit.stay.id)
    }

    pub(crate) fn read(cursor: &str) -> Result<(Timestamp, VisitId), PageError> {
        let (at, id) = cursor.split_once('~').ok_or(PageError::Cursor)?;
        let at = read_instant(at).map_err(|_bad| PageError::Cursor)?;
        Ok((at, id.parse().map_err(|_bad| PageError::Cursor)?))
    }
}
