//! The database rows of a hub or a network, for comparison.

use std::collections::BTreeSet;

use platform_db::{Db, Reach};

use super::{asking::Asking, fixture::Target};

/// Transport tables.
const PASSING: [&str; 7] =
    ["outbox", "event_stream", "event_log", "relay_window", "received_mark", "inbox", "postponed_event"];

/// Tables that a caller changes by signing out or setting a new password.
const OF_ONESELF: [&str; 15] = [
    "session",
    "refresh_token",
    "revocation",
    "sign_in_account",
    "sign_in_challenge",
    "sign_in_link",
    "sign_in_handover",
    "second_factor",
    "recovery_code",
    "one_time_code",
    "mail",
    "job",
    "job_queue",
    "audit",
    "audit_head",
];

impl Asking<'_> {
    /// Returns every row of a hub or network that others must not change.
    pub(super) async fn rows(&self, of: &Target) -> BTreeSet<String> {
        let network = of.id("networkId").expect("a network").parse().expect("an id");
        let mut ids = vec![of.id("hubId").expect("a hub").to_owned()];
        if of.id("networkId") != self.fixture.home.id("networkId") {
            ids.push(of.id("networkId").expect("a network").to_owned());
        }
        let rows = rows_naming(self.fixture.app.services().databases(), Reach::Network(network), &ids).await;
        assert!(rows.len() > 20, "the dump sees the rows: {rows:?}");
        rows
    }

    pub(super) async fn assert_unchanged(
        &mut self,
        whose: &str,
        of: &Target,
        before: &BTreeSet<String>,
        may_come_and_go: bool,
    ) {
        let after = self.rows(of).await;
        let changed = before.symmetric_difference(&after);
        let is_theirs = |row: &&String| OF_ONESELF.iter().any(|table| row.contains(&format!(" {table}: ")));
        let changed: Vec<_> = changed.filter(|row| !(may_come_and_go && is_theirs(row))).collect();
        if !changed.is_empty() {
            self.wrong.push(format!("of {whose} was changed: {changed:#?}"));
        }
    }
}

/// Returns every row that contains one of the ids.
async fn rows_naming(databases: &[Db], reach: Reach, ids: &[String]) -> BTreeSet<String> {
    let plain = |text: &str| text.to_lowercase().replace('-', "");
    let ids: Vec<String> = ids.iter().map(|id| plain(id.rsplit('_').next().unwrap_or_default())).collect();
    let mut rows = BTreeSet::new();
    for (number, db) in databases.iter().enumerate() {
        for table in tables(db).await {
            let statement = whole(db, &table).await;
            for row in texts(db, reach, &statement).await {
                if ids.iter().any(|id| plain(&row).contains(id)) {
                    rows.insert(format!("{number} {table}: {row}"));
                }
            }
        }
    }
    rows
}

async fn tables(db: &Db) -> Vec<String> {
    let named = if db.is_embedded() {
        "select name as line from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    } else {
        "select cast(tablename as text) as line from pg_tables where schemaname = current_schema()"
    };
    let tables = texts(db, Reach::Directory, named).await;
    tables
        .into_iter()
        .filter(|table| !PASSING.contains(&table.as_str()) && !table.ends_with("migration"))
        .collect()
}

/// Returns an expression that reads each row of a table as text.
async fn whole(db: &Db, table: &str) -> String {
    if !db.is_embedded() {
        return format!("select whole::text as line from {table} as whole");
    }
    let columns = format!("select 'quote(\"' || name || '\")' as line from pragma_table_info('{table}')");
    let columns = texts(db, Reach::Directory, &columns).await;
    format!("select {} as line from {table}", columns.join(" || '|' || "))
}

async fn texts(db: &Db, reach: Reach, statement: &str) -> Vec<String> {
    let tx = db.read(reach).await.expect("a transaction");
    let rows = tx.rows(statement, []).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    rows.iter().map(|row| row.try_get("", "line").expect("a text")).collect()
}
