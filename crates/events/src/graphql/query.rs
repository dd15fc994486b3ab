//! The events service's part of `Query`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, Object};
use graph::{Graph, parse_id};
use kernel::EventId;

use super::{Event, loaders::Loaders};

/// The events service's part of the query root.
#[derive(Debug, Clone, Copy)]
pub struct Query<G>(PhantomData<fn() -> G>);

impl<G> Default for Query<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

#[Object(name = "EventsQuery")]
impl<G: Graph> Query<G> {
    /// An announced event by its id; null if it does not exist. Public.
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event's id.")] id: ID,
    ) -> Option<Result<Event<G>, Error>> {
        find(ctx, &id).await.transpose()
    }
}

async fn find<G>(ctx: &Context<'_>, id: &ID) -> Result<Option<Event<G>>, Error> {
    let event = Loaders::find(ctx)?.load_one(parse_id::<EventId>(id, "id")?).await?;
    Ok(event.map(Event::from))
}
