//! What `takeSeat` answers: one type for each thing a client can go on from.

use std::marker::PhantomData;

use async_graphql::{Object, Union};
use graph::Graph;

use super::{Event, Seat};
use crate::TakeSeatOutcome;

/// What became of the wish for a seat.
#[derive(Union, Debug, Clone)]
#[graphql(name = "TakeSeatPayload")]
pub enum TakeSeatPayload<G: Graph> {
    /// The seat is theirs.
    SeatTaken(SeatTaken<G>),
    /// They had one already.
    AlreadySeated(AlreadySeated<G>),
    /// None is free.
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

/// The seat is the member's.
#[Object(name = "SeatTaken")]
impl<G: Graph> SeatTaken<G> {
    /// The seat.
    async fn seat(&self) -> Seat<G> {
        self.0.into()
    }

    /// The event, this seat counted in.
    async fn event(&self) -> Event<G> {
        self.1.clone().into()
    }
}

/// The member had a seat at this event already; nothing changed.
#[Object(name = "AlreadySeated")]
impl<G: Graph> AlreadySeated<G> {
    /// The seat they have.
    async fn seat(&self) -> Seat<G> {
        self.0.into()
    }

    /// The event.
    async fn event(&self) -> Event<G> {
        self.1.clone().into()
    }
}

/// Every seat is taken.
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
