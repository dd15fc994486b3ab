//! Every mutation of the graph, with its transaction ended by SQLite itself at each row it writes.
//!
//! A trigger on every table counts rows; at the chosen row it requests more room than a full disk has. So the error
//! is SQLite's own, with all its effects on a transaction, and it occurs once at each write of each mutation.

use std::collections::{BTreeMap, BTreeSet};

use platform_db::{Db, Reach};
use testkit::{Json, Shape, TestApp};

use super::{change, fill, free, from_outside, number, version};
use crate::spec::idempotency::mutations::{Fixture, Posting, Proof, mutations};

/// Pages that ordinary work may take while the disk is full; the trigger requests more.
const ROOM: i64 = 64;
/// No mutation here writes more rows.
const MOST_ROWS: i64 = 400;
/// Sign-in tries are counted in a transaction of their own, before the attempt.
const COUNTED_APART: [&str; 1] = ["sign_in_try"];

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The disk has no room for the row.
    Full,
    /// SQLite rolls back by itself and reports it, as it also does on IOERR, NOMEM, BUSY and INTERRUPT.
    ByItself,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_that_answers_is_stored_when_the_disk_fills_up_at_any_write() {
    Box::pin(try_every_mutation(Ending::Full)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_that_answers_is_stored_when_sqlite_ends_its_transaction_at_any_write() {
    Box::pin(try_every_mutation(Ending::ByItself)).await;
}

async fn try_every_mutation(ending: Ending) {
    if Shape::of_run() != Shape::Embedded {
        return;
    }
    let mut tried = BTreeSet::new();
    let services = Fixture::build(TestApp::new().await).await;
    let proofs = services.proofs().await;
    try_each(&services.app, proofs, ending, &mut tried).await;
    let posting = Posting::build().await;
    let proofs = posting.proofs().await;
    try_each(&posting.fixture.app, proofs, ending, &mut tried).await;
    assert_eq!(tried, mutations(), "each mutation of the graph is tried");
}

async fn try_each(app: &TestApp, proofs: Vec<Proof>, ending: Ending, tried: &mut BTreeSet<String>) {
    let outside = from_outside(app).await;
    app.drain().await;
    set_traps(&outside, ending).await;
    for proof in proofs {
        tried.insert(proof.mutation.to_owned());
        try_one(app, &outside, &proof, ending).await;
        app.drain().await;
    }
    let seen_inside = rows(&app.services().databases()[0]).await;
    assert_eq!(rows(&outside).await, seen_inside, "nothing is seen here that others do not see");
    assert_eq!(number(&outside, "select count(*) from pragma_foreign_key_check").await, 0);
}

/// Fails at the first row it writes, then at the second, until the mutation succeeds.
async fn try_one(app: &TestApp, outside: &Db, proof: &Proof, ending: Ending) {
    let client = proof.client.with_idempotency_key(&format!("full-{}", proof.mutation));
    let mut failed = 0;
    for row in 0..MOST_ROWS {
        let before = rows(outside).await;
        if ending == Ending::Full {
            fill(app, outside, ROOM).await;
        }
        change(outside, &format!("update trap set rows_left = {row}")).await;
        let armed = version(outside).await;
        let response = client.response(proof.document, proof.variables.clone()).await;
        let has_fallen = number(outside, "select rows_left from trap").await < row;
        change(outside, "update trap set rows_left = 1000000000").await;
        // Too many sign-in tries would be refused.
        change(outside, "delete from sign_in_try").await;
        free(app).await;
        if response["errors"].is_null() {
            assert!(failed > 0 || row == 0, "{}: {response}", proof.mutation);
            if has_fallen {
                assert_ne!(version(outside).await, armed, "{}: answered, not stored", proof.mutation);
            }
            return;
        }
        failed += 1;
        assert_refused(proof, &response);
        let mut after = rows(outside).await;
        let mut before = before;
        for table in COUNTED_APART {
            before.remove(table);
            after.remove(table);
        }
        assert_eq!(after, before, "{} failed at row {row} and left something: {response}", proof.mutation);
        if failed == 1 {
            every_connection_writes(app, outside).await;
        }
    }
    panic!("{} is never done", proof.mutation);
}

fn assert_refused(proof: &Proof, response: &Json) {
    let code = response["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
    assert!(["UNAVAILABLE", "INTERNAL"].contains(&code), "{}: {response}", proof.mutation);
}

/// Asserts that a commit on any connection of the application is visible from outside.
async fn every_connection_writes(app: &TestApp, outside: &Db) {
    let db = &app.services().databases()[0];
    for _connection in 0..app.config().database.max_connections {
        let before = version(outside).await;
        let tx = db.write(Reach::Directory).await.expect("a transaction begins");
        let sql = "insert into inbox (consumer, event_id) values ('nobody', randomblob(16))";
        tx.run(sql, []).await.expect("a row");
        tx.commit().await.expect("committed");
        assert_ne!(version(outside).await, before, "committed, not stored");
    }
}

/// Sets a trigger on each table that counts the rows and fails at the chosen one.
async fn set_traps(outside: &Db, ending: Ending) {
    let fall = match ending {
        Ending::Full => "insert into ballast select zeroblob(4000000) from trap where rows_left < 0",
        Ending::ByItself => "select raise(rollback, 'ended by itself') from trap where rows_left < 0",
    };
    let tables = tables(outside).await;
    change(outside, "create table trap (rows_left integer not null)").await;
    change(outside, "create table ballast (filling blob not null)").await;
    change(outside, "insert into trap values (1000000000)").await;
    for table in tables {
        for event in ["insert", "update", "delete"] {
            let sql = format!(
                "create trigger trap_{event}_{table} before {event} on {table} begin \
                 update trap set rows_left = rows_left - 1; {fall}; end"
            );
            change(outside, &sql).await;
        }
    }
}

async fn tables(db: &Db) -> Vec<String> {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let sql = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' \
               and name not like '%migration' order by name";
    let rows = tx.rows(sql, []).await.expect("tables");
    rows.iter().map(|row| row.try_get("", "name").expect("a name")).collect()
}

/// Returns the number of rows of each table.
async fn rows(db: &Db) -> BTreeMap<String, i64> {
    let tables = tables(db).await;
    let counts: Vec<String> = tables
        .iter()
        .map(|table| format!("select '{table}' as name, count(*) as many from {table}"))
        .collect();
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let rows = tx.rows(&counts.join(" union all "), []).await.expect("counts");
    rows.iter()
        .map(|row| (row.try_get("", "name").expect("a name"), row.try_get("", "many").expect("a number")))
        .filter(|(name, _): &(String, i64)| name != "inbox")
        .collect()
}
