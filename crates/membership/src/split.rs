//! The service alone as a federation subgraph: the same parts as in the merged graph, without those of other services.

use graph::{HubAudit, NetworkAudit, PersonalQuery};
use kernel::Place;

use crate::graphql;

platform_module::subgraph! {
    hub: [graphql::HubFields<Local>, HubAudit<AuditLog>],
    member: [graphql::MemberFields<Local>],
    network: [graphql::NetworkFields<Local>, NetworkAudit<AuditLog>],
    query: [graphql::Query<Local>, PersonalQuery<PersonalData>],
    mutation: [graphql::Mutation<Local>, graphql::HubMutation<Local>],
    subscription: [graphql::Subscription<Local>],
}

graph::entity!(
    /// An audit log, by the service that keeps the records.
    AuditLog, Place, [graphql::AuditFields]
);
graph::merged!(
    /// The personal data that each service keeps about the caller.
    PersonalData, [graphql::PersonalFields]
);
