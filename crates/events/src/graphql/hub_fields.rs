//! The events service's fields of `Hub`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{AuditRecord, Connection, Graph, OpContextExt, audit_connection, coded};
use kernel::{HubId, PageArguments};

use super::{
    Event,
    loader::{UpcomingOf, checked, loader, page},
    service,
};

/// The default number of events.
const FIRST: i32 = 10;

/// The events of a hub.
#[derive(Debug, Clone, Copy)]
pub struct HubFields<G>(HubId, PhantomData<fn() -> G>);

impl<G> From<HubId> for HubFields<G> {
    fn from(id: HubId) -> Self {
        Self(id, PhantomData)
    }
}

#[Object(name = "EventsHubFields")]
impl<G: Graph> HubFields<G> {
    /// The next events of this hub, including those under way, in order of their start. Public.
    async fn upcoming_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of items, 1 to 100.", default_with = "Some(FIRST)")] first: Option<i32>,
    ) -> Option<Result<Vec<Event<G>>, Error>> {
        self.read(ctx, first.unwrap_or(FIRST)).await.transpose()
    }

    /// The audit log of this hub's events: announcements, and seats taken for members, latest first. For the hub's
    /// administrators.
    #[expect(clippy::too_many_arguments, reason = "a list of the graph has four arguments of its own")]
    async fn events_audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only records of this action, such as `event.published`.")] action: Option<String>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Option<Result<Connection<AuditRecord>, Error>> {
        Some(self.read_audit(ctx, action, PageArguments { first, after, last, before }).await)
    }
}

impl<G: Graph> HubFields<G> {
    async fn read(&self, ctx: &Context<'_>, first: i32) -> Result<Option<Vec<Event<G>>>, Error> {
        page(first, None)?;
        let events = loader(ctx)?.load_one(UpcomingOf { hub: self.0, first }).await?;
        Ok(events.map(|events| events.into_iter().map(Event::from).collect()))
    }

    async fn read_audit(
        &self,
        ctx: &Context<'_>,
        action: Option<String>,
        page: PageArguments,
    ) -> Result<Connection<AuditRecord>, Error> {
        let page = checked(page)?;
        let read = service(ctx)?.read_hub_audit(ctx.op()?, self.0, action.as_deref(), page).await;
        Ok(audit_connection(read.map_err(coded)?))
    }
}
