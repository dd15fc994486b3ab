//! The events service's fields of `Hub`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Graph, checked};
use kernel::{HubId, PageArguments};

use super::{
    Event,
    loaders::{Loaders, UpcomingOf},
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
}

impl<G: Graph> HubFields<G> {
    async fn read(&self, ctx: &Context<'_>, first: i32) -> Result<Option<Vec<Event<G>>>, Error> {
        let page = checked(PageArguments { first: Some(first), ..PageArguments::default() })?;
        let events = Loaders::find(ctx)?.load_one(UpcomingOf { hub: self.0, page }).await?;
        Ok(events.map(|events| events.into_iter().map(Event::from).collect()))
    }
}
