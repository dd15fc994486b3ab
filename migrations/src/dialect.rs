//! Runs one SQL text on two dialects.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// The owner of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenancy {
    /// Every row belongs to one hub (`network_id` and `hub_id`).
    Hub,
    /// Every row belongs to a network (`network_id`).
    Network,
    /// Everybody may read; only the network's own transactions may write (`network_id`).
    Directory,
}

/// Runs statements that are separated by `;` at the end of a line.
///
/// # Errors
/// Fails if the database refuses a statement.
pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let sql = translate(sql, manager.get_database_backend());
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Puts a table under row-level security on PostgreSQL. SQLite has none; there the filters of the stores apply.
///
/// # Errors
/// Fails if the database refuses.
pub async fn tenant_table(manager: &SchemaManager<'_>, table: &str, tenancy: Tenancy) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    // The settings are read in sub-selects, which run once per statement; bare, they would be read again for every
    // row.
    let network = "network_id = (select nullif(current_setting('app.network', true), '')::uuid)";
    let hub = "(select nullif(current_setting('app.hub', true), '')::uuid)";
    let own = match tenancy {
        Tenancy::Hub => format!("{network} and (hub_id = {hub} or {hub} is null)"),
        Tenancy::Network | Tenancy::Directory => network.to_owned(),
    };
    let read = if tenancy == Tenancy::Directory { "true" } else { own.as_str() };
    let sql = format!(
        "alter table {table} enable row level security; \
         alter table {table} force row level security; \
         create policy {table}_read on {table} for select using ({read}); \
         create policy {table}_write on {table} using ({own}) with check ({own});"
    );
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

fn translate(sql: &str, backend: DbBackend) -> String {
    let types = if backend == DbBackend::Postgres {
        [
            ("{uuid}", "uuid"),
            ("{ts}", "timestamptz"),
            ("{day}", "date"),
            ("{position}", "bigint generated always as identity primary key"),
        ]
    } else {
        [
            ("{uuid}", "uuid_text"),
            ("{ts}", "timestamp_with_timezone_text"),
            ("{day}", "date_text"),
            ("{position}", "integer primary key autoincrement"),
        ]
    };
    types.iter().fold(sql.to_owned(), |sql, (placeholder, name)| sql.replace(placeholder, name))
}
