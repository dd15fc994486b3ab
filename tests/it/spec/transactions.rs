//! Transactions: a caller who goes away while a transaction begins leaves none open, on any connection. Also the
//! limits of a service in its database.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use platform_db::{Db, Reach};
use testkit::TestApp;

/// Steps of a beginning; callers go away at each of them, more often than there are connections.
const STEPS: usize = 24;
const TIMES: usize = 10;
/// The pool rolls back an abandoned connection at once, but asynchronously.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_while_a_transaction_begins_leaves_none_open() {
    let app = TestApp::new().await;
    for db in app.services().databases() {
        for step in 0..STEPS {
            for _time in 0..TIMES {
                go_away_after(step, db).await;
            }
        }
        tokio::time::timeout(PATIENCE, none_is_open(db)).await.expect("every transaction has ended");
        every_connection_works(db, app.config().database.max_connections).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_counts_the_tables_of_a_service_that_owns_none_when_asked() {
    let app = TestApp::new().await;
    app.network("n").await;
    for db in app.services().databases() {
        db.take_stock().await.expect("counted");
        if !db.is_embedded() {
            let tx = db.read(Reach::Directory).await.expect("a transaction");
            let sql = "select min(reltuples) as fewest from pg_class \
                       where relnamespace = to_regnamespace(current_schema()) and relkind = 'r'";
            let row = tx.row(sql, []).await.expect("a row").expect("a count");
            let fewest = row.try_get::<f32>("", "fewest").expect("a number");
            assert!(fewest >= 0.0, "every table was counted: -1 says never");
        }
    }
    app.drain().await;
}

/// Begins a transaction, and drops it after a number of polls.
async fn go_away_after(looks: usize, db: &Db) {
    let mut beginning = pin!(db.write(Reach::Directory));
    for _look in 0..looks {
        if poll_fn(|context| Poll::Ready(beginning.as_mut().poll(context).is_ready())).await {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Asserts that none is open: PostgreSQL lists sessions idle in a transaction; on SQLite nobody else could write.
async fn none_is_open(db: &Db) {
    while !db.is_embedded() {
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        let sql = "select count(*) as many from pg_stat_activity where datname = current_database() \
                   and usename = current_user and pid <> pg_backend_pid() and state like 'idle in transaction%'";
        let row = tx.row(sql, []).await.expect("a row").expect("a count");
        if row.try_get::<i64>("", "many").expect("a number") == 0 {
            return;
        }
        drop(tx);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asserts that a transaction works on each connection, and that its writes stay.
async fn every_connection_works(db: &Db, connections: u32) {
    let mut open = Vec::new();
    for _connection in 0..connections {
        open.push(db.read(Reach::Directory).await.expect("a transaction begins"));
    }
    drop(open);
    for place in 0..connections {
        let tx = db.write(Reach::Directory).await.expect("a transaction begins");
        let sql = "insert into inbox (consumer, event_id) values ($1, $2)";
        let id = uuid::Uuid::from_u128(place.into());
        tx.run(sql, ["nobody".into(), id.into()]).await.expect("a row");
        tx.commit().await.expect("committed");
    }
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let sql = "select count(*) as many from inbox where consumer = 'nobody'";
    let row = tx.row(sql, []).await.expect("a row").expect("a count");
    assert_eq!(row.try_get::<i64>("", "many").expect("a number"), i64::from(connections));
}
