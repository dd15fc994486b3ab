//! Adds foreign keys that carry the tenant to existing tables.
//!
//! Always true: a key contains the tenant's column beside the row's, so no row can refer to another tenant's row. The
//! existing rows must satisfy the key, or the migration fails and changes nothing. A migration that adds keys declares
//! it by `use_transaction`.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

use crate::sqlite_schema::rewritten;

/// The columns of a table that refer to the columns of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TenantKey {
    table: &'static str,
    columns: &'static str,
    referred: &'static str,
    referred_columns: &'static str,
    narrower: Option<&'static str>,
}

impl TenantKey {
    pub(crate) const fn new(table: &'static str, columns: &'static str) -> Self {
        Self { table, columns, referred: "", referred_columns: columns, narrower: None }
    }

    /// Sets the referred table, whose columns have the same names. They must be unique together.
    pub(crate) const fn to(self, referred: &'static str) -> Self {
        Self { referred, ..self }
    }

    /// Sets the referred table, whose columns have other names.
    pub(crate) const fn to_columns(self, referred: &'static str, referred_columns: &'static str) -> Self {
        Self { referred, referred_columns, ..self }
    }

    /// Drops a narrower key to the same table, which the new key makes redundant.
    pub(crate) const fn instead_of(self, narrower: &'static str) -> Self {
        Self { narrower: Some(narrower), ..self }
    }

    fn clause(self) -> String {
        let Self { columns, referred, referred_columns, .. } = self;
        format!("foreign key ({columns}) references {referred} ({referred_columns})")
    }

    fn narrower_clause(self) -> Option<String> {
        let referred = self.referred;
        self.narrower.map(|columns| format!("foreign key ({columns}) references {referred} ({columns})"))
    }
}

pub(crate) async fn tenant_keys(manager: &SchemaManager<'_>, keys: &[TenantKey]) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        // The check of the existing rows may take longer than the timeout of a request.
        manager.get_connection().execute_unprepared("set local statement_timeout = 0").await?;
        for key in keys {
            add_on_postgres(manager, *key).await?;
        }
        return Ok(());
    }
    for key in keys {
        add_on_sqlite(manager, *key).await?;
    }
    check_on_sqlite(manager, keys).await
}

/// Adds a key on PostgreSQL. While row-level security is forced the owner sees no rows, and the check would pass on
/// none.
async fn add_on_postgres(manager: &SchemaManager<'_>, key: TenantKey) -> Result<(), DbErr> {
    let TenantKey { table, referred, .. } = key;
    let narrower = key.narrower.map_or_else(String::new, |columns| {
        let columns = columns.replace(", ", "_");
        format!("alter table {table} drop constraint {table}_{columns}_fkey; ")
    });
    let sql = format!(
        "alter table {table} no force row level security; \
         alter table {referred} no force row level security; \
         {narrower}alter table {table} add {clause}; \
         alter table {table} force row level security; \
         alter table {referred} force row level security;",
        clause = key.clause()
    );
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

async fn add_on_sqlite(manager: &SchemaManager<'_>, key: TenantKey) -> Result<(), DbErr> {
    rewritten(manager, key.table, |text| with_key(text, key)).await
}

/// Returns the text of a table with a key added.
fn with_key(table: &str, key: TenantKey) -> Option<String> {
    if let Some(narrower) = key.narrower_clause() {
        return table.contains(&narrower).then(|| table.replace(&narrower, &key.clause()));
    }
    let inside = table.trim_end().strip_suffix(')')?;
    Some(format!("{}, {})", inside.trim_end(), key.clause()))
}

async fn check_on_sqlite(manager: &SchemaManager<'_>, keys: &[TenantKey]) -> Result<(), DbErr> {
    for key in keys {
        let ask = |sql: String| {
            let statement = Statement::from_string(manager.get_database_backend(), sql);
            manager.get_connection().query_one_raw(statement)
        };
        // A query makes SQLite load the text of the table again; the pragma alone would use the cached one.
        ask(format!("select 1 from {} limit 1", key.table)).await?;
        if ask(format!("pragma foreign_key_check('{}')", key.table)).await?.is_some() {
            return Err(DbErr::Migration(format!("a row of {} refers to nothing", key.table)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, TransactionTrait as _};

    use super::*;

    /// Creates two SQLite tables, the second of which refers to the first by a narrower key.
    async fn tables(rows: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let connection = Database::connect(options).await.expect("a database");
        let sql = "create table b (network_id text, hub_id text, b_id text, \
                   unique (network_id, b_id), unique (network_id, hub_id, b_id)); \
                   create table a (network_id text, hub_id text, b_id text, \
                   foreign key (network_id, b_id) references b (network_id, b_id)); \
                   insert into b values ('n', 'h', '1');";
        connection
            .execute_unprepared(&format!("pragma foreign_keys = on; {sql} {rows}"))
            .await
            .expect("tables");
        connection
    }

    async fn with_keys(connection: &DatabaseConnection) -> Result<(), DbErr> {
        let transaction = connection.begin().await?;
        tenant_keys(&SchemaManager::new(&transaction), &[WIDE]).await?;
        transaction.commit().await
    }

    #[tokio::test]
    async fn rows_that_keep_to_the_key_stay_and_others_are_refused_from_then_on() {
        let connection = tables("insert into a values ('n', 'h', '1')").await;
        with_keys(&connection).await.expect("keys");
        let again = connection.execute_unprepared("insert into a values ('n', 'h', '1')").await;
        assert!(again.is_ok(), "{again:?}");
        let elsewhere = connection.execute_unprepared("insert into a values ('n', 'other', '1')").await;
        assert!(format!("{elsewhere:?}").contains("FOREIGN KEY"), "{elsewhere:?}");
    }

    #[tokio::test]
    async fn a_row_that_does_not_keep_to_the_key_stops_the_migration_and_nothing_has_changed() {
        let connection = tables("insert into a values ('n', 'other', '1')").await;
        let refused = with_keys(&connection).await.expect_err("a row refers to nothing");
        assert!(refused.to_string().contains("a row of a refers to nothing"), "{refused}");
        let as_before = connection.execute_unprepared("insert into a values ('n', 'other', '1')").await;
        assert!(as_before.is_ok(), "{as_before:?}");
    }

    const WIDE: TenantKey =
        TenantKey::new("a", "network_id, hub_id, b_id").to("b").instead_of("network_id, b_id");

    #[test]
    fn a_key_stands_at_the_end_of_the_table() {
        let table = "create table a (network_id uuid_text, check (1 > 0)\n)";
        let key = TenantKey::new("a", "network_id, home_id").to_columns("b", "network_id, b_id");
        let with = with_key(table, key).expect("a table");
        assert_eq!(
            with,
            "create table a (network_id uuid_text, check (1 > 0), \
             foreign key (network_id, home_id) references b (network_id, b_id))"
        );
    }

    #[test]
    fn a_wider_key_takes_the_place_of_a_narrower_one() {
        let table = "create table a (foreign key (network_id, b_id) references b (network_id, b_id))";
        let with = with_key(table, WIDE).expect("a table");
        let wide = "foreign key (network_id, hub_id, b_id) references b (network_id, hub_id, b_id)";
        assert_eq!(with, format!("create table a ({wide})"));
        assert_eq!(with_key(&with, WIDE), None, "there is no narrower one any more");
    }
}
