//! The service in the graph: thin resolvers that parse, call and map.
//!
//! Always true: fields added to `Hub` and `Member` are nullable, and load through the request's loaders, so that a
//! list of hubs costs one statement for a field and not one for each hub.
//!
//! A nullable field returns `Option<Result<…>>`: an error then makes only that field null, whereas an error of
//! `Result<Option<…>>` makes the parent object null.

mod event;
mod hub;
mod loaders;
mod member;
mod mutation;
mod query;
mod seat;
mod take_seat_payload;

use async_graphql::{Context, Error, Request};
use kernel::OpContext;
use loaders::Loaders;

pub use event::{Event, EventKind};
pub use hub::HubFields;
pub use member::MemberFields;
pub use mutation::{Mutation, PublishEventInput, PublishEventPayload, TakeSeatInput};
pub use query::Query;
pub use seat::Seat;
pub use take_seat_payload::{AlreadySeated, EventFull, SeatTaken, TakeSeatPayload};

use crate::Events;

pub(crate) fn with_request_data(events: &Events, request: Request, op: &OpContext) -> Request {
    request.data(events.clone()).data(Loaders::of(events, op))
}

/// Returns the service from the request's data.
fn service<'c>(ctx: &Context<'c>) -> Result<&'c Events, Error> {
    platform_module::service(ctx)
}

platform_module::audit_fields!(
    Events,
    "EventsAuditFields",
    /// Announcements, and seats taken for members, latest first.
    events
);
platform_module::personal_fields!(
    Events,
    "EventsPersonalFields",
    /// The caller's seats at events, in pieces of at most 500 rows.
    events
);
