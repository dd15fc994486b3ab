//! The events service's part of `Query`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, Object};
use graph::{Graph, OpContextExt, PersonalData, coded, parse_id};
use kernel::EventId;

use super::{Event, loader::loader, service};

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

    /// The personal data the events service keeps about the caller, in pieces of at most 500 rows: a part of the
    /// caller's export. Only for people, each about themselves.
    async fn events_personal_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor from the previous piece; omit it for the first one.")] after: Option<
            String,
        >,
    ) -> Option<Result<PersonalData, Error>> {
        Some(personal_data(ctx, after.as_deref()).await)
    }
}

async fn personal_data(ctx: &Context<'_>, after: Option<&str>) -> Result<PersonalData, Error> {
    let piece = service(ctx)?.export_personal_data(ctx.op()?, after).await;
    Ok(piece.map_err(coded)?.into())
}

async fn find<G>(ctx: &Context<'_>, id: &ID) -> Result<Option<Event<G>>, Error> {
    let event = loader(ctx)?.load_one(parse_id::<EventId>(id, "id")?).await?;
    Ok(event.map(Event::from))
}
