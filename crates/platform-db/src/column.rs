//! Columns: ids, instants, words and numbers as values of a statement, and read from a row. The same in every store.
//!
//! Always true: a stored value that its type refuses is an inconsistency of its table, never a panic and never another
//! value.

use std::str::FromStr;

use jiff::Timestamp;
use kernel::{Currency, Money, Month};
use sea_orm::{QueryResult, TryGetable, Value};
use uuid::Uuid;

use crate::{DbError, Ts, Tx};

/// An id as a value.
pub fn id<T: Into<Uuid>>(id: T) -> Value {
    id.into().into()
}

/// An optional id as a value.
pub fn maybe_id<T: Into<Uuid>>(id: Option<T>) -> Value {
    id.map(Into::<Uuid>::into).into()
}

/// An instant as a value.
pub fn at(instant: Timestamp) -> Value {
    Ts(instant).into()
}

/// An optional instant as a value.
pub fn maybe_at(instant: Option<Timestamp>) -> Value {
    instant.map(Ts).into()
}

/// Reads a column of a type that the database has.
///
/// # Errors
/// Fails if there is no such column of this type.
pub fn read<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T, DbError> {
    Ok(row.try_get("", column)?)
}

/// Reads an id.
///
/// # Errors
/// Fails if there is no such column of this type.
pub fn read_id<T: From<Uuid>>(row: &QueryResult, column: &str) -> Result<T, DbError> {
    Ok(read::<Uuid>(row, column)?.into())
}

/// Reads an optional id.
///
/// # Errors
/// Fails if there is no such column of this type.
pub fn read_maybe_id<T: From<Uuid>>(row: &QueryResult, column: &str) -> Result<Option<T>, DbError> {
    Ok(read::<Option<Uuid>>(row, column)?.map(T::from))
}

/// Reads an instant.
///
/// # Errors
/// Fails if there is no such column of this type.
pub fn read_at(row: &QueryResult, column: &str) -> Result<Timestamp, DbError> {
    Ok(read::<Ts>(row, column)?.0)
}

/// Reads an optional instant.
///
/// # Errors
/// Fails if there is no such column of this type.
pub fn read_maybe_at(row: &QueryResult, column: &str) -> Result<Option<Timestamp>, DbError> {
    Ok(read::<Option<Ts>>(row, column)?.map(|ts| ts.0))
}

/// Reads a text that its type parses: a word of an enum, a zone, a decimal.
///
/// # Errors
/// Fails if the type refuses it.
pub fn read_parsed<T>(row: &QueryResult, table: &'static str, column: &str) -> Result<T, DbError>
where
    T: FromStr,
    T::Err: ToString,
{
    parsed(table, &read::<String>(row, column)?)
}

/// Reads a word of an enum (`kernel::stored_words`).
///
/// # Errors
/// Fails if it is no word of the enum.
pub fn read_word<T>(
    row: &QueryResult,
    table: &'static str,
    column: &str,
    from_word: impl Fn(&str) -> Option<T>,
) -> Result<T, DbError> {
    let word: String = read(row, column)?;
    from_word(&word).ok_or_else(|| DbError::inconsistent(table, format!("{column} {word:?}")))
}

/// Parses a stored text.
///
/// # Errors
/// Fails if the type refuses it.
pub fn parsed<T>(table: &'static str, text: &str) -> Result<T, DbError>
where
    T: FromStr,
    T::Err: ToString,
{
    text.parse().map_err(|error: T::Err| DbError::inconsistent(table, error))
}

/// Reads a currency, in use or no longer.
///
/// # Errors
/// Fails if it never was one.
pub fn read_currency(row: &QueryResult, table: &'static str, column: &str) -> Result<Currency, DbError> {
    recorded_currency(table, &read::<String>(row, column)?)
}

/// Parses a stored currency, in use or no longer.
///
/// # Errors
/// Fails if it never was one.
pub fn recorded_currency(table: &'static str, code: &str) -> Result<Currency, DbError> {
    Currency::recorded(code).map_err(|error| DbError::inconsistent(table, error))
}

/// Reads a month, of any year.
///
/// # Errors
/// Fails if it is none.
pub fn read_month(row: &QueryResult, table: &'static str, column: &str) -> Result<Month, DbError> {
    Month::recorded(&read::<String>(row, column)?).map_err(|error| DbError::inconsistent(table, error))
}

/// Reads an amount in a currency.
///
/// # Errors
/// Fails if there is no such column of this type.
pub fn read_money(row: &QueryResult, column: &str, currency: Currency) -> Result<Money, DbError> {
    Ok(Money::new(read(row, column)?, currency))
}

/// Converts a number that is stored wider than its type.
///
/// # Errors
/// Fails if it is too large for the type.
pub fn narrow<T: TryFrom<i64>>(table: &'static str, stored: i64) -> Result<T, DbError> {
    T::try_from(stored).map_err(|_too_wide| DbError::inconsistent(table, format!("{stored} is out of range")))
}

/// The end of a statement that locks its rows until the commit; SQLite has one writer at a time anyway.
pub fn for_update(tx: &Tx) -> &'static str {
    if tx.is_postgres() { "for update" } else { "" }
}
