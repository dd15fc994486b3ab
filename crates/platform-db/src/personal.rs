//! What of the tables that every service has is about people, column by column, and what is not.

use Personal::{Describes, Pseudonym};
use kernel::{Personal, PersonalColumn};

/// Columns about people.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("audit", "actor", Pseudonym),
    PersonalColumn::new("audit", "roles", Pseudonym),
    PersonalColumn::new("audit", "object", Pseudonym),
    PersonalColumn::new("audit", "detail", Pseudonym),
    PersonalColumn::new("outbox", "body", Pseudonym),
    PersonalColumn::new("dead_letter", "body", Pseudonym),
    PersonalColumn::new("dead_letter", "reason", Pseudonym),
    PersonalColumn::new("idempotency", "caller", Describes),
    PersonalColumn::new("idempotency", "key", Describes),
    PersonalColumn::new("idempotency", "input_hash", Describes),
    PersonalColumn::new("idempotency", "outcome", Describes),
];

/// Tables, and of each the columns that are about nobody in particular.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    ("audit", &["network_id", "chain_id", "sequence", "hub_id", "at", "action", "previous_hash", "hash"]),
    ("audit_head", &["network_id", "chain_id", "hub_id", "sequence", "hash"]),
    ("outbox", &["position", "event_id", "emitted_at", "claimed_until_ms"]),
    ("inbox", &["consumer", "event_id"]),
    ("dead_letter", &["consumer", "event_id", "said_at"]),
    ("idempotency", &["network_id", "operation", "expires_at"]),
];
