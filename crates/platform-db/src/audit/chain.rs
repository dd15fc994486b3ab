//! Pure functions of the hash chain: what is hashed, and what must hold between a record and the next.
//!
//! Always true: the hashed form is a JSON array of the record's fields in one order, so no two records share a form.

use kernel::AuditRecord;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The previous hash of the first record.
pub const EMPTY_CHAIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub sequence: i64,
    pub hash: String,
}

impl End {
    pub(super) fn of_nothing() -> Self {
        Self { sequence: 0, hash: EMPTY_CHAIN.into() }
    }

    /// Accepts a record as the next link, or returns what is wrong with it.
    pub(super) fn accept(&mut self, chain: Uuid, next: &AuditRecord) -> Result<(), &'static str> {
        if next.sequence != self.sequence + 1 {
            return Err("records are missing or out of place before it");
        }
        if next.previous_hash != self.hash {
            return Err("it does not follow the record before it");
        }
        if next.hash != hash(chain, next) {
            return Err("it was changed after it was written");
        }
        *self = Self { sequence: next.sequence, hash: next.hash.clone() };
        Ok(())
    }
}

/// The hash of a record in a chain.
pub(super) fn hash(chain: Uuid, record: &AuditRecord) -> String {
    let form = serde_json::json!([
        chain,
        record.sequence,
        record.network,
        record.hub,
        record.at.as_microsecond(),
        record.actor,
        record.roles,
        record.action,
        record.object,
        record.detail,
        record.previous_hash,
    ]);
    hex::encode(Sha256::digest(form.to_string()))
}
