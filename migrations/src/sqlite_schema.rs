//! Changes constraints of existing SQLite tables.
//!
//! Always true: no row changes on disk. The existing rows must satisfy the new text of the table, and the caller
//! ensures it. A migration that rewrites declares it by `use_transaction`.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbErr, Statement},
};

/// Rewrites the text of a table in the schema. SQLite cannot alter a constraint. It documents two ways: to copy the
/// table, or, if no row changes on disk, to write the new text of the table into the schema and to load it again.
pub(crate) async fn rewritten(
    manager: &SchemaManager<'_>,
    table: &str,
    change: impl FnOnce(&str) -> Option<String>,
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let backend = manager.get_database_backend();
    let query = |sql: String| connection.query_one_raw(Statement::from_string(backend, sql));
    let lost = || DbErr::Migration(format!("the table {table} is not as it was made"));
    let text = query(format!("select sql from sqlite_schema where type = 'table' and name = '{table}'"));
    let text: String = text.await?.ok_or_else(lost)?.try_get("", "sql")?;
    let version = query("pragma schema_version".into()).await?.ok_or_else(lost)?;
    let version: i64 = version.try_get("", "schema_version")?;
    let text = change(&text).ok_or_else(lost)?.replace('\'', "''");
    let sql = format!(
        "pragma writable_schema = on; \
         update sqlite_schema set sql = '{text}' where type = 'table' and name = '{table}'; \
         pragma schema_version = {next}; \
         pragma writable_schema = off;",
        next = version + 1
    );
    connection.execute_unprepared(&sql).await?;
    Ok(())
}
