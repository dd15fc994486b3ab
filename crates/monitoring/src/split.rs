//! The service alone as a federation subgraph: the same field sets without those of other services.

use async_graphql::{EmptyMutation, EmptySubscription, Error, ID, MergedObject, Object, Schema};
use graph::{Entity, Graph, HubKey, MemberKey, NetworkKey, entity, parse_id};
use kernel::{HubId, MemberId, NetworkId};

use crate::graphql::{HubFields, NetworkFields, Query};

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
    Hub, HubId, [HubKey, HubFields]
);
entity!(
    /// A person's membership at their home hub.
    Member, MemberId, [MemberKey]
);
entity!(
    /// A region's association of hubs.
    Network, NetworkId, [NetworkKey, NetworkFields]
);

/// Resolves this service's part of an entity for the router.
#[derive(Debug, Default)]
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn hub_by_id(&self, id: ID) -> Result<Hub, Error> {
        Ok(Hub::from_key(parse_id(&id, "id")?))
    }

    #[graphql(entity)]
    async fn network_by_id(&self, id: ID) -> Result<Network, Error> {
        Ok(Network::from_key(parse_id(&id, "id")?))
    }
}

/// All queries.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct SubgraphQuery(Query, Entities);

/// The subgraph's schema.
pub type Subgraph = Schema<SubgraphQuery, EmptyMutation, EmptySubscription>;

/// Builds the subgraph.
pub fn schema() -> Subgraph {
    Schema::build(SubgraphQuery::default(), EmptyMutation, EmptySubscription).enable_federation().finish()
}
