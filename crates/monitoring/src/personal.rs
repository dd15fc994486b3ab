//! What of this service's rows is about people, column by column, and what is not.

use Personal::Pseudonym;
use kernel::{Export, Personal, PersonalColumn};

/// Columns that hold personal data.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("monitoring_visit", "visit_id", Pseudonym),
    PersonalColumn::new("monitoring_visit", "started_at", Pseudonym),
    PersonalColumn::new("monitoring_visit", "ended_at", Pseudonym),
];

/// What an export shows of these columns: nothing, with the reason.
pub const EXPORT: Export = Export {
    columns: PERSONAL,
    tables: &[],
    not_shown: &[(
        "monitoring_visit",
        "a copy of each visit without whose it was; membership shows the visits themselves",
    )],
    audit_events: &[],
    shows_shared_keys: false,
};

/// Tables, each with the columns that hold no personal data.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    ("monitoring_network", &["network_id"]),
    ("monitoring_hub", &["hub_id", "network_id", "time_zone"]),
    ("monitoring_visit", &["network_id", "hub_id", "home_hub_id", "revision", "annulled"]),
    ("hub_day", &["network_id", "hub_id", "day", "visits", "minutes", "roaming_visits", "roaming_minutes"]),
    (
        "hub_month",
        &["network_id", "hub_id", "month", "visits", "minutes", "roaming_visits", "roaming_minutes"],
    ),
    ("network_month", &["network_id", "month", "visits", "minutes", "roaming_visits", "roaming_minutes"]),
];
