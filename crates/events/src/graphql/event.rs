//! `Event` in the graph.

use std::marker::PhantomData;

use async_graphql::{Enum, ID, Object};
use graph::{DateTime, Entity, Graph, to_id};

/// The kind of an event.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "crate::EventKind")]
pub enum EventKind {
    /// A lecture for an audience.
    Lecture,
    /// A workshop for all participants.
    Workshop,
    /// An informal discussion.
    Discussion,
    /// A conference: a day with several speakers.
    Conference,
    /// A consultation for a few people.
    Consultation,
    /// A day of a school project.
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

    /// The title, in the event's language.
    async fn title(&self) -> &str {
        self.0.title.as_str()
    }

    /// A short description, in the event's language.
    async fn summary(&self) -> &str {
        self.0.summary.as_str()
    }

    /// The kind of event.
    async fn kind(&self) -> EventKind {
        self.0.kind.into()
    }

    /// The spoken language: en, cs, pl or uk.
    async fn language(&self) -> &str {
        self.0.language.code()
    }

    /// The start of the event.
    async fn starts_at(&self) -> DateTime {
        self.0.starts_at.into()
    }

    /// The end of the event; no seat can be taken afterwards.
    async fn ends_at(&self) -> DateTime {
        self.0.ends_at.into()
    }

    /// The number of seats.
    async fn capacity(&self) -> u32 {
        self.0.capacity
    }

    /// The number of taken seats.
    async fn seats_taken(&self) -> u32 {
        self.0.seats_taken
    }

    /// The number of free seats.
    async fn seats_free(&self) -> u32 {
        self.0.seats_free()
    }

    /// The hub that holds the event.
    async fn hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.hub_id))
    }
}
