//! The merged graph: every service's fields in one schema, in one process.
//!
//! A service with fields of its own is named here as well as in the list of services, because async-graphql composes
//! types at compile time.

use async_graphql::{MergedObject, MergedSubscription, Schema as GraphSchema};
use graph::{Graph, HubAudit, HubKey, MemberKey, NetworkAudit, NetworkKey, PersonalQuery};
use kernel::{HubId, MemberId, NetworkId, Place};

/// The entities of the merged graph: each has every service's fields.
#[derive(Debug)]
pub struct All;

impl Graph for All {
    type Hub = Hub;
    type Member = Member;
    type Network = Network;
}

graph::entity!(
    /// One location: the tenant.
    Hub,
    HubId,
    [
        HubKey,
        membership::graphql::HubFields<All>,
        roaming::graphql::HubFields,
        events::graphql::HubFields<All>,
        monitoring::graphql::HubFields,
        identity::graphql::HubFields<All>,
        HubAudit<AuditLog>
    ]
);
graph::entity!(
    /// A person's membership at their home hub.
    Member,
    MemberId,
    [
        MemberKey,
        membership::graphql::MemberFields<All>,
        roaming::graphql::MemberFields<All>,
        events::graphql::MemberFields<All>
    ]
);
graph::entity!(
    /// A region's association of hubs.
    Network,
    NetworkId,
    [
        NetworkKey,
        membership::graphql::NetworkFields<All>,
        roaming::graphql::NetworkFields<All>,
        monitoring::graphql::NetworkFields,
        identity::graphql::NetworkFields<All>,
        NetworkAudit<AuditLog>
    ]
);
graph::entity!(
    /// An audit log, by the service that keeps the records.
    AuditLog,
    Place,
    [
        membership::graphql::AuditFields,
        roaming::graphql::AuditFields,
        events::graphql::AuditFields,
        identity::graphql::AuditFields
    ]
);
graph::merged!(
    /// The personal data that each service keeps about the caller.
    PersonalData,
    [
        membership::graphql::PersonalFields,
        roaming::graphql::PersonalFields,
        events::graphql::PersonalFields,
        identity::graphql::PersonalFields
    ]
);

/// All queries.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct Query(
    membership::graphql::Query<All>,
    roaming::graphql::Query,
    events::graphql::Query<All>,
    monitoring::graphql::Query,
    identity::graphql::Query<All>,
    PersonalQuery<PersonalData>,
);

/// All mutations.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct Mutation(
    membership::graphql::Mutation<All>,
    membership::graphql::HubMutation<All>,
    roaming::graphql::Mutation<All>,
    events::graphql::Mutation<All>,
    identity::graphql::Mutation<All>,
);

/// All subscriptions.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct Subscription(membership::graphql::Subscription<All>, roaming::graphql::Subscription);

/// The merged schema.
pub type Schema = GraphSchema<Query, Mutation, Subscription>;

/// Builds the merged schema.
pub fn schema() -> Schema {
    GraphSchema::build(Query::default(), Mutation::default(), Subscription::default()).finish()
}
