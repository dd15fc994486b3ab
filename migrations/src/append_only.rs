//! Append-only tables: rows of charges, ledger entries and settlements are only added, never edited.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// Makes the database refuse every update and delete of a table.
pub(crate) async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let refusal = format!("the rows of {table} are only ever added");
    let sql = if manager.get_database_backend() == DbBackend::Postgres {
        format!(
            "create function {table}_refuse_change() returns trigger language plpgsql as $$ \
             begin raise exception '{refusal}'; end $$; \
             create trigger {table}_is_append_only before update or delete on {table} \
             for each row execute function {table}_refuse_change();"
        )
    } else {
        format!(
            "create trigger if not exists {table}_is_not_edited before update on {table} \
             begin select raise(abort, '{refusal}'); end; \
             create trigger if not exists {table}_is_not_deleted before delete on {table} \
             begin select raise(abort, '{refusal}'); end;"
        )
    };
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}
