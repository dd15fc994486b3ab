//! The audit log in the graph: a container with a member for each service that keeps records, and one type of records.
//!
//! Always true: the container holds nothing itself and is given to anybody; each member checks who reads it. Every
//! subgraph has the container, with its own member, so a router asks each service for its part.

use std::marker::PhantomData;

use async_graphql::{Object, SimpleObject};
use kernel::{HubId, NetworkId, Page, Place};

use crate::{Connection, DateTime, Entity, SafeInt, connection};

/// An audited action: one link of a hash chain that reveals any later change.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct AuditRecord {
    /// The position in the chain, from 1.
    pub sequence: SafeInt,
    /// When the action took place.
    pub at: DateTime,
    /// Who acted: the id of a person or device, `system` for the system itself, `anonymous` for an unknown caller.
    pub actor: String,
    /// The roles of the actor at that place.
    pub roles: Vec<String>,
    /// The action, such as `chip.revoked`.
    pub action: String,
    /// The id of the object of the action.
    pub object: String,
    /// Details as JSON: ids, counts and codes.
    pub detail: String,
    /// The record's hash, SHA-256, hexadecimal. It covers the hash of the previous record.
    pub hash: String,
}

impl From<kernel::AuditRecord> for AuditRecord {
    fn from(record: kernel::AuditRecord) -> Self {
        let roles = record.roles.split(',').filter(|role| !role.is_empty()).map(str::to_owned).collect();
        Self {
            sequence: record.sequence.into(),
            at: record.at.into(),
            actor: record.actor,
            roles,
            action: record.action,
            object: record.object,
            detail: record.detail,
            hash: record.hash,
        }
    }
}

/// Makes a page of the log, the latest record first.
pub fn audit_connection(page: Page<kernel::AuditRecord>) -> Connection<AuditRecord> {
    connection(page, |record| record.sequence.to_string(), AuditRecord::from)
}

macro_rules! audit_of {
    ($($(#[$doc:meta])* $name:ident($id:ty), $place:path, $graphql:tt, $field:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<L>($id, PhantomData<fn() -> L>);

        impl<L> From<$id> for $name<L> {
            fn from(id: $id) -> Self {
                Self(id, PhantomData)
            }
        }

        #[Object(name = $graphql)]
        impl<L: Entity<Place>> $name<L> {
            #[doc = $field]
            #[graphql(shareable)]
            async fn audit_log(&self) -> Option<L> {
                Some(L::from_key($place(self.0)))
            }
        }
    )*};
}

audit_of! {
    /// The audit log of a hub, contributed once to every assembled `Hub`. `L` is the assembled container.
    HubAudit(HubId), Place::Hub, "HubAudit",
        "The audit log of this hub, by the service that keeps the records. For the hub's administrators.";
    /// The audit log of a network as a whole, contributed once to every assembled `Network`.
    NetworkAudit(NetworkId), Place::Network, "NetworkAudit",
        "The audit log of this network as a whole, by the service that keeps the records. For the network's administrators.";
}
