//! The service in the graph: thin resolvers that parse, call and map.
//!
//! Always true: fields added to `Hub` and `Member` are nullable, and load through the request's loaders, so that a
//! list of hubs costs one statement for a field and not one for each hub.
//!
//! A nullable field returns `Option<Result<…>>`: an error then makes only that field null, whereas an error of
//! `Result<Option<…>>` makes the parent object null.

mod event;
mod hub_fields;
mod loader;
mod member_fields;
mod mutation;
mod query;
mod seat;
mod take_seat_payload;

use async_graphql::{Context, Error, Request, dataloader::DataLoader};
use graph::coded_with;
use kernel::{ErrorCode, OpContext};
use loader::Loader;

pub use event::{Event, EventKind};
pub use hub_fields::HubFields;
pub use member_fields::MemberFields;
pub use mutation::{Mutation, PublishEventInput, PublishEventPayload, TakeSeatInput};
pub use query::Query;
pub use seat::Seat;
pub use take_seat_payload::{AlreadySeated, EventFull, SeatTaken, TakeSeatPayload};

use crate::Events;

pub(crate) fn with_request_data(events: &Events, request: Request, op: &OpContext) -> Request {
    let loader = Loader::new(events.clone(), op.clone());
    request.data(events.clone()).data(DataLoader::new(loader, tokio::spawn))
}

/// Returns the service that the HTTP layer put into the request.
fn service<'ctx>(ctx: &Context<'ctx>) -> Result<&'ctx Events, Error> {
    ctx.data_opt::<Events>()
        .ok_or_else(|| coded_with(ErrorCode::Internal, "the request has no events service"))
}
