//! Roaming's part of the graph: its mutations, and what it adds to hub, member and network.
//!
//! Always true: a resolver parses, calls a use-case and shows the outcome; what a caller may see, the use-case says.
//! What is added to another service's entity is nullable.

mod charge;
mod hub;
mod loaders;
mod member;
mod mutation;
mod network;
mod query;
mod roaming_pass;
mod settlement;
mod tariff;

use async_graphql::{Context, Error, Request};
use graph::coded_with;
use kernel::{ErrorCode, OpContext, PageArguments, PageRequest};

pub use charge::{ChargeLineNode, ChargeNode};
pub use hub::HubFields;
pub use member::MemberFields;
pub use mutation::{
    CloseSettlementInput, CloseSettlementPayload, EndRoamingPassInput, EndRoamingPassPayload,
    IssueRoamingPassInput, IssueRoamingPassPayload, Mutation, PublishTariffInput, PublishTariffPayload,
};
pub use network::NetworkFields;
pub use query::Query;
pub use roaming_pass::RoamingPassNode;
pub use settlement::{GrossPositionNode, SettlementNode, SettlementPositionNode};
pub use tariff::{TariffElementInput, TariffElementNode, TariffNode};

use crate::{Roaming, RoamingError};
use loaders::Loaders;

impl Roaming {
    /// Gives a request what roaming's resolvers need: the service, and loaders that see as much as the caller may.
    pub fn with_request_data(&self, request: Request, op: &OpContext) -> Request {
        request.data(self.clone()).data(Loaders::of(self, op))
    }
}

/// The service, put into the request by [`Roaming::with_request_data`].
fn roaming<'c>(ctx: &Context<'c>) -> Result<&'c Roaming, Error> {
    ctx.data_opt().ok_or_else(|| coded_with(ErrorCode::Internal, "the request is not equipped for roaming"))
}

/// Checks a page as a client asks for it.
fn checked(page: PageArguments) -> Result<PageRequest, Error> {
    PageRequest::of(page).map_err(|error| graph::coded(RoamingError::from(error)))
}
