//! Prepares a PostgreSQL database for the first migration: a schema and a login role for each service.
//!
//! Always true:
//! - The role owns nothing, may not bypass row-level security, and can reach only its own schema.
//! - Every function has its own search path: the service's schema, then temporary tables. A ledger guard names its
//!   tables without a schema, so no temporary table of that name may come before them.
//! - Services create no temporary tables.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use crate::{
    applied,
    upgrade::{folders_of, role_of},
};

/// Number of changed rows after which PostgreSQL analyzes or vacuums a table: they take some tens of pages.
const ROWS_THAT_COUNT: u32 = 2_000;

/// Creates the service's schema and login role if they are missing, and sets a password if one is given.
///
/// # Errors
/// Fails if the database refuses; the owner may lack the right to create roles.
pub async fn prepare_postgres(
    owner: &DatabaseConnection,
    service: &str,
    password: Option<&str>,
) -> Result<(), DbErr> {
    let (schema, role) = (service, role_of(service));
    // Roles belong to the whole cluster: another database may create the same role at this moment.
    let create = format!(
        "do $$ begin create role {role} login nosuperuser nobypassrls nocreatedb nocreaterole; \
         exception when duplicate_object or unique_violation then null; end $$;"
    );
    owner.execute_unprepared(&create).await?;
    if let Some(password) = password {
        let quoted = password.replace('\'', "''");
        owner.execute_unprepared(&format!("alter role {role} password '{quoted}'")).await?;
    }
    owner.execute_unprepared(&format!("create schema if not exists {schema}")).await?;
    Ok(())
}

/// Sets the search path of each function of the service, those of earlier versions included, and revokes the default
/// right to create temporary tables.
pub(crate) async fn guard_functions(owner: &DatabaseConnection, service: &str) -> Result<(), DbErr> {
    let schema = service;
    let sql = format!(
        "do $$ declare one regprocedure; begin \
         for one in select oid from pg_catalog.pg_proc where pronamespace = '{schema}'::regnamespace \
         and proconfig is distinct from array['search_path={schema}, pg_temp'] loop \
         execute format('alter function %s set search_path = {schema}, pg_temp', one); end loop; \
         if has_database_privilege('public', current_database(), 'temporary') then \
         execute format('revoke temporary on database %I from public', current_database()); end if; end $$;"
    );
    owner.execute_unprepared(&sql).await?;
    Ok(())
}

/// Keeps plans from being made for a table that seems empty and used while it grows. A table without statistics is
/// assumed to have ten pages of rows and is searched by its indexes; analyzed with a few rows, it would be read whole
/// until it is analyzed again. So PostgreSQL analyzes a table when [`ROWS_THAT_COUNT`] rows have changed, and vacuum
/// keeps its pages: an emptied queue fills again, and a table without a page costs nothing to read.
pub(crate) async fn keep_plans(owner: &DatabaseConnection, service: &str) -> Result<(), DbErr> {
    let schema = service;
    let sql = format!(
        "do $$ declare one regclass; begin \
         for one in select oid from pg_catalog.pg_class where relnamespace = '{schema}'::regnamespace \
         and relkind = 'r' and not coalesce(reloptions, '{{}}') @> array['vacuum_truncate=false', \
         'autovacuum_analyze_threshold={ROWS_THAT_COUNT}', 'autovacuum_vacuum_threshold={ROWS_THAT_COUNT}'] loop \
         execute format('alter table %s set (vacuum_truncate = false, \
         autovacuum_analyze_threshold = {ROWS_THAT_COUNT}, autovacuum_vacuum_threshold = {ROWS_THAT_COUNT})', one); \
         end loop; end $$;"
    );
    owner.execute_unprepared(&sql).await?;
    Ok(())
}

/// Lets the service's role use, but not own, the tables of its schema.
pub(crate) async fn grant(owner: &DatabaseConnection, service: &str) -> Result<(), DbErr> {
    let (schema, role) = (service, role_of(service));
    let [plumbing, own] = folders_of(service);
    let sql = format!(
        "grant usage on schema {schema} to {role}; \
         grant select, insert, update, delete on all tables in schema {schema} to {role}; \
         grant usage on all sequences in schema {schema} to {role}; \
         grant execute on all functions in schema {schema} to {role}; \
         revoke insert, update, delete on {schema}.{plumbing}, {schema}.{own} from {role}; \
         revoke update, delete on {schema}.audit from {role}; \
         revoke delete on {schema}.audit_head from {role};",
        plumbing = applied::table(plumbing),
        own = applied::table(own)
    );
    owner.execute_unprepared(&sql).await?;
    Ok(())
}
