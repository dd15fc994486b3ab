//! `Seat` in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, Object};
use graph::{DateTime, Entity, Graph, coded, to_id};
use kernel::AuthError;

use super::{Event, loaders::Loaders};
use crate::EventsError;

/// A confirmed place, as the graph shows it.
#[derive(Debug, Clone)]
pub struct Seat<G>(crate::Seat, PhantomData<fn() -> G>);

impl<G> From<crate::Seat> for Seat<G> {
    fn from(seat: crate::Seat) -> Self {
        Self(seat, PhantomData)
    }
}

/// A member's confirmed seat at an event. Visible to the member and to the staff of their home hub.
#[Object(name = "Seat")]
impl<G: Graph> Seat<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The event.
    async fn event(&self, ctx: &Context<'_>) -> Result<Option<Event<G>>, Error> {
        let event = Loaders::find(ctx)?.load_one(self.0.event_id).await?;
        event.map(Event::from).ok_or_else(|| coded(EventsError::from(AuthError::NotFound))).map(Some)
    }

    /// The member who holds the seat.
    async fn member(&self) -> G::Member {
        G::Member::from_key(self.0.member_id)
    }

    /// The time of confirmation.
    async fn confirmed_at(&self) -> DateTime {
        self.0.confirmed_at.into()
    }
}
