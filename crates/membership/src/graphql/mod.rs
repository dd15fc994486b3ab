//! Membership's part of the graph: thin resolvers that parse, call and map.

pub mod hub;
pub mod hub_description;
pub mod hub_inputs;
pub mod hub_mutation;
pub mod input;
mod loaders;
pub mod member;
pub mod mutation;
pub mod network;
pub mod node;
pub mod outcome;
pub mod people;
pub mod query;
pub mod subscription;
pub mod visit;

use async_graphql::{Context, Error};
use graph::coded;

pub use hub::{HubFields, Occupancy};
pub use hub_inputs::{AccessibilityInput, ContactInput, EquipmentInput, NearInput};
pub use hub_mutation::HubMutation;
pub use input::{
    AddressInput, DeviceInput, EnrollMemberInput, EraseMemberInput, FoundNetworkInput, IssueChipInput,
    LogLineInput, OnboardHubInput, PlanInput, PositionInput, ResourceInput, RevokeChipInput, SpaceInput,
    TouchInput, UploadDeviceLogInput,
};
pub(crate) use loaders::with_request_data;
pub use member::MemberFields;
pub use mutation::Mutation;
pub use network::NetworkFields;
pub use node::Node;
pub use people::{
    CorrectMemberInput, EndMembershipInput, MemberSearchInput, MemberSort, ResumeMembershipInput,
};
pub use query::Query;
pub use subscription::Subscription;
pub use visit::Visit;

use crate::{Membership, MembershipError};

/// Returns the service from the request's data.
fn service<'c>(ctx: &Context<'c>) -> Result<&'c Membership, Error> {
    platform_module::service(ctx)
}

fn refuse(error: impl Into<MembershipError>) -> Error {
    coded(error.into())
}

platform_module::audit_fields!(
    Membership,
    "MembershipAuditFields",
    /// The founding and onboarding, members, chips, and check-ins and check-outs by hand, latest first.
    membership
);
platform_module::personal_fields!(
    Membership,
    "MembershipPersonalFields",
    /// The caller's membership, chips, visits and touches, in pieces of at most 500 rows.
    membership
);
