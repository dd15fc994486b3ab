//! A caller who ignores the error of a statement commits nothing, on both databases: PostgreSQL would report success
//! for the COMMIT of an aborted transaction, SQLite would commit the rest.

use std::{future::poll_fn, pin::pin, task::Poll};

use kernel::ErrorCode;
use platform_db::{Db, DbError, Reach, Tx};
use testkit::TestApp;
use uuid::Uuid;

const ROW: &str = "insert into inbox (consumer, event_id) values ('swallowed', $1)";

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_with_a_swallowed_constraint_error_commits_nothing() {
    let app = TestApp::new().await;
    for db in app.services().databases() {
        let tx = db.write(Reach::Directory).await.expect("a transaction");
        tx.run(ROW, [id(1)]).await.expect("a row");
        let again = tx.run(ROW, [id(1)]).await.expect_err("it is there already");
        assert_eq!(again.code(), ErrorCode::Conflict);
        tx.run(ROW, [id(2)]).await.expect_err("nothing more can come of it");
        let refused = tx.commit().await.expect_err("nothing is committed");
        assert!(matches!(refused, DbError::Broken), "{refused:?}");
        assert_eq!(kept(db).await, 0, "nothing is stored");
        whole_ones_follow(&app, db).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_with_a_swallowed_statement_of_no_sense_commits_nothing() {
    let app = TestApp::new().await;
    for db in app.services().databases() {
        let tx = db.write(Reach::Directory).await.expect("a transaction");
        tx.run(ROW, [id(1)]).await.expect("a row");
        tx.rows("select nothing from nowhere", []).await.expect_err("there is no such table");
        assert!(tx.commit().await.is_err(), "nothing is committed");
        assert_eq!(kept(db).await, 0, "nothing is stored");
        whole_ones_follow(&app, db).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_with_a_statement_that_was_given_up_commits_nothing() {
    let app = TestApp::new().await;
    for db in app.services().databases() {
        let tx = db.write(Reach::Directory).await.expect("a transaction");
        tx.run(ROW, [id(1)]).await.expect("a row");
        give_up_at_once(&tx).await;
        let refused = tx.commit().await.expect_err("nothing is committed");
        assert!(matches!(refused, DbError::Broken), "{refused:?}");
        assert_eq!(kept(db).await, 0, "nothing is stored");
        whole_ones_follow(&app, db).await;
    }
}

/// Polls a statement once and drops it. PostgreSQL gets a slow statement; SQLite gets another one if the first was
/// faster than the poll.
async fn give_up_at_once(tx: &Tx) {
    let slow = "insert into inbox (consumer, event_id) select 'swallowed', $1 from pg_sleep(0.2)";
    let sql = if tx.is_postgres() { slow } else { ROW };
    for place in 2..100 {
        let mut statement = pin!(tx.run(sql, [id(place)]));
        match poll_fn(|context| Poll::Ready(statement.as_mut().poll(context))).await {
            Poll::Pending => return,
            Poll::Ready(outcome) => drop(outcome.expect("a row")),
        }
    }
    panic!("a statement takes a round trip");
}

async fn whole_ones_follow(app: &TestApp, db: &Db) {
    let connections = app.config().database.max_connections;
    for place in 0..connections {
        let tx = db.write(Reach::Directory).await.expect("a transaction begins");
        tx.run(ROW, [id(place)]).await.expect("a row");
        tx.commit().await.expect("committed");
    }
    assert_eq!(kept(db).await, i64::from(connections));
}

async fn kept(db: &Db) -> i64 {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let sql = "select count(*) as many from inbox where consumer = 'swallowed'";
    tx.row(sql, []).await.expect("a row").expect("a count").try_get("", "many").expect("a number")
}

fn id(number: u32) -> sea_orm::Value {
    Uuid::from_u128(number.into()).into()
}
