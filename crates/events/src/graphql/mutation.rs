//! The service's part of `Mutation`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, InputObject, Object};
use graph::{Given, Graph, OpContextExt, coded, parse_id};
use jiff::Timestamp;

use super::{Event, EventKind, TakeSeatPayload, service};
use crate::{PublishEvent, TakeSeat};

/// The events service's part of the mutation root.
#[derive(Debug, Clone, Copy)]
pub struct Mutation<G>(PhantomData<fn() -> G>);

impl<G> Default for Mutation<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// The event to announce.
#[derive(InputObject, Debug, Clone)]
pub struct PublishEventInput {
    /// The hub that holds the event.
    hub_id: ID,
    /// The title, in the event's language, at most 200 characters.
    title: String,
    /// A short description, in the event's language, at most 2,000 characters.
    summary: String,
    /// The kind of event.
    kind: EventKind,
    /// The spoken language: en, cs, pl or uk.
    language: String,
    /// The start of the event; in the future.
    starts_at: Given<Timestamp>,
    /// The end of the event; after its start.
    ends_at: Given<Timestamp>,
    /// The number of seats, at least one.
    capacity: i32,
}

/// The seat to take.
#[derive(InputObject, Debug, Clone)]
pub struct TakeSeatInput {
    /// The event.
    event_id: ID,
    /// The member. Staff name a member of their hub; by default the caller's own membership.
    member_id: Option<ID>,
}

/// The announced event.
#[derive(Debug, Clone)]
pub struct PublishEventPayload<G>(crate::Event, PhantomData<fn() -> G>);

/// The result of the announcement.
#[Object(name = "PublishEventPayload")]
impl<G: Graph> PublishEventPayload<G> {
    /// The announced event.
    async fn event(&self) -> Event<G> {
        self.0.clone().into()
    }
}

#[Object(name = "EventsMutation")]
impl<G: Graph> Mutation<G> {
    /// Announces an event of a hub. For the hub's operators and administrators.
    async fn publish_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event to announce.")] input: PublishEventInput,
    ) -> Result<Option<PublishEventPayload<G>>, Error> {
        let wanted = input.try_into()?;
        let event = service(ctx)?.publish_event(ctx.op()?, wanted).await.map_err(coded)?;
        Ok(Some(PublishEventPayload(event, PhantomData)))
    }

    /// Takes a free seat at an event of the caller's network. For members, and for staff on behalf of their hub's
    /// members.
    async fn take_seat(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The event and the member.")] input: TakeSeatInput,
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
