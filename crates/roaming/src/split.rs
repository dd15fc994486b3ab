//! Roaming alone as a federation subgraph. The two deployments share all other code.

use async_graphql::{ID, MergedObject, MergedSubscription, Object, Result, Schema};
use graph::{Entity, Graph, HubKey, MemberKey, NetworkKey, entity, parse_id};
use kernel::{HubId, MemberId, NetworkId};

use crate::graphql::{HubFields, MemberFields, Mutation, NetworkFields, Query, Subscription};

/// The type family of this subgraph.
#[derive(Debug)]
pub struct Local;

impl Graph for Local {
    type Hub = Hub;
    type Member = Member;
    type Network = Network;
}

entity!(
    /// One location: the tenant.
    Hub,
    HubId,
    [HubKey, HubFields]
);
entity!(
    /// A person's membership at their home hub.
    Member,
    MemberId,
    [MemberKey, MemberFields<Local>]
);
entity!(
    /// A region's association of hubs.
    Network,
    NetworkId,
    [NetworkKey, NetworkFields<Local>]
);

/// Resolves the entities that roaming extends, for the router.
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
pub struct SubgraphQuery(Query, Entities);

/// All mutations.
#[derive(MergedObject, Default)]
#[graphql(name = "Mutation")]
pub struct SubgraphMutation(Mutation<Local>);

/// What can be watched.
#[derive(MergedSubscription, Default)]
#[graphql(name = "Subscription")]
pub struct SubgraphSubscription(Subscription);

/// The subgraph.
pub type Subgraph = Schema<SubgraphQuery, SubgraphMutation, SubgraphSubscription>;

/// Builds the subgraph.
pub fn schema() -> Subgraph {
    Schema::build(SubgraphQuery::default(), SubgraphMutation::default(), SubgraphSubscription::default())
        .enable_federation()
        .enable_subscription_in_federation()
        .finish()
}
