//! What a PostgreSQL database needs before the first migration: a schema and a login role for each service.
//!
//! Always true:
//! - The role owns nothing, may not bypass row-level security, and can reach only its own schema.
//! - Every function keeps a search path of its own: the service's schema, and temporary tables after it. A guard of the
//!   ledger names its tables without a schema; nobody's temporary table of that name comes before them.
//! - Services make no temporary tables at all.

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use crate::Service;

/// Creates the service's schema and login role where they are missing. A password is set when one is given.
///
/// # Errors
/// The database refuses; the owner may lack the right to create roles.
pub async fn prepare_postgres(
    owner: &DatabaseConnection,
    service: Service,
    password: Option<&str>,
) -> Result<(), DbErr> {
    let (schema, role) = (service.name(), service.role());
    // Roles belong to the whole cluster: another database may be creating the same one at this moment.
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

/// Says where each function of the service looks for its tables, those of earlier versions too, and takes away what
/// everybody may do in a database unless it is taken: to make temporary tables.
pub(crate) async fn guard_functions(owner: &DatabaseConnection, service: Service) -> Result<(), DbErr> {
    let schema = service.name();
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

/// Lets the service's role use, but not own, the tables of its schema.
pub(crate) async fn grant(owner: &DatabaseConnection, service: Service) -> Result<(), DbErr> {
    let (schema, role) = (service.name(), service.role());
    let sql = format!(
        "grant usage on schema {schema} to {role}; \
         grant select, insert, update, delete on all tables in schema {schema} to {role}; \
         grant usage on all sequences in schema {schema} to {role}; \
         grant execute on all functions in schema {schema} to {role}; \
         revoke insert, update, delete on {schema}.{table} from {role}; \
         revoke update, delete on {schema}.audit from {role}; \
         revoke delete on {schema}.audit_head from {role};",
        table = service.migration_table()
    );
    owner.execute_unprepared(&sql).await?;
    Ok(())
}
