//! The subgraph of membership alone, for the deployment in which each service is a process of its own.

use async_graphql::{ID, MergedObject, MergedSubscription, Object, Result, Schema as GraphSchema};
use graph::{Entity, Graph, HubKey, MemberKey, NetworkKey, parse_id};
use kernel::{HubId, MemberId, NetworkId};

use crate::graphql;

/// The type family of this subgraph: each entity holds membership's fields.
#[derive(Debug)]
pub struct Local;

impl Graph for Local {
    type Hub = Hub;
    type Member = Member;
    type Network = Network;
}

graph::entity!(
    /// One location: the tenant.
    Hub, HubId, [HubKey, graphql::HubFields<Local>]
);
graph::entity!(
    /// A person's membership at their home hub.
    Member, MemberId, [MemberKey, graphql::MemberFields<Local>]
);
graph::entity!(
    /// A region's association of hubs.
    Network, NetworkId, [NetworkKey, graphql::NetworkFields<Local>]
);

/// Resolves an entity by its key for the router.
#[derive(Debug, Default)]
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn hub_by_id(&self, id: ID) -> Result<Hub> {
        Ok(Hub::from_key(parse_id(&id, "id")?))
    }

    #[graphql(entity)]
    async fn member_by_id(&self, id: ID) -> Result<Member> {
        Ok(Member::from_key(parse_id(&id, "id")?))
    }

    #[graphql(entity)]
    async fn network_by_id(&self, id: ID) -> Result<Network> {
        Ok(Network::from_key(parse_id(&id, "id")?))
    }
}

/// All queries.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct QueryRoot(graphql::Query<Local>, Entities);

/// All mutations.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct MutationRoot(graphql::Mutation<Local>);

/// All subscriptions.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct SubscriptionRoot(graphql::Subscription<Local>);

/// The subgraph's schema.
pub type Schema = GraphSchema<QueryRoot, MutationRoot, SubscriptionRoot>;

/// Builds the subgraph.
pub fn schema() -> Schema {
    GraphSchema::build(QueryRoot::default(), MutationRoot::default(), SubscriptionRoot::default())
        .enable_federation()
        .enable_subscription_in_federation()
        .finish()
}
