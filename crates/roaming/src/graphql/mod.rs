//! Roaming's part of the graph: its mutations, and its fields of hub, member and network.
//!
//! Always true: a resolver parses the input, calls a use case and returns the outcome; the use case decides what a
//! caller may see. Fields added to another service's entity are nullable.

mod charge;
mod hub;
mod loaders;
mod member;
mod mutation;
mod network;
mod query;
mod roaming_pass;
mod settlement;
mod subscription;
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
    SettleMonthsInput, SettleMonthsPayload,
};
pub use network::NetworkFields;
pub use query::Query;
pub use roaming_pass::RoamingPassNode;
pub use settlement::{GrossPositionNode, SettlementNode, SettlementPositionNode};
pub use subscription::Subscription;
pub use tariff::{TariffElementInput, TariffElementNode, TariffNode};

use crate::{Roaming, RoamingError};
use loaders::Loaders;

impl Roaming {
    /// Adds to a request what roaming's resolvers need: the service, and loaders bound to the caller's context.
    pub fn with_request_data(&self, request: Request, op: &OpContext) -> Request {
        request.data(self.clone()).data(Loaders::of(self, op))
    }
}

/// Returns the service that [`Roaming::with_request_data`] put into the request.
fn roaming<'c>(ctx: &Context<'c>) -> Result<&'c Roaming, Error> {
    ctx.data_opt().ok_or_else(|| coded_with(ErrorCode::Internal, "the request is not equipped for roaming"))
}

/// Checks a client's page arguments.
fn checked(page: PageArguments) -> Result<PageRequest, Error> {
    PageRequest::of(page).map_err(|error| graph::coded(RoamingError::from(error)))
}
