//! What of this service's rows is about people, column by column, and what is not.
//!
//! A hash of a secret leads to nobody, but proves who somebody is: it goes with them.

use Leads::{Person, Through};
use Personal::{Describes, Identifies, Pseudonym};
use kernel::{Export, ExportedTable, Leads, Personal, PersonalColumn};

use crate::DEEDS;

const SECRET: &str = "a secret, kept as a hash: whoever has it might find the secret";
const SEALED: &str = "a secret, sealed: whoever opens it shows the same codes as the phone";

/// Columns about people.
pub const PERSONAL: &[PersonalColumn] = &[
    PersonalColumn::new("identity_member", "member_id", Pseudonym),
    PersonalColumn::new("identity_member", "person_id", Pseudonym),
    PersonalColumn::new("identity_member", "joined_at", Pseudonym),
    PersonalColumn::new("sign_in_account", "person_id", Pseudonym),
    PersonalColumn::new("sign_in_account", "email", Identifies),
    PersonalColumn::new("sign_in_account", "language", Describes),
    PersonalColumn::new("sign_in_account", "password_hash", Identifies).kept_back(SECRET),
    PersonalColumn::new("sign_in_account", "invited_at", Describes),
    PersonalColumn::new("sign_in_account", "activated_at", Describes),
    PersonalColumn::new("sign_in_account", "suspended_at", Describes),
    PersonalColumn::new("sign_in_account", "email_verified_at", Describes),
    PersonalColumn::new("one_time_code", "code_id", Describes),
    PersonalColumn::new("one_time_code", "person_id", Describes),
    PersonalColumn::new("one_time_code", "purpose", Describes),
    PersonalColumn::new("one_time_code", "secret_hash", Identifies).kept_back(SECRET),
    PersonalColumn::new("one_time_code", "made_at", Describes),
    PersonalColumn::new("one_time_code", "expires_at", Describes),
    PersonalColumn::new("one_time_code", "used_at", Describes),
    PersonalColumn::new("one_time_code", "mailed", Describes),
    PersonalColumn::new("second_factor", "person_id", Describes),
    PersonalColumn::new("second_factor", "sealed_secret", Identifies).kept_back(SEALED),
    PersonalColumn::new("second_factor", "enrolled_at", Describes),
    PersonalColumn::new("second_factor", "confirmed_at", Describes),
    PersonalColumn::new("second_factor", "last_step", Describes),
    PersonalColumn::new("recovery_code", "person_id", Describes),
    PersonalColumn::new("recovery_code", "code_hash", Identifies).kept_back(SECRET),
    PersonalColumn::new("recovery_code", "made_at", Describes),
    PersonalColumn::new("recovery_code", "used_at", Describes),
    PersonalColumn::new("sign_in_challenge", "challenge_id", Describes),
    PersonalColumn::new("sign_in_challenge", "person_id", Describes),
    PersonalColumn::new("sign_in_challenge", "secret_hash", Identifies).kept_back(SECRET),
    PersonalColumn::new("sign_in_challenge", "tries", Describes),
    PersonalColumn::new("sign_in_challenge", "made_at", Describes),
    PersonalColumn::new("sign_in_challenge", "expires_at", Describes),
    PersonalColumn::new("session", "session_id", Describes),
    PersonalColumn::new("session", "person_id", Describes),
    PersonalColumn::new("session", "started_at", Describes),
    PersonalColumn::new("session", "used_at", Describes),
    PersonalColumn::new("session", "expires_at", Describes),
    PersonalColumn::new("session", "ended_at", Describes),
    PersonalColumn::new("session", "ended_by", Describes),
    PersonalColumn::new("refresh_token", "token_id", Describes),
    PersonalColumn::new("refresh_token", "session_id", Describes),
    PersonalColumn::new("refresh_token", "secret_hash", Identifies).kept_back(SECRET),
    PersonalColumn::new("refresh_token", "made_at", Describes),
    PersonalColumn::new("refresh_token", "expires_at", Describes),
    PersonalColumn::new("refresh_token", "replaced_at", Describes),
    PersonalColumn::new("role_assignment", "assignment_id", Describes),
    PersonalColumn::new("role_assignment", "person_id", Describes),
    PersonalColumn::new("role_assignment", "role", Describes),
    PersonalColumn::new("role_assignment", "valid_from", Describes),
    PersonalColumn::new("role_assignment", "valid_until", Describes),
    PersonalColumn::new("role_assignment", "granted_at", Describes),
    PersonalColumn::new("role_assignment", "granted_by", Pseudonym).shown_when(&[Person("granted_by")]),
    PersonalColumn::new("role_assignment", "revoked_at", Describes),
    PersonalColumn::new("role_assignment", "revoked_by", Pseudonym).shown_when(&[Person("revoked_by")]),
    PersonalColumn::new("revocation", "subject", Pseudonym),
    PersonalColumn::new("device_secret", "issued_by", Pseudonym),
    PersonalColumn::new("api_key", "name", Describes),
    PersonalColumn::new("api_key", "issued_by", Pseudonym),
    PersonalColumn::new("outgoing_mail", "mail_id", Describes),
    PersonalColumn::new("outgoing_mail", "person_id", Describes),
    PersonalColumn::new("outgoing_mail", "purpose", Describes),
    PersonalColumn::new("outgoing_mail", "given_up_why", Describes),
    PersonalColumn::new("sign_in_try", "key", Identifies),
];

/// What an export shows of them.
pub const EXPORT: Export = Export {
    columns: PERSONAL,
    tables: &[
        ExportedTable {
            table: "sign_in_account",
            leads: &[Person("person_id")],
            key: &["person_id"],
            beside: &[],
        },
        ExportedTable {
            table: "identity_member",
            leads: &[Person("person_id")],
            key: &["member_id"],
            beside: &["home_hub_id"],
        },
        ExportedTable {
            table: "role_assignment",
            leads: &[Person("person_id")],
            key: &["assignment_id"],
            beside: &["hub_id"],
        },
        ExportedTable { table: "session", leads: &[Person("person_id")], key: &["session_id"], beside: &[] },
        ExportedTable {
            table: "refresh_token",
            leads: &[Through("session_id", "session", &[Person("person_id")])],
            key: &["token_id"],
            beside: &[],
        },
        ExportedTable {
            table: "one_time_code",
            leads: &[Person("person_id")],
            key: &["code_id"],
            beside: &[],
        },
        ExportedTable {
            table: "second_factor",
            leads: &[Person("person_id")],
            key: &["person_id"],
            beside: &[],
        },
        ExportedTable {
            table: "sign_in_challenge",
            leads: &[Person("person_id")],
            key: &["challenge_id"],
            beside: &[],
        },
        ExportedTable {
            table: "outgoing_mail",
            leads: &[Person("person_id")],
            key: &["mail_id"],
            beside: &["queued_at", "due_at", "tries", "given_up_at"],
        },
        ExportedTable {
            table: "revocation",
            leads: &[Person("subject")],
            key: &["subject"],
            beside: &["not_before", "until"],
        },
        ExportedTable {
            table: "device_secret",
            leads: &[Person("issued_by")],
            key: &["secret_id"],
            beside: &["secret_id", "hub_id", "device_id", "issued_at", "revoked_at"],
        },
        ExportedTable {
            table: "api_key",
            leads: &[Person("issued_by")],
            key: &["key_id"],
            beside: &["key_id", "hub_id", "scopes", "issued_at", "expires_at", "revoked_at"],
        },
    ],
    not_shown: &[
        (
            "sign_in_try",
            "how often somebody tried in the last minutes or asked for an export today, under a hash of the e-mail or the id, forgotten afterwards",
        ),
        // Nothing but the hash tells one row from another, so that even the place to go on from would show it.
        (
            "recovery_code",
            "secrets, kept as hashes: whoever has one might find the secret; when they were made and used says the audit log",
        ),
    ],
    deeds: DEEDS,
    shows_shared_keys: true,
};

/// Tables, and of each the columns that are about nobody in particular.
pub const IMPERSONAL: &[(&str, &[&str])] = &[
    ("identity_network", &["network_id", "demonstration"]),
    ("identity_hub", &["hub_id", "network_id"]),
    ("identity_device", &["network_id", "hub_id", "device_id", "code"]),
    ("identity_member", &["network_id", "home_hub_id"]),
    ("sign_in_account", &["network_id"]),
    ("one_time_code", &["network_id"]),
    ("second_factor", &["network_id"]),
    ("recovery_code", &["network_id"]),
    ("sign_in_challenge", &["network_id"]),
    ("session", &["network_id"]),
    ("refresh_token", &["network_id"]),
    ("role_assignment", &["network_id", "hub_id"]),
    ("revocation", &["network_id", "not_before", "until"]),
    (
        "device_secret",
        &[
            "secret_id",
            "network_id",
            "hub_id",
            "device_id",
            "capability",
            "secret_hash",
            "issued_at",
            "used_at",
            "revoked_at",
        ],
    ),
    (
        "api_key",
        &[
            "key_id",
            "network_id",
            "hub_id",
            "scopes",
            "secret_hash",
            "issued_at",
            "expires_at",
            "used_at",
            "revoked_at",
        ],
    ),
    ("outgoing_mail", &["network_id", "queued_at", "due_at", "tries", "given_up_at"]),
    ("sign_in_try", &["tries", "window_ends_at"]),
];
