//! The service alone as a federation subgraph: the same parts as in the merged graph, without those of other services.

use crate::graphql;

platform_module::subgraph! {
    hub: [graphql::HubFields],
    member: [],
    network: [graphql::NetworkFields],
    query: [graphql::Query],
    mutation: [],
    subscription: [],
}
