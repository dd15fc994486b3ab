//! What of this service's rows is about people, column by column, and what is not.

use Leads::{Member, Through};
use Personal::Pseudonym;
use kernel::{Export, ExportedTable, Leads, Personal, PersonalColumn};

use crate::AUDITED_ACTIONS;

/// Columns that hold personal data.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("charge", "charge_id", Pseudonym),
    PersonalColumn::new("charge", "visit_id", Pseudonym),
    PersonalColumn::new("charge", "home_hub_id", Pseudonym),
    PersonalColumn::new("charge", "member_id", Pseudonym),
    PersonalColumn::new("charge", "started_at", Pseudonym),
    PersonalColumn::new("charge", "ended_at", Pseudonym),
    PersonalColumn::new("charge", "minutes", Pseudonym),
    PersonalColumn::new("charge", "amount_minor", Pseudonym),
    PersonalColumn::new("charge_line", "charge_id", Pseudonym),
    PersonalColumn::new("charge_line", "day", Pseudonym),
    PersonalColumn::new("charge_line", "member_id", Pseudonym),
    PersonalColumn::new("charge_line", "billed_seconds", Pseudonym),
    PersonalColumn::new("charge_line", "gross_minor", Pseudonym),
    PersonalColumn::new("charge_line", "amount_minor", Pseudonym),
    PersonalColumn::new("roaming_visit", "visit_id", Pseudonym),
    PersonalColumn::new("roaming_visit", "charge_id", Pseudonym),
    PersonalColumn::new("ledger_transaction", "charge_id", Pseudonym),
    PersonalColumn::new("roaming_member", "member_id", Pseudonym),
    PersonalColumn::new("roaming_member", "home_hub_id", Pseudonym),
    PersonalColumn::new("roaming_member", "plan", Pseudonym),
    PersonalColumn::new("roaming_member", "left_at", Pseudonym),
    PersonalColumn::new("roaming_pass", "pass_id", Pseudonym),
    PersonalColumn::new("roaming_pass", "member_id", Pseudonym),
    PersonalColumn::new("roaming_pass", "home_hub_id", Pseudonym),
    PersonalColumn::new("roaming_pass", "valid_from", Pseudonym),
    PersonalColumn::new("roaming_pass", "valid_until", Pseudonym),
    PersonalColumn::new("roaming_pass", "monthly_ceiling_minutes", Pseudonym),
    PersonalColumn::new("roaming_pass", "issued_at", Pseudonym),
    PersonalColumn::new("roaming_pass", "ended_at", Pseudonym),
];

/// What an export shows of these columns.
pub const EXPORT: Export = Export {
    columns: PERSONAL,
    tables: &[
        ExportedTable {
            table: "roaming_member",
            leads: &[Member("member_id")],
            key: &["member_id"],
            beside: &[],
        },
        ExportedTable {
            table: "roaming_pass",
            leads: &[Member("member_id")],
            key: &["pass_id"],
            beside: &[],
        },
        ExportedTable {
            table: "charge",
            leads: &[Member("member_id")],
            key: &["charge_id"],
            beside: &[
                "hub_id",
                "tariff_id",
                "revision",
                "rating",
                "credits",
                "reason",
                "currency",
                "period",
                "posted_at",
            ],
        },
        ExportedTable {
            table: "charge_line",
            leads: &[Member("member_id")],
            key: &["charge_id", "day"],
            beside: &["hub_id"],
        },
        ExportedTable {
            table: "roaming_visit",
            leads: &[Through("visit_id", "charge", &[Member("member_id")])],
            key: &["visit_id"],
            beside: &["revision"],
        },
        ExportedTable {
            table: "ledger_transaction",
            leads: &[Through("charge_id", "charge", &[Member("member_id")])],
            key: &["transaction_id"],
            beside: &["transaction_id", "period", "posted_at"],
        },
        ExportedTable {
            table: "tariff",
            leads: &[Through("tariff_id", "charge", &[Member("member_id")])],
            key: &["tariff_id"],
            beside: &[
                "tariff_id",
                "hub_id",
                "name",
                "version",
                "currency",
                "price_per_hour",
                "grace_minutes",
                "billing_step_seconds",
                "elements",
            ],
        },
    ],
    not_shown: &[],
    audit_events: AUDITED_ACTIONS,
    shows_shared_keys: false,
};

/// Tables, each with the columns that hold no personal data.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    (
        "charge",
        &[
            "network_id",
            "revision",
            "rating",
            "hub_id",
            "tariff_id",
            "credits",
            "reason",
            "currency",
            "period",
            "posted_at",
        ],
    ),
    ("charge_line", &["network_id", "hub_id"]),
    ("roaming_visit", &["network_id", "revision"]),
    ("account", &["network_id", "owner_id", "kind", "currency"]),
    ("ledger_transaction", &["network_id", "transaction_id", "settlement_id", "period", "posted_at"]),
    ("ledger_entry", &["network_id", "transaction_id", "owner_id", "kind", "currency", "amount_minor"]),
    (
        "roaming_network",
        &["network_id", "clearing_currency", "time_zone", "home_commission_bp", "network_commission_bp"],
    ),
    ("roaming_hub", &["hub_id", "network_id", "time_zone", "currency"]),
    ("roaming_member", &["network_id", "version"]),
    ("roaming_pass", &["network_id"]),
    (
        "tariff",
        &[
            "network_id",
            "hub_id",
            "tariff_id",
            "version",
            "valid_from",
            "published_at",
            "name",
            "currency",
            "price_per_hour",
            "grace_minutes",
            "billing_step_seconds",
            "minimum_per_day_minor",
            "maximum_per_day_minor",
            "elements",
        ],
    ),
    (
        "settlement",
        &[
            "network_id",
            "settlement_id",
            "month",
            "closed_at",
            "rates",
            "clearing_currency",
            "network_commission_minor",
        ],
    ),
    (
        "settlement_position",
        &[
            "network_id",
            "settlement_id",
            "hub_id",
            "currency",
            "earned_minor",
            "owed_minor",
            "commission_minor",
            "net_minor",
        ],
    ),
    (
        "gross_position",
        &[
            "network_id",
            "settlement_id",
            "home_hub_id",
            "host_hub_id",
            "currency",
            "gross_minor",
            "home_commission_minor",
            "network_commission_minor",
        ],
    ),
];
