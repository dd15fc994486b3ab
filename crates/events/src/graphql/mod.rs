//! The service in the graph: thin resolvers that parse, call and map.
//!
//! Always true: what this service adds to `Hub` and `Member` is nullable, and loads through the request's loaders, so
//! that a list of hubs costs one statement for a field and not one for each hub.
//!
//! A nullable field answers `Option<Result<…>>`: its error then empties the field alone, whereas that of a
//! `Result<Option<…>>` empties the object around it.

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

/// The service, as the edge has put it into the request.
fn service<'ctx>(ctx: &Context<'ctx>) -> Result<&'ctx Events, Error> {
    ctx.data_opt::<Events>()
        .ok_or_else(|| coded_with(ErrorCode::Internal, "the request has no events service"))
}
