//! The results of checking in and out: an outcome a client can act on is a variant, not an error.

use std::marker::PhantomData;

use async_graphql::{Object, SimpleObject, Union};
use graph::Graph;

use super::visit::Visit;
use crate::{DenialReason, TouchOutcome};

macro_rules! with_visit {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {$(
        $(#[$doc])*
        pub struct $name<G> {
            visit: crate::Visit,
            graph: PhantomData<fn() -> G>,
        }

        impl<G> $name<G> {
            fn of(visit: crate::Visit) -> Self { Self { visit, graph: PhantomData } }
        }

        impl<G> std::fmt::Debug for $name<G> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.visit.fmt(f) }
        }

        $(#[$doc])*
        #[Object(name = $text)]
        impl<G: Graph> $name<G> {
            /// The visit.
            async fn visit(&self) -> Visit<G> { Visit::from(self.visit.clone()) }
        }
    )*};
}

with_visit! {
    /// The member was checked in; the visit has begun.
    CheckedIn = "CheckedIn";
    /// The member was present already; the visit continues.
    AlreadyIn = "AlreadyIn";
    /// The member was checked out; the visit has ended.
    CheckedOut = "CheckedOut";
}

/// The touch was denied.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct Denied {
    /// The reason for the denial.
    reason: DenialReason,
}

/// The member had no open visit to end.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct NothingOpen {
    /// Always true.
    nothing_open: bool,
}

/// The result of a check-in.
#[derive(Union, Debug)]
#[graphql(name = "CheckInPayload")]
pub enum CheckInPayload<G: Graph> {
    /// The visit has begun.
    CheckedIn(CheckedIn<G>),
    /// The member was present already.
    AlreadyIn(AlreadyIn<G>),
    /// The member was denied.
    Denied(Denied),
}

/// The result of a check-out.
#[derive(Union, Debug)]
#[graphql(name = "CheckOutPayload")]
pub enum CheckOutPayload<G: Graph> {
    /// The visit has ended.
    CheckedOut(CheckedOut<G>),
    /// There was no open visit.
    NothingOpen(NothingOpen),
    /// The touch was denied.
    Denied(Denied),
}

impl<G: Graph> CheckInPayload<G> {
    /// Returns `None` if the event id belongs to another touch.
    pub(super) fn of(outcome: TouchOutcome) -> Option<Self> {
        match outcome {
            TouchOutcome::CheckedIn(visit) => Some(Self::CheckedIn(CheckedIn::of(visit))),
            TouchOutcome::AlreadyIn(visit) => Some(Self::AlreadyIn(AlreadyIn::of(visit))),
            TouchOutcome::Denied(reason) => Some(Self::Denied(Denied { reason })),
            TouchOutcome::CheckedOut(_) | TouchOutcome::NothingOpen | TouchOutcome::Conflict => None,
        }
    }
}

impl<G: Graph> CheckOutPayload<G> {
    /// Returns `None` if the event id belongs to another touch.
    pub(super) fn of(outcome: TouchOutcome) -> Option<Self> {
        match outcome {
            TouchOutcome::CheckedOut(visit) => Some(Self::CheckedOut(CheckedOut::of(visit))),
            TouchOutcome::NothingOpen => Some(Self::NothingOpen(NothingOpen { nothing_open: true })),
            TouchOutcome::Denied(reason) => Some(Self::Denied(Denied { reason })),
            TouchOutcome::CheckedIn(_) | TouchOutcome::AlreadyIn(_) | TouchOutcome::Conflict => None,
        }
    }
}
