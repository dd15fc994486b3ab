//! The personal and impersonal columns of the tables that every service has.

use Leads::{Mentioned, Named, Person};
use Personal::{Describes, Identifies, Pseudonym};
use kernel::{Export, ExportedTable, Leads, Personal, PersonalColumn};

/// The record is about the person: what was done to them is shown. What they did to others would name others.
const TO_THEM: &[Leads] = &[Named("object"), Mentioned("detail")];
/// The person is the actor. Who else acted stays between those people and the hub.
const BY_THEM: &[Leads] = &[Named("actor")];
const KEPT_A_WHILE: &str =
    "events kept for some days to be published again; what they tell stands in the tables shown";
const ON_ITS_WAY: &str = "an event on its way to another service; what it tells stands in the tables shown";

/// The personal columns.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("audit", "actor", Pseudonym).shown_when(BY_THEM),
    PersonalColumn::new("audit", "roles", Pseudonym).shown_when(BY_THEM),
    PersonalColumn::new("audit", "object", Pseudonym).shown_when(TO_THEM),
    PersonalColumn::new("audit", "detail", Pseudonym).shown_when(TO_THEM),
    PersonalColumn::new("outbox", "body", Pseudonym),
    PersonalColumn::new("event_log", "body", Pseudonym),
    PersonalColumn::new("postponed_event", "subject", Pseudonym),
    PersonalColumn::new("postponed_event", "body", Pseudonym),
    PersonalColumn::new("postponed_event", "reason", Pseudonym),
    PersonalColumn::new("dead_letter", "body", Pseudonym),
    PersonalColumn::new("dead_letter", "reason", Pseudonym),
    PersonalColumn::new("erased_member", "member_id", Pseudonym),
    PersonalColumn::new("job", "started_by", Pseudonym),
    PersonalColumn::new("job", "caller", Pseudonym),
    PersonalColumn::new("job", "input", Pseudonym),
    PersonalColumn::new("file", "file_id", Describes),
    PersonalColumn::new("file", "person_id", Describes),
    PersonalColumn::new("file", "purpose", Describes),
    PersonalColumn::new("file", "name", Identifies),
    PersonalColumn::new("file", "media_type", Describes),
    PersonalColumn::new("file", "size_bytes", Describes),
    PersonalColumn::new("file", "sha256", Describes),
    PersonalColumn::new("mail", "mail_id", Describes),
    PersonalColumn::new("mail", "person_id", Describes),
    PersonalColumn::new("mail", "kind", Describes),
    PersonalColumn::new("mail", "about", Describes),
    PersonalColumn::new("mail", "input", Describes),
    PersonalColumn::new("mail", "reason", Describes),
    PersonalColumn::new("mail_preference", "person_id", Describes),
    PersonalColumn::new("mail_preference", "category", Describes),
    PersonalColumn::new("mail_preference", "is_wanted", Describes),
    PersonalColumn::new("mail_preference", "chosen_at", Describes),
    PersonalColumn::new("mail_undeliverable", "person_id", Describes),
    PersonalColumn::new("mail_undeliverable", "address_hash", Identifies)
        .kept_back("a hash of the address, which is shown where it is kept"),
    PersonalColumn::new("mail_undeliverable", "refused_at", Describes),
    PersonalColumn::new("idempotency", "caller", Describes),
    PersonalColumn::new("idempotency", "key", Describes),
    PersonalColumn::new("idempotency", "input_hash", Describes)
        .kept_back("a hash; it tells a repetition from another request"),
    PersonalColumn::new("idempotency", "outcome", Describes).kept_back(
        "what the request was answered, kept for some days to be answered again; it may name others",
    ),
];

/// What an export shows of the tables that every service has.
pub const EXPORT: Export = Export {
    columns: PERSONAL,
    tables: &[
        ExportedTable {
            table: "audit",
            leads: &[Named("actor"), Named("object"), Mentioned("detail")],
            key: &["chain_id", "sequence"],
            beside: &["sequence", "hub_id", "at", "action"],
        },
        ExportedTable {
            table: "idempotency",
            leads: &[Named("caller")],
            key: &["caller", "operation", "key"],
            beside: &["operation", "expires_at"],
        },
        ExportedTable {
            table: "file",
            leads: &[Person("person_id")],
            key: &["file_id"],
            beside: &["state", "received_at", "kept_at", "expires_at"],
        },
        ExportedTable {
            table: "mail",
            leads: &[Person("person_id")],
            key: &["mail_id"],
            beside: &["category", "state", "queued_at", "tries", "ended_at"],
        },
        ExportedTable {
            table: "mail_preference",
            leads: &[Person("person_id")],
            key: &["category"],
            beside: &[],
        },
        ExportedTable {
            table: "mail_undeliverable",
            leads: &[Person("person_id")],
            key: &["person_id"],
            beside: &[],
        },
    ],
    not_shown: &[
        ("outbox", ON_ITS_WAY),
        ("event_log", KEPT_A_WHILE),
        ("postponed_event", ON_ITS_WAY),
        ("dead_letter", ON_ITS_WAY),
        (
            "job",
            "work asked for in the background, kept for some days; what came of it stands in the tables shown",
        ),
        ("erased_member", "the id of somebody who was erased, so that a late event does not bring them back"),
    ],
    audit_events: &[],
    shows_shared_keys: false,
};

/// Tables with their impersonal columns.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    ("audit", &["network_id", "chain_id", "sequence", "hub_id", "at", "action", "previous_hash", "hash"]),
    ("audit_head", &["network_id", "chain_id", "hub_id", "sequence", "hash"]),
    ("outbox", &["position", "event_id", "emitted_at"]),
    ("event_stream", &["stream_id", "networkid", "kind", "last"]),
    ("event_log", &["stream_id", "sequence", "event_id", "emitted_at"]),
    ("relay_window", &["window_id", "claimed_until_ms", "events", "ranges"]),
    ("received_mark", &["consumer", "networkid", "kind", "sequence"]),
    ("postponed_event", &["position", "consumer", "event_id", "postponed_at_ms", "due_at_ms"]),
    ("inbox", &["consumer", "event_id"]),
    ("dead_letter", &["consumer", "event_id", "said_at"]),
    ("erased_member", &["network_id"]),
    (
        "job",
        &[
            "network_id",
            "job_id",
            "kind",
            "unique_key",
            "created_at",
            "finished_at",
            "done",
            "total",
            "message",
            "code",
        ],
    ),
    ("file", &["network_id", "state", "received_at", "kept_at", "expires_at"]),
    ("file_sweep", &["file_id", "networkid", "due_at_ms"]),
    ("mail", &["network_id", "job_id", "category", "state", "queued_at", "tries", "ended_at"]),
    ("mail_preference", &["network_id"]),
    ("mail_undeliverable", &["network_id"]),
    ("job_queue", &["job_id", "networkid", "kind", "state", "attempts", "due_at_ms", "claim"]),
    ("job_schedule", &["kind", "plan", "next_at_ms", "succeeded_at_ms"]),
    ("idempotency", &["network_id", "operation", "expires_at"]),
];
