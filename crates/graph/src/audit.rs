//! The audit log in the graph: the same record type in every service's part of it.

use async_graphql::SimpleObject;
use kernel::Page;

use crate::{Connection, DateTime, SafeInt, connection};

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
