//! The audit log: who did what to which object, a hash chain for each hub and one for each network as a whole.
//!
//! Always true:
//! - An audit event is written in the transaction of its effect ([`Tx::audit`](crate::Tx::audit)): both happen, or
//!   neither.
//! - A record holds the hash of the one before it, and the head of its chain holds the last sequence and hash. A record
//!   that was changed, removed, moved, inserted or cut off the end breaks the chain at a place that [`verify_audit`]
//!   names.
//! - Chains do not fork: the head's row is locked from the writing of the audit event to the commit. The lock is short,
//!   because audit events are written last.
//! - Records are only ever added: the service's login cannot change or remove one, and triggers refuse it as well.

mod chain;
mod read;
mod verify;
mod write;

pub use chain::EMPTY_CHAIN;
pub use read::{AuditQuery, list_audit};
pub use verify::{BrokenLink, ChainHead, Verified, verify_audit};

pub(crate) use write::{Pending, write};

use jiff::Timestamp;
use kernel::AuditRecord;
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::{DbError, Ts};

const COLUMNS: &str =
    "sequence, network_id, hub_id, at, actor, roles, action, object, detail, previous_hash, hash";

fn record(row: &QueryResult) -> Result<AuditRecord, DbError> {
    Ok(AuditRecord {
        sequence: row.try_get("", "sequence")?,
        network: row.try_get::<Uuid>("", "network_id")?.into(),
        hub: row.try_get::<Option<Uuid>>("", "hub_id")?.map(Into::into),
        at: row.try_get::<Ts>("", "at")?.0,
        actor: row.try_get("", "actor")?,
        roles: row.try_get("", "roles")?,
        action: row.try_get("", "action")?,
        object: row.try_get("", "object")?,
        detail: row.try_get("", "detail")?,
        previous_hash: row.try_get("", "previous_hash")?,
        hash: row.try_get("", "hash")?,
    })
}

/// An instant in the precision that both databases keep.
fn as_stored(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
