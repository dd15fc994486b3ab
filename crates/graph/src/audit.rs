//! The audit log in the graph: the same record in every service's part of it.

use async_graphql::SimpleObject;
use kernel::Page;

use crate::{Connection, DateTime, SafeInt, connection};

/// Something that was done and must be answered for: one link of a chain in which nothing can be changed unseen.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct AuditRecord {
    /// Its place in the chain, from 1.
    pub sequence: SafeInt,
    /// When.
    pub at: DateTime,
    /// Who did it: the id of a person or device, `system` for the system itself, `anonymous` for nobody known.
    pub actor: String,
    /// What they were at that place.
    pub roles: Vec<String>,
    /// What was done: `chip.revoked`.
    pub action: String,
    /// The id of the thing it was done to.
    pub object: String,
    /// More about it, as JSON: ids, counts and codes.
    pub detail: String,
    /// The record's hash, SHA-256, hexadecimal; it covers that of the record before.
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

/// A page of the log, the latest first.
pub fn audit_connection(page: Page<kernel::AuditRecord>) -> Connection<AuditRecord> {
    connection(page, |record| record.sequence.to_string(), AuditRecord::from)
}
