//! Roaming's tables. Private to the service: use cases pass and receive domain types.
//!
//! Always true: every statement names its network, so that SQLite, which has no row-level security, separates tenants
//! as PostgreSQL does.

pub(crate) mod books;
pub(crate) mod charge;
pub(crate) mod facts;
pub(crate) mod ledger;
pub(crate) mod roaming_pass;
pub(crate) mod settlement;
pub(crate) mod tariff;

use std::str::FromStr;

use kernel::{Currency, Money, Month};
use platform_db::DbError;
use sea_orm::{QueryResult, TryGetable, Value};
use uuid::Uuid;

/// The maximum number of values in one `in (…)`.
const MOST_PLACES: usize = 500;

fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T, DbError> {
    Ok(row.try_get("", column)?)
}

fn id<T: From<Uuid>>(row: &QueryResult, column: &str) -> Result<T, DbError> {
    Ok(get::<Uuid>(row, column)?.into())
}

fn maybe_id<T: From<Uuid>>(row: &QueryResult, column: &str) -> Result<Option<T>, DbError> {
    Ok(get::<Option<Uuid>>(row, column)?.map(T::from))
}

/// Reads a column that holds a stored word of an enum.
fn word<T>(row: &QueryResult, table: &'static str, column: &str) -> Result<T, DbError>
where
    T: FromStr,
    T::Err: ToString,
{
    parsed(table, &get::<String>(row, column)?)
}

/// Reads a column that holds a currency, in use or no longer.
fn currency(row: &QueryResult, table: &'static str, column: &str) -> Result<Currency, DbError> {
    recorded_currency(table, &get::<String>(row, column)?)
}

/// Parses a stored currency, in use or no longer.
fn recorded_currency(table: &'static str, code: &str) -> Result<Currency, DbError> {
    Currency::recorded(code).map_err(|error| DbError::inconsistent(table, error))
}

/// Reads a column that holds a month, in any year.
fn month(row: &QueryResult, table: &'static str, column: &str) -> Result<Month, DbError> {
    Month::recorded(&get::<String>(row, column)?).map_err(|error| DbError::inconsistent(table, error))
}

/// Parses a stored word.
fn parsed<T>(table: &'static str, text: &str) -> Result<T, DbError>
where
    T: FromStr,
    T::Err: ToString,
{
    text.parse().map_err(|error: T::Err| DbError::inconsistent(table, error))
}

/// Reads an amount in a currency.
fn money(row: &QueryResult, column: &str, currency: Currency) -> Result<Money, DbError> {
    Ok(Money::new(get(row, column)?, currency))
}

/// Converts a number that is stored wider than its type.
fn narrow<T: TryFrom<i64>>(table: &'static str, stored: i64) -> Result<T, DbError> {
    T::try_from(stored).map_err(|_too_wide| DbError::inconsistent(table, format!("{stored} is out of range")))
}

fn uuid<T: Into<Uuid>>(id: T) -> Value {
    id.into().into()
}

fn maybe_uuid<T: Into<Uuid>>(id: Option<T>) -> Value {
    id.map(Into::<Uuid>::into).into()
}
