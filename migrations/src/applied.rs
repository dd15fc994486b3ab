//! What was applied to a database: a table `<folder>_migration` for each folder of SQL files.
//!
//! Always true: a migration and its row in this table are committed together. Nobody but the owner writes the table.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::SchemaManager;

use crate::{
    dialect::{instant, translate},
    file::MigrationFile,
    upgrade::MigrateError,
};

/// Returns the name of the table of a folder.
pub(crate) fn table(folder: &str) -> String {
    format!("{folder}_migration")
}

/// A migration that was applied.
struct Applied {
    name: String,
    checksum: String,
}

/// Returns the names of the migrations of a folder that were applied, if this build knows all of them, unchanged.
pub(crate) async fn known(
    connection: &DatabaseConnection,
    folder: &str,
) -> Result<Vec<String>, MigrateError> {
    let mut names = Vec::new();
    for applied in all(connection, folder).await? {
        let Some(file) = MigrationFile::of(folder).find(|file| file.name == applied.name) else {
            return Err(MigrateError::Newer(applied.name));
        };
        if file.checksum() != applied.checksum {
            return Err(MigrateError::Edited(applied.name));
        }
        names.push(applied.name);
    }
    Ok(names)
}

async fn all(connection: &DatabaseConnection, folder: &str) -> Result<Vec<Applied>, MigrateError> {
    let (table, schema) = (table(folder), SchemaManager::new(connection));
    if !schema.has_table(&table).await? {
        return Ok(Vec::new());
    }
    if !schema.has_column(&table, "checksum").await? {
        return Err(MigrateError::BeforeFiles(table));
    }
    let sql = format!("select name, checksum from {table} order by name");
    let rows =
        connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    let read = |row: sea_orm::QueryResult| {
        Ok(Applied { name: row.try_get("", "name")?, checksum: row.try_get("", "checksum")? })
    };
    Ok(rows.into_iter().map(read).collect::<Result<_, DbErr>>()?)
}

/// Applies the missing migrations of a folder, up to and including `last`.
pub(crate) async fn apply_missing(
    connection: &DatabaseConnection,
    folder: &str,
    last: Option<&str>,
) -> Result<(), MigrateError> {
    let applied = known(connection, folder).await?;
    let backend = connection.get_database_backend();
    let create = format!(
        "create table if not exists {table} (name text not null primary key, checksum text not null, \
         applied_at {instant} not null default current_timestamp)",
        table = table(folder),
        instant = instant(backend)
    );
    connection.execute_unprepared(&create).await?;
    let is_wanted = |file: &&MigrationFile| last.is_none_or(|last| file.name <= last);
    for file in MigrationFile::of(folder).filter(is_wanted) {
        if !applied.iter().any(|name| name == file.name) {
            apply(connection, file).await.map_err(|error| MigrateError::Failed(file.name.into(), error))?;
            tracing::info!(folder, migration = file.name, "applied");
        }
    }
    Ok(())
}

async fn apply(connection: &DatabaseConnection, file: &MigrationFile) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let sql = translate(file.text, backend)?;
    let tx = begin(connection).await?;
    if record(&tx, file).await? {
        tx.execute_unprepared(&sql).await?;
    }
    tx.commit().await
}

/// Begins the transaction of a migration. It may take longer than a request. On SQLite a table may be dropped and
/// created again with its rows, for references are checked at the commit.
async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let is_postgres = connection.get_database_backend() == DbBackend::Postgres;
    let options = TransactionOptions {
        sqlite_transaction_mode: (!is_postgres).then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = connection.begin_with_options(options).await?;
    let settings =
        if is_postgres { "set local statement_timeout = 0" } else { "pragma defer_foreign_keys = on" };
    tx.execute_unprepared(settings).await?;
    Ok(tx)
}

/// Records a migration; returns false if another process has applied it meanwhile.
async fn record(tx: &DatabaseTransaction, file: &MigrationFile) -> Result<bool, DbErr> {
    let sql = format!(
        "insert into {} (name, checksum) values ($1, $2) on conflict (name) do nothing",
        table(file.folder)
    );
    let values = [file.name.into(), file.checksum().into()];
    let done = tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, Database};

    use super::*;

    async fn database(sql: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let connection = Database::connect(options).await.expect("a database");
        let sql = format!(
            "pragma foreign_keys = on; create table f_migration (name text primary key, checksum text); {sql}"
        );
        connection.execute_unprepared(&sql).await.expect("tables");
        connection
    }

    async fn count(connection: &DatabaseConnection, table: &str) -> i64 {
        let sql = format!("select count(*) as many from {table}");
        let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
        row.expect("read").expect("a row").try_get("", "many").expect("a number")
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_nothing_behind() {
        let connection = database("").await;
        let file =
            MigrationFile { folder: "f", name: "n", text: "create table a (b text);\nselect nothing;" };
        apply(&connection, &file).await.expect_err("the second statement fails");
        assert_eq!(count(&connection, "f_migration").await, 0);
        assert_eq!(count(&connection, "sqlite_schema where name = 'a'").await, 0);
    }

    /// The recipe of `migrations/README.md`.
    #[tokio::test]
    async fn a_table_of_sqlite_is_created_again_and_keeps_its_rows_and_references() {
        let rows = "create table p (id text primary key, k text check (k in ('a'))); insert into p values ('1', 'a'); \
            create table c (id text references p (id)); insert into c values ('1')";
        let connection = database(rows).await;
        let text = "create temporary table kept as select * from p;\ndrop table p;\n\
            create table p (id text primary key, k text check (k in ('a', 'b')));\n\
            insert into p select * from kept;\ndrop table kept;";
        apply(&connection, &MigrationFile { folder: "f", name: "n", text }).await.expect("applied");
        assert_eq!(count(&connection, "p join c on c.id = p.id").await, 1);
        connection
            .execute_unprepared("insert into p values ('2', 'b')")
            .await
            .expect("the wider check holds");
        connection
            .execute_unprepared("insert into c values ('3')")
            .await
            .expect_err("the reference is checked");
        let loses = MigrationFile { folder: "f", name: "o", text: "delete from p;" };
        apply(&connection, &loses).await.expect_err("a row of c refers to nothing");
        assert_eq!(count(&connection, "p").await, 2);
    }
}
