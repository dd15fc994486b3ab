//! The service's tables.
//!
//! Always true: every statement names the tenant, and everything runs on both dialects.

pub(crate) mod account_rows;
pub(crate) mod challenge_rows;
pub(crate) mod code_rows;
pub(crate) mod copies;
pub(crate) mod factor_rows;
pub(crate) mod handover_rows;
pub(crate) mod link_rows;
pub(crate) mod machine_rows;
pub(crate) mod mail_rows;
pub(crate) mod revocation_rows;
pub(crate) mod role_rows;
pub(crate) mod session_rows;
pub(crate) mod try_rows;

use jiff::Timestamp;
use platform_db::{DbError, Ts, Tx};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

fn id<T: Into<Uuid>>(id: T) -> Value {
    id.into().into()
}

fn at(instant: Timestamp) -> Value {
    Ts(instant).into()
}

fn maybe_id<T: Into<Uuid>>(id: Option<T>) -> Value {
    id.map(Into::<Uuid>::into).into()
}

fn maybe_at(instant: Option<Timestamp>) -> Value {
    instant.map(Ts).into()
}

fn read_id<T: From<Uuid>>(row: &QueryResult, column: &str) -> Result<T, DbError> {
    Ok(row.try_get::<Uuid>("", column)?.into())
}

fn read_maybe_id<T: From<Uuid>>(row: &QueryResult, column: &str) -> Result<Option<T>, DbError> {
    Ok(row.try_get::<Option<Uuid>>("", column)?.map(T::from))
}

fn read_at(row: &QueryResult, column: &str) -> Result<Timestamp, DbError> {
    Ok(row.try_get::<Ts>("", column)?.0)
}

fn read_maybe_at(row: &QueryResult, column: &str) -> Result<Option<Timestamp>, DbError> {
    Ok(row.try_get::<Option<Ts>>("", column)?.map(|ts| ts.0))
}

/// Locks a row until the commit; SQLite has one writer at a time anyway.
fn for_update(tx: &Tx) -> &'static str {
    if tx.is_postgres() { "for update" } else { "" }
}
