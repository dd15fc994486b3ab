//! `Event` in the graph.

use std::marker::PhantomData;

use async_graphql::{Enum, ID, Object};
use graph::{DateTime, Entity, Graph, to_id};

/// What kind of meeting an event is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "crate::EventKind")]
pub enum EventKind {
    /// Somebody speaks, others listen.
    Lecture,
    /// Everybody works.
    Workshop,
    /// An informal talk.
    Discussion,
    /// A day with several speakers.
    Conference,
    /// Advice to a few.
    Consultation,
    /// A day of a school's project.
    SchoolProject,
}

/// An announced event, as the graph shows it.
#[derive(Debug, Clone)]
pub struct Event<G>(crate::Event, PhantomData<fn() -> G>);

impl<G> From<crate::Event> for Event<G> {
    fn from(event: crate::Event) -> Self {
        Self(event, PhantomData)
    }
}

/// A lecture, workshop or meeting that a hub has announced. Public.
#[Object(name = "Event")]
impl<G: Graph> Event<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// Title, in the event's language.
    async fn title(&self) -> &str {
        self.0.title.as_str()
    }

    /// A few sentences about it, in the event's language.
    async fn summary(&self) -> &str {
        self.0.summary.as_str()
    }

    /// What kind of meeting it is.
    async fn kind(&self) -> EventKind {
        self.0.kind.into()
    }

    /// The language spoken: en, cs, pl or uk.
    async fn language(&self) -> &str {
        self.0.language.code()
    }

    /// When it begins.
    async fn starts_at(&self) -> DateTime {
        self.0.starts_at.into()
    }

    /// When it is over; nobody takes a seat from then on.
    async fn ends_at(&self) -> DateTime {
        self.0.ends_at.into()
    }

    /// How many seats it has.
    async fn capacity(&self) -> u32 {
        self.0.capacity
    }

    /// How many of the seats are taken.
    async fn seats_taken(&self) -> u32 {
        self.0.seats_taken
    }

    /// How many of the seats are free.
    async fn seats_free(&self) -> u32 {
        self.0.seats_free()
    }

    /// The hub that holds it.
    async fn hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.hub_id))
    }
}
