//! A dump of the whole database, for comparison.

use std::{collections::BTreeMap, time::Duration};

use platform_db::{Db, DbConfig, Reach};

use crate::{spec::crash::books::Books, support::installation::Installation};

const DRAIN_TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// Tables that change as time passes: recurring jobs are queued and done every minute. What somebody starts is in `job`.
const CHANGED_BY_TIME: [&str; 2] = ["job_schedule", "job_queue"];

/// The database of an installation.
pub(super) struct Ledger {
    books: Books,
}

impl Ledger {
    pub(super) fn of(installation: &Installation) -> Self {
        Self { books: Books::of(installation) }
    }

    /// Waits until no event is under way.
    pub(super) async fn drained(&self) {
        for _ in 0..DRAIN_TRIES {
            if self.books.waiting_events().await == 0 {
                // The last event has left the outbox; its consumers are at work.
                tokio::time::sleep(PAUSE * 10).await;
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("events wait in the outbox");
    }

    /// Returns every row of every table that changes only on request, by table.
    pub(super) async fn dump(&self) -> BTreeMap<String, String> {
        let (Books::Sqlite(url) | Books::Postgres(url)) = &self.books;
        let config = DbConfig { url: url.clone().into(), schema: None, max_connections: 1 };
        let db = Db::connect(&config).await.expect("the database");
        let mut dump = BTreeMap::new();
        for (table, statement) in tables(&db, matches!(self.books, Books::Postgres(_))).await {
            if CHANGED_BY_TIME.iter().any(|it| table.ends_with(it)) {
                continue;
            }
            let rows = texts(&db, &statement).await;
            dump.insert(table, rows.join("\n"));
        }
        assert!(dump.len() > 20, "the dump sees the tables: {:?}", dump.keys());
        assert!(dump.values().any(|rows| rows.contains("humpolec")), "the dump sees the rows");
        dump
    }
}

/// Returns each table with an expression that reads all of it in one column.
async fn tables(db: &Db, is_postgres: bool) -> Vec<(String, String)> {
    let named = if is_postgres {
        "select table_schema || '.' || table_name as line from information_schema.tables \
         where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
    } else {
        "select name as line from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    };
    let mut tables = Vec::new();
    for table in texts(db, named).await {
        let row = if is_postgres {
            "whole::text".to_owned()
        } else {
            let columns =
                format!("select 'quote(\"' || name || '\")' as line from pragma_table_info('{table}')");
            texts(db, &columns).await.join(" || '|' || ")
        };
        let statement = format!("select {row} as line from {table} as whole order by 1");
        tables.push((table, statement));
    }
    tables
}

async fn texts(db: &Db, statement: &str) -> Vec<String> {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let rows = tx.rows(statement, []).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
    rows.iter().map(|row| row.try_get("", "line").expect("a text")).collect()
}
