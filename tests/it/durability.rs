//! R21: an answer is OK only when it is durable. What answered OK is in the database as anybody else reads it; what
//! failed is not; and whatever ended a transaction, later ones are whole.

mod every_mutation;
mod full_disk;
mod given_up;
mod swallowed;

use platform_db::{Db, DbConfig, Reach};
use sea_orm::{ConnectionTrait, sqlx};
use testkit::TestApp;

/// The file of an embedded application, as another process sees it.
async fn from_outside(app: &TestApp) -> Db {
    let url = format!("sqlite://{}", app.config().data_dir.join("hubnet.db").display());
    let config = DbConfig { url: url.into(), schema: None, max_connections: 1 };
    Db::connect(&config).await.expect("the file opens")
}

/// A number that another process reads.
async fn number(db: &Db, sql: &str) -> i64 {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let row = tx.row(sql, []).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let row = row.expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// Changes when anybody else has committed.
async fn version(db: &Db) -> i64 {
    let tx = db.read(Reach::Directory).await.expect("a transaction");
    let row = tx.row("pragma data_version", []).await.expect("an answer").expect("a row");
    row.try_get_by_index::<i32>(0).expect("a number").into()
}

/// Runs something on every connection of an application: a limit of SQLite's is a connection's own.
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

/// The disk is full: the file may grow by so many pages and no more.
async fn fill(app: &TestApp, outside: &Db, pages: i64) {
    let most = number(outside, "pragma page_count").await + pages;
    on_every_connection(app, &format!("pragma max_page_count = {most}")).await;
}

/// There is room again.
async fn free(app: &TestApp) {
    on_every_connection(app, "pragma max_page_count = 1073741823").await;
}

/// Runs statements from outside.
async fn change(outside: &Db, sql: &str) {
    outside.for_migration().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}
