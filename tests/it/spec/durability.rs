//! R21: a response is OK only if its change is durable. A change answered OK is in the database for every other
//! reader, a failed one is not; and after any end of a transaction, later ones are complete.

mod every_mutation;
mod full_disk;
mod given_up;
mod swallowed;

use platform_db::{Db, DbConfig, Reach};
use sea_orm::{ConnectionTrait, sqlx};
use testkit::TestApp;

/// Opens the file of an embedded application, as another process does.
async fn from_outside(app: &TestApp) -> Db {
    let url = format!("sqlite://{}", app.config().data_dir.join("hubnet.db").display());
    let config = DbConfig { url: url.into(), schema: None, max_connections: 1 };
    Db::connect(&config).await.expect("the file opens")
}

/// Returns a number as another process reads it.
async fn number(db: &Db, sql: &str) -> i64 {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let row = tx.row(sql, []).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let row = row.expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// Returns a version that changes when another connection has committed.
async fn version(db: &Db) -> i64 {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let row = tx.row("pragma data_version", []).await.expect("an answer").expect("a row");
    row.try_get_by_index::<i32>(0).expect("a number").into()
}

/// Runs a statement on every connection of an application: a limit of SQLite belongs to a connection.
async fn on_every_connection(app: &TestApp, sql: &str) {
    let db = &app.services().databases()[0];
    let pool = db.for_migration().get_sqlite_connection_pool();
    let mut connections = Vec::new();
    for _connection in 0..app.config().database.max_connections {
        connections.push(pool.acquire().await.expect("a connection"));
    }
    for connection in &mut connections {
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(&mut **connection)
            .await
            .expect("done on each connection");
    }
}

/// Fills the disk: the file may grow by this number of pages and no more.
async fn fill(app: &TestApp, outside: &Db, pages: i64) {
    let most = number(outside, "pragma page_count").await + pages;
    on_every_connection(app, &format!("pragma max_page_count = {most}")).await;
}

/// Frees the disk.
async fn free(app: &TestApp) {
    on_every_connection(app, "pragma max_page_count = 1073741823").await;
}

/// Runs statements from another process.
async fn change(outside: &Db, sql: &str) {
    outside.for_migration().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}
