//! References between tables, from the databases' own catalogues: an id and its target belong to the same tenant,
//! because the foreign key contains the tenant too.

use std::collections::{BTreeMap, BTreeSet};

use platform_db::{Db, Reach, Tx};
use testkit::TestApp;

use super::NOBODYS;

/// Ids without a foreign key, with the reason. The list only shrinks.
const FREE: &[(&str, &[&str])] = &[
    (
        "The facts of another service come in any order; its target may be published a moment later.",
        &["identity_member.home_hub_id", "roaming_member.home_hub_id", "events_member.home_hub_id"],
    ),
    (
        "Monitoring counts a visit at a hub it knows, wherever the visitor is at home.",
        &["monitoring_visit.home_hub_id"],
    ),
    (
        "A member is published when they join; they have an account from their invitation on, or never.",
        &["identity_member.person_id"],
    ),
    (
        "Who gave a role, a key or a consent, or invited, may be forgotten; what they gave stays.",
        &[
            "sign_in_account.invited_by",
            "role_assignment.granted_by",
            "role_assignment.revoked_by",
            "device_secret.issued_by",
            "api_key.issued_by",
            "member_consent.guardian_id",
        ],
    ),
    ("The reader's own name for a touch; a text.", &["touch.event_id"]),
    (
        "A visit has the id of the touch that opened it, and is written beside the touches that changed it; a key \
         would cost the busiest table one index more.",
        &["touch.visit_id"],
    ),
    (
        "A visit is membership's; what roaming knows of it names the charge, and is written after it.",
        &["charge.visit_id"],
    ),
    ("A hub's account, or the network's own.", &["account.owner_id"]),
    (
        "Every service has this log, and may keep audit events of a hub it knows nothing else of; the chain is the \
         hub's or the network's by a check.",
        &["audit.chain_id", "audit.hub_id", "audit_head.hub_id"],
    ),
    (
        "A job is forgotten when it is done, and the mail that it did not send stays a while.",
        &["mail.job_id"],
    ),
    (
        "Every service has these tables, and may write to people, and keep their files, without another row about them.",
        &["mail.person_id", "mail_preference.person_id", "file.person_id"],
    ),
];

/// The catalogue of a database.
#[derive(Debug, Default)]
struct Catalogue {
    /// The columns that hold ids, by table.
    ids: BTreeMap<String, BTreeSet<String>>,
    /// The columns of the primary key, by table.
    own: BTreeMap<String, BTreeSet<String>>,
    /// The foreign keys: table, number, columns.
    keys: BTreeMap<(String, String), BTreeSet<String>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_id_has_a_foreign_key_with_the_tenant_or_a_stated_exception() {
    let app = TestApp::new().await;
    let mut unused: BTreeSet<&str> = FREE.iter().flat_map(|(_, columns)| columns.iter().copied()).collect();
    for db in app.services().databases() {
        let catalogue = read(db).await;
        assert!(!catalogue.ids.is_empty(), "the catalogue names no column");
        for (table, columns) in &catalogue.ids {
            for column in columns.iter().filter(|column| !catalogue.is_held(table, column)) {
                let name = format!("{table}.{column}");
                let is_free = FREE.iter().any(|(_, columns)| columns.contains(&name.as_str()));
                assert!(is_free, "{name} is held by no key that carries the tenant, and no reason is given");
                unused.remove(name.as_str());
            }
        }
    }
    assert!(unused.is_empty(), "these are held by a key, or gone: {unused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_keys_between_tenants_tables_carry_the_tenant() {
    let app = TestApp::new().await;
    for db in app.services().databases() {
        for ((table, number), columns) in read(db).await.keys {
            assert!(carries_the_tenant(&columns), "{table}: key {number} of {columns:?} could cross tenants");
        }
    }
}

impl Catalogue {
    /// Returns whether a column is the tenant, the row's own id, or part of a key. Row-level security ensures that a
    /// row's tenant is the caller's.
    fn is_held(&self, table: &str, column: &str) -> bool {
        let is_own = || {
            let own = self.own.get(table).into_iter().flatten().filter(|own| *own != "network_id");
            own.eq([column])
        };
        let mut of_table = self.keys.iter().filter(|((of, _), _)| of == table).map(|(_, columns)| columns);
        column == "network_id"
            || is_own()
            || of_table.any(|columns| columns.contains(column) && carries_the_tenant(columns))
    }

    fn has_id(&mut self, table: String, column: String, kind: &str) {
        let is_nobodys = NOBODYS.contains(&table.as_str()) || table.ends_with("_migration");
        if !is_nobodys && (column.ends_with("_id") || kind.starts_with("uuid")) {
            self.ids.entry(table).or_default().insert(column);
        }
    }
}

fn carries_the_tenant(columns: &BTreeSet<String>) -> bool {
    columns.contains("network_id") || columns.contains("hub_id")
}

async fn read(db: &Db) -> Catalogue {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let [columns, own, keys] = if tx.is_postgres() { POSTGRES } else { SQLITE };
    let mut catalogue = Catalogue::default();
    for [table, column, kind] in cells(&tx, columns).await {
        catalogue.has_id(table, column, &kind);
    }
    for [table, column, _] in cells(&tx, own).await {
        catalogue.own.entry(table).or_default().insert(column);
    }
    for [table, column, number] in cells(&tx, keys).await {
        catalogue.keys.entry((table, number)).or_default().insert(column);
    }
    catalogue
}

/// Columns with their types; columns of primary keys; columns of foreign keys with the key's number.
const POSTGRES: [&str; 3] = [
    "select cast(c.relname as text) as a, cast(t.attname as text) as b, format_type(t.atttypid, null) as c from pg_class c \
     join pg_attribute t on t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped \
     where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace",
    "select cast(c.relname as text) as a, cast(t.attname as text) as b, '' as c from pg_constraint k join pg_class c on c.oid = k.conrelid \
     join pg_attribute t on t.attrelid = c.oid and t.attnum = any(k.conkey) \
     where k.contype = 'p' and k.connamespace = current_schema()::regnamespace",
    "select cast(c.relname as text) as a, cast(t.attname as text) as b, cast(k.oid as text) as c from pg_constraint k \
     join pg_class c on c.oid = k.conrelid join pg_attribute t on t.attrelid = c.oid and t.attnum = any(k.conkey) \
     where k.contype = 'f' and k.connamespace = current_schema()::regnamespace",
];
const SQLITE: [&str; 3] = [
    "select s.name as a, t.name as b, t.type as c from sqlite_schema s join pragma_table_info(s.name) t \
     where s.type = 'table' and s.name not like 'sqlite%'",
    "select s.name as a, t.name as b, '' as c from sqlite_schema s join pragma_table_info(s.name) t \
     where s.type = 'table' and t.pk > 0",
    "select s.name as a, k.\"from\" as b, cast(k.id as text) as c from sqlite_schema s \
     join pragma_foreign_key_list(s.name) k where s.type = 'table'",
];

async fn cells(tx: &Tx, sql: &str) -> Vec<[String; 3]> {
    let rows = tx.rows(sql, []).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| ["a", "b", "c"].map(|name| row.try_get("", name).expect("a text"))).collect()
}
