//! Taking stock: what PostgreSQL's planner knows of a table comes from counting it, which autovacuum does once a minute at
//! most. Until then it takes a table for as small as it was when it was first asked for, and searches it accordingly,
//! while half a year is being loaded into it. Whoever loads one has the tables counted; services own none, so that it
//! takes a function of the owner's.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// Creates `take_stock()`.
pub(crate) struct Statistics;

impl MigrationName for Statistics {
    fn name(&self) -> &'static str {
        "plumbing_5_statistics"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Statistics {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(POSTGRES).await?;
        }
        Ok(())
    }
}

/// The search path it keeps is the migration's: the service's own schema.
const POSTGRES: &str = "
create function take_stock() returns void language plpgsql security definer set search_path from current as $$
declare
    one pg_catalog.name; -- a temporary type of that name would come first
begin
    for one in select tablename from pg_catalog.pg_tables where schemaname = current_schema() loop
        execute format('analyze %I.%I', current_schema(), one);
    end loop;
end $$;
revoke execute on function take_stock() from public;";
