//! The results of `takeSeat`: one type for each outcome that a client can act on.

use std::marker::PhantomData;

use async_graphql::{Object, Union};
use graph::Graph;

use super::{Event, Seat};
use crate::TakeSeatOutcome;

/// The result of taking a seat.
#[derive(Union, Debug, Clone)]
#[graphql(name = "TakeSeatPayload")]
pub enum TakeSeatPayload<G: Graph> {
    /// The member got the seat.
    SeatTaken(SeatTaken<G>),
    /// The member already had a seat.
    AlreadySeated(AlreadySeated<G>),
    /// No seat is free.
    EventFull(EventFull<G>),
}

/// A seat just confirmed.
#[derive(Debug, Clone)]
pub struct SeatTaken<G>(crate::Seat, crate::Event, PhantomData<fn() -> G>);

/// A seat confirmed earlier.
#[derive(Debug, Clone)]
pub struct AlreadySeated<G>(crate::Seat, crate::Event, PhantomData<fn() -> G>);

/// An event without a free seat.
#[derive(Debug, Clone)]
pub struct EventFull<G>(crate::Event, PhantomData<fn() -> G>);

/// The member got the seat.
#[Object(name = "SeatTaken")]
impl<G: Graph> SeatTaken<G> {
    /// The seat.
    async fn seat(&self) -> Seat<G> {
        self.0.into()
    }

    /// The event; its count includes this seat.
    async fn event(&self) -> Event<G> {
        self.1.clone().into()
    }
}

/// The member already had a seat at this event; nothing changed.
#[Object(name = "AlreadySeated")]
impl<G: Graph> AlreadySeated<G> {
    /// The existing seat.
    async fn seat(&self) -> Seat<G> {
        self.0.into()
    }

    /// The event.
    async fn event(&self) -> Event<G> {
        self.1.clone().into()
    }
}

/// No seat is free.
#[Object(name = "EventFull")]
impl<G: Graph> EventFull<G> {
    /// The event.
    async fn event(&self) -> Event<G> {
        self.0.clone().into()
    }
}

impl<G: Graph> From<TakeSeatOutcome> for TakeSeatPayload<G> {
    fn from(outcome: TakeSeatOutcome) -> Self {
        match outcome {
            TakeSeatOutcome::SeatTaken(seat, event) => SeatTaken(seat, event, PhantomData).into(),
            TakeSeatOutcome::AlreadySeated(seat, event) => AlreadySeated(seat, event, PhantomData).into(),
            TakeSeatOutcome::EventFull(event) => EventFull(event, PhantomData).into(),
        }
    }
}
