//! Classifies every column of this service's tables as personal data or not.

use Leads::{Member, Named, Person, PersonWhere, Through};
use Personal::{Describes, Identifies, Pseudonym};
use kernel::{Export, ExportedTable, Leads, Personal, PersonalColumn};

use crate::AUDITED_ACTIONS;

/// Touches in two parts, admitted and denied: each part has an index of its own.
const TOUCHES: &[Leads] =
    &[PersonWhere("person_id", "denied is null"), PersonWhere("person_id", "denied is not null")];

/// Columns that hold personal data.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("person", "person_id", Pseudonym),
    PersonalColumn::new("person", "name", Identifies),
    PersonalColumn::new("person", "email", Identifies),
    PersonalColumn::new("person", "language", Describes),
    PersonalColumn::new("member", "member_id", Pseudonym),
    PersonalColumn::new("member", "person_id", Pseudonym),
    PersonalColumn::new("member", "category", Describes),
    PersonalColumn::new("member", "plan_id", Describes),
    PersonalColumn::new("member", "joined_at", Pseudonym),
    PersonalColumn::new("credential", "credential_id", Pseudonym),
    PersonalColumn::new("credential", "member_id", Pseudonym),
    PersonalColumn::new("credential", "number_hash", Identifies).kept_back(
        "the hash of the chip's number opens doors like the number; the ending shows which chip it is",
    ),
    PersonalColumn::new("credential", "ending", Describes),
    PersonalColumn::new("credential", "issued_at", Pseudonym),
    PersonalColumn::new("credential", "revoked_at", Pseudonym),
    PersonalColumn::new("roaming_pass_copy", "pass_id", Pseudonym),
    PersonalColumn::new("roaming_pass_copy", "member_id", Pseudonym),
    PersonalColumn::new("roaming_pass_copy", "valid_from", Pseudonym),
    PersonalColumn::new("roaming_pass_copy", "valid_until", Pseudonym),
    PersonalColumn::new("touch", "touch_id", Pseudonym),
    PersonalColumn::new("touch", "reporter", Pseudonym).shown_when(&[Named("reporter")]),
    PersonalColumn::new("touch", "event_id", Describes),
    PersonalColumn::new("touch", "at", Pseudonym),
    PersonalColumn::new("touch", "direction", Pseudonym),
    PersonalColumn::new("touch", "source", Pseudonym),
    PersonalColumn::new("touch", "person_id", Pseudonym),
    PersonalColumn::new("touch", "member_id", Pseudonym),
    PersonalColumn::new("touch", "denied", Pseudonym),
    PersonalColumn::new("touch", "effect", Pseudonym),
    PersonalColumn::new("touch", "visit_id", Pseudonym),
    PersonalColumn::new("touch", "reported_at", Pseudonym),
    PersonalColumn::new("touch", "proof", Identifies)
        .kept_back("a hash that only shows whether the same chip was reported again"),
    PersonalColumn::new("visit", "visit_id", Pseudonym),
    PersonalColumn::new("visit", "person_id", Pseudonym),
    PersonalColumn::new("visit", "member_id", Pseudonym),
    PersonalColumn::new("visit", "home_hub_id", Pseudonym),
    PersonalColumn::new("visit", "category", Describes),
    PersonalColumn::new("visit", "source", Pseudonym),
    PersonalColumn::new("visit", "started_at", Pseudonym),
    PersonalColumn::new("visit", "ended_at", Pseudonym),
    PersonalColumn::new("visit", "ended_by", Pseudonym),
];

/// What an export shows of these columns.
pub const EXPORT: Export = Export {
    columns: PERSONAL,
    tables: &[
        ExportedTable { table: "person", leads: &[Person("person_id")], key: &["person_id"], beside: &[] },
        ExportedTable {
            table: "member",
            leads: &[Person("person_id")],
            key: &["member_id"],
            beside: &["hub_id"],
        },
        ExportedTable {
            table: "plan",
            leads: &[Through("plan_id", "member", &[Person("person_id")])],
            key: &["plan_id"],
            beside: &["plan_id", "hub_id", "name", "monthly_fee_minor", "included_minutes", "roaming"],
        },
        ExportedTable {
            table: "credential",
            leads: &[Member("member_id")],
            key: &["credential_id"],
            beside: &["hub_id"],
        },
        ExportedTable {
            table: "roaming_pass_copy",
            leads: &[Member("member_id")],
            key: &["pass_id"],
            beside: &["hub_id"],
        },
        ExportedTable {
            table: "visit",
            leads: &[Person("person_id")],
            key: &["visit_id"],
            beside: &["hub_id", "annulled", "revision"],
        },
        ExportedTable {
            table: "touch",
            leads: TOUCHES,
            key: &["touch_id"],
            beside: &["hub_id", "received_at", "skewed"],
        },
        ExportedTable {
            table: "hub",
            leads: &[
                Through("hub_id", "visit", &[Person("person_id")]),
                Through("hub_id", "member", &[Person("person_id")]),
            ],
            key: &["hub_id"],
            beside: &["hub_id", "slug", "name"],
        },
    ],
    not_shown: &[],
    audit_events: AUDITED_ACTIONS,
    shows_shared_keys: false,
};

/// Tables, each with the columns that hold no personal data.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    (
        "network",
        &[
            "network_id",
            "slug",
            "name",
            "clearing_currency",
            "time_zone",
            "home_commission_bp",
            "network_commission_bp",
            "demonstration",
            "founded_at",
        ],
    ),
    (
        "hub",
        &[
            "hub_id",
            "network_id",
            "slug",
            "name",
            "legal_name",
            "tax_number",
            "kind",
            "language",
            "time_zone",
            "currency",
            "opening_hours",
            "catchment_population",
            "capacity",
            "capacity_is_soft",
            "address",
            "position",
            "onboarded_at",
            "version",
            "state",
            "details",
            "timetable",
        ],
    ),
    ("hub_history", &["hub_id", "network_id", "version", "valid_from", "facts"]),
    ("space", &["space_id", "network_id", "hub_id", "code", "name", "kind", "capacity", "out_of_use"]),
    ("resource", &["resource_id", "network_id", "hub_id", "space_id", "code", "name", "kind", "out_of_use"]),
    (
        "plan",
        &[
            "plan_id",
            "network_id",
            "hub_id",
            "code",
            "name",
            "monthly_fee_minor",
            "included_minutes",
            "roaming",
            "categories",
        ],
    ),
    ("device", &["device_id", "network_id", "hub_id", "code", "kind", "retired_at"]),
    ("hub_seats", &["hub_id", "network_id", "taken", "hub_version"]),
    ("person", &["network_id", "erased_at", "version"]),
    ("member", &["network_id", "hub_id"]),
    ("credential", &["network_id", "hub_id"]),
    ("roaming_pass_copy", &["network_id", "hub_id"]),
    ("touch", &["network_id", "hub_id", "received_at", "skewed"]),
    ("visit", &["network_id", "hub_id", "annulled", "revision"]),
];
