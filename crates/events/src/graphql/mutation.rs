//! The service's part of `Mutation`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, InputObject, Object};
use graph::{Given, Graph, OpContextExt, coded, parse_id};
use jiff::Timestamp;

use super::{Event, EventKind, TakeSeatPayload, service};
use crate::{PublishEvent, TakeSeat};

/// What can be done in the events service.
#[derive(Debug, Clone, Copy)]
pub struct Mutation<G>(PhantomData<fn() -> G>);

impl<G> Default for Mutation<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// An event to announce.
#[derive(InputObject, Debug, Clone)]
pub struct PublishEventInput {
    /// The hub that holds it.
    hub_id: ID,
    /// Title, in the event's language, at most 200 characters.
    title: String,
    /// A few sentences about it, in the event's language, at most 2,000 characters.
    summary: String,
    /// What kind of meeting it is.
    kind: EventKind,
    /// The language spoken: en, cs, pl or uk.
    language: String,
    /// When it begins; in the future.
    starts_at: Given<Timestamp>,
    /// When it is over; after its start.
    ends_at: Given<Timestamp>,
    /// How many seats it has, at least one.
    capacity: i32,
}

/// A seat to take.
#[derive(InputObject, Debug, Clone)]
pub struct TakeSeatInput {
    /// The event.
    event_id: ID,
    /// For whom: staff name a member of their hub; left out, the seat is the caller's own.
    member_id: Option<ID>,
}

/// The announced event.
#[derive(Debug, Clone)]
pub struct PublishEventPayload<G>(crate::Event, PhantomData<fn() -> G>);

/// What became of the announcement.
#[Object(name = "PublishEventPayload")]
impl<G: Graph> PublishEventPayload<G> {
    /// The event as everybody now sees it.
    async fn event(&self) -> Event<G> {
        self.0.clone().into()
    }
}

#[Object(name = "EventsMutation")]
impl<G: Graph> Mutation<G> {
    /// Announces an event of a hub. For its operators and administrators.
    async fn publish_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event.")] input: PublishEventInput,
    ) -> Result<Option<PublishEventPayload<G>>, Error> {
        let wanted = input.try_into()?;
        let event = service(ctx)?.publish_event(ctx.op()?, wanted).await.map_err(coded)?;
        Ok(Some(PublishEventPayload(event, PhantomData)))
    }

    /// Takes a seat at an event of the caller's network, if one is free. For members, and for staff on behalf of
    /// their hub's members.
    async fn take_seat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to sit where.")] input: TakeSeatInput,
    ) -> Result<Option<TakeSeatPayload<G>>, Error> {
        let wanted = input.try_into()?;
        let outcome = service(ctx)?.take_seat(ctx.op()?, wanted).await.map_err(coded)?;
        Ok(Some(outcome.into()))
    }
}

impl TryFrom<PublishEventInput> for PublishEvent {
    type Error = Error;
    fn try_from(input: PublishEventInput) -> Result<Self, Error> {
        Ok(Self {
            hub_id: parse_id(&input.hub_id, "hubId")?,
            title: input.title,
            summary: input.summary,
            kind: input.kind.into(),
            language: input.language,
            starts_at: input.starts_at.of("startsAt")?,
            ends_at: input.ends_at.of("endsAt")?,
            capacity: input.capacity,
        })
    }
}

impl TryFrom<TakeSeatInput> for TakeSeat {
    type Error = Error;
    fn try_from(input: TakeSeatInput) -> Result<Self, Error> {
        Ok(Self {
            event_id: parse_id(&input.event_id, "eventId")?,
            member_id: input.member_id.as_ref().map(|id| parse_id(id, "memberId")).transpose()?,
        })
    }
}
