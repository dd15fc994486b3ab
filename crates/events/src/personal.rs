//! What of this service's rows is about people, column by column, and what is not.

use Leads::{Member, Through};
use Personal::Describes;
use kernel::{Export, ExportedTable, Leads, Personal, PersonalColumn};

use crate::AUDITED_ACTIONS;

/// Columns that hold personal data.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("events_member", "member_id", Describes),
    PersonalColumn::new("events_member", "home_hub_id", Describes),
    PersonalColumn::new("events_member", "left_at", Describes),
    PersonalColumn::new("seat", "seat_id", Describes),
    PersonalColumn::new("seat", "event_id", Describes),
    PersonalColumn::new("seat", "member_id", Describes),
    PersonalColumn::new("seat", "confirmed_at", Describes),
];

/// What an export shows of these columns.
pub const EXPORT: Export = Export {
    columns: PERSONAL,
    tables: &[
        ExportedTable {
            table: "events_member",
            leads: &[Member("member_id")],
            key: &["member_id"],
            beside: &[],
        },
        ExportedTable {
            table: "seat",
            leads: &[Member("member_id")],
            key: &["seat_id"],
            beside: &["hub_id"],
        },
        ExportedTable {
            table: "event",
            leads: &[Through("event_id", "seat", &[Member("member_id")])],
            key: &["event_id"],
            beside: &["event_id", "hub_id", "title", "starts_at", "ends_at"],
        },
    ],
    not_shown: &[],
    audit_events: AUDITED_ACTIONS,
    shows_shared_keys: false,
};

/// Tables, each with the columns that hold no personal data.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    ("events_hub", &["hub_id", "network_id", "version", "is_closed"]),
    ("events_member", &["network_id", "version"]),
    (
        "event",
        &[
            "event_id",
            "network_id",
            "hub_id",
            "title",
            "summary",
            "kind",
            "language",
            "starts_at",
            "ends_at",
            "capacity",
            "seats_taken",
            "published_at",
            "idempotency_key",
        ],
    ),
    ("seat", &["network_id", "hub_id"]),
];
