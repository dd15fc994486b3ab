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
use kernel::OpContext;

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

use crate::Roaming;
use loaders::Loaders;

pub(crate) fn with_request_data(roaming: &Roaming, request: Request, op: &OpContext) -> Request {
    request.data(roaming.clone()).data(Loaders::of(roaming, op))
}

/// Returns the service from the request's data.
fn service<'c>(ctx: &Context<'c>) -> Result<&'c Roaming, Error> {
    platform_module::service(ctx)
}

platform_module::audit_fields!(
    Roaming,
    "RoamingAuditFields",
    /// Prices, roaming passes and settlements, latest first.
    roaming
);
platform_module::personal_fields!(
    Roaming,
    "RoamingPersonalFields",
    /// The caller's roaming passes and charges, in pieces of at most 500 rows.
    roaming
);
