//! What of this service's rows is about people, column by column, and what is not.

use Personal::Describes;
use kernel::{Personal, PersonalColumn};

/// Columns about people.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("events_member", "member_id", Describes),
    PersonalColumn::new("events_member", "home_hub_id", Describes),
    PersonalColumn::new("seat", "seat_id", Describes),
    PersonalColumn::new("seat", "event_id", Describes),
    PersonalColumn::new("seat", "member_id", Describes),
    PersonalColumn::new("seat", "confirmed_at", Describes),
];

/// Tables, and of each the columns that are about nobody in particular.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    ("events_hub", &["hub_id", "network_id"]),
    ("events_member", &["network_id"]),
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
