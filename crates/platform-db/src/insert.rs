//! Inserts many rows.
//!
//! Always true: on PostgreSQL the statement for many rows has the same text for any number of rows, so it is prepared
//! and planned once. A few rows are sent as they are, with one kept statement for each number of rows. SQLite gets as
//! many statements as its bind limit requires.

use sea_orm::Value;
use serde::{Serialize, Serializer, ser::Error as _};

use crate::{DbError, Tx};

/// Up to this many rows are sent as they are.
const FEW_ROWS: usize = 8;
/// SQLite takes 32,766 values in a statement, and prepares short ones once for many uses.
const MOST_VALUES: usize = 1_000;

/// Rows to insert into one table.
#[derive(Debug)]
pub struct Insert {
    /// `insert into t (a, b)`.
    pub head: String,
    /// The rows, all of one width.
    pub rows: Vec<Vec<Value>>,
    /// An `on conflict` clause, or an empty text.
    pub tail: &'static str,
}

impl Insert {
    /// Returns the rows in the form that PostgreSQL's `json_populate_recordset` reads.
    ///
    /// # Errors
    /// Fails if a value has no such form or the head is malformed.
    pub fn into_json(self) -> Result<String, DbError> {
        let Some((_, columns)) = table_and_columns(&self.head) else {
            return Err(DbError::inconsistent("insert", self.head));
        };
        recordset(&columns, &self.rows)
    }
}

impl Tx {
    /// Inserts many rows with as few statements as the dialects allow; returns the number of changed rows. `head` is
    /// `insert into t (a, b)`, `tail` an `on conflict` clause or empty.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn insert_rows<const N: usize>(
        &self,
        head: &str,
        rows: Vec<[Value; N]>,
        tail: &str,
    ) -> Result<u64, DbError> {
        self.insert(head, rows.into_iter().map(Vec::from).collect(), tail).await
    }

    /// Inserts into several tables, in one round trip if the database can. PostgreSQL executes every part of a `with`,
    /// whether or not the rest refers to it.
    pub(crate) async fn insert_all(&self, mut inserts: Vec<Insert>) -> Result<(), DbError> {
        inserts.retain(|insert| !insert.rows.is_empty());
        if !self.is_postgres() || inserts.len() < 2 {
            for insert in inserts {
                self.insert(&insert.head, insert.rows, insert.tail).await?;
            }
            return Ok(());
        }
        let mut values = Vec::new();
        let mut parts = Vec::with_capacity(inserts.len());
        for Insert { head, rows, tail } in inserts {
            parts.push(of_any_number(&head, rows, tail, &mut values)?);
        }
        let last = parts.pop().unwrap_or_default();
        let before: Vec<String> =
            parts.iter().enumerate().map(|(place, part)| format!("part_{place} as ({part})")).collect();
        self.run(&format!("with {} {last}", before.join(", ")), values).await?;
        Ok(())
    }

    async fn insert(&self, head: &str, rows: Vec<Vec<Value>>, tail: &str) -> Result<u64, DbError> {
        let Some(width) = rows.first().map(Vec::len) else { return Ok(0) };
        if self.is_postgres() {
            let mut values = Vec::new();
            let sql = of_any_number(head, rows, tail, &mut values)?;
            return Ok(self.run(&sql, values).await?.rows_affected());
        }
        let mut changed = 0;
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut values = Vec::new();
            let sql = as_they_are(head, rows.by_ref().take(MOST_VALUES / width), tail, &mut values);
            changed += self.run(&sql, values).await?.rows_affected();
        }
        Ok(changed)
    }
}

/// One PostgreSQL statement for any number of rows; its values are appended to `values`.
fn of_any_number(
    head: &str,
    rows: Vec<Vec<Value>>,
    tail: &str,
    values: &mut Vec<Value>,
) -> Result<String, DbError> {
    match table_and_columns(head) {
        Some((table, columns)) if rows.len() > FEW_ROWS => {
            values.push(recordset(&columns, &rows)?.into());
            let (place, columns) = (values.len(), columns.join(", "));
            Ok(format!(
                "{head} select {columns} from json_populate_recordset(cast(null as {table}), \
                 cast(cast(${place} as text) as json)) {tail}"
            ))
        }
        _ => Ok(as_they_are(head, rows.into_iter(), tail, values)),
    }
}

fn as_they_are(
    head: &str,
    rows: impl Iterator<Item = Vec<Value>>,
    tail: &str,
    values: &mut Vec<Value>,
) -> String {
    let mut tuples = Vec::new();
    for row in rows {
        let places: Vec<String> = (1..=row.len()).map(|place| format!("${}", values.len() + place)).collect();
        tuples.push(format!("({})", places.join(", ")));
        values.extend(row);
    }
    format!("{head} values {} {tail}", tuples.join(", "))
}

fn table_and_columns(head: &str) -> Option<(&str, Vec<&str>)> {
    let (table, columns) = head.strip_prefix("insert into ")?.split_once('(')?;
    Some((table.trim(), columns.strip_suffix(')')?.split(',').map(str::trim).collect()))
}

/// Rows in the form that PostgreSQL reads into the types of a table.
fn recordset(columns: &[&str], rows: &[Vec<Value>]) -> Result<String, DbError> {
    let records: Vec<Record<'_>> = rows.iter().map(|cells| Record { columns, cells }).collect();
    serde_json::to_string(&records).map_err(|error| DbError::inconsistent("insert", error))
}

/// One row, by the names of its columns.
struct Record<'r> {
    columns: &'r [&'r str],
    cells: &'r [Value],
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().zip(self.cells.iter().map(Cell)))
    }
}

struct Cell<'r>(&'r Value);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(flag) => flag.serialize(serializer),
            Value::Int(number) => number.serialize(serializer),
            Value::BigInt(number) => number.serialize(serializer),
            Value::String(text) => text.serialize(serializer),
            Value::Uuid(Some(id)) => serializer.collect_str(id),
            Value::ChronoDateTimeUtc(Some(at)) => serializer.serialize_str(&at.to_rfc3339()),
            Value::ChronoDate(Some(day)) => serializer.collect_str(day),
            Value::Json(json) => json.serialize(serializer),
            Value::Uuid(None) | Value::ChronoDateTimeUtc(None) | Value::ChronoDate(None) => {
                serializer.serialize_none()
            }
            other => Err(S::Error::custom(format!("{other:?} is of no type we keep"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ts;

    const HEAD: &str = "insert into pass (pass_id, note, until)";

    fn rows(count: usize) -> Vec<Vec<Value>> {
        (0..count)
            .map(|_| vec![7_i64.into(), "a\"b".into(), Ts(jiff::Timestamp::UNIX_EPOCH).into()])
            .collect()
    }

    #[test]
    fn a_few_rows_go_as_they_are() {
        let mut values = vec![Value::from(1_i64)];
        let sql = of_any_number(HEAD, rows(2), "on conflict do nothing", &mut values).unwrap_or_default();
        assert_eq!(sql, format!("{HEAD} values ($2, $3, $4), ($5, $6, $7) on conflict do nothing"));
        assert_eq!(values.len(), 7);
    }

    #[test]
    fn the_number_of_many_rows_does_not_change_the_statement() {
        let statement = |count| {
            let mut values = Vec::new();
            let sql = of_any_number(HEAD, rows(count), "", &mut values).unwrap_or_default();
            (sql, values.len())
        };
        assert_eq!(statement(9), statement(400));
        assert_eq!(statement(9).1, 1);
    }

    #[test]
    fn a_record_equals_its_row() {
        let columns = table_and_columns(HEAD).map(|(_, columns)| columns).unwrap_or_default();
        let json = recordset(&columns, &rows(1)).unwrap_or_default();
        assert_eq!(json, r#"[{"pass_id":7,"note":"a\"b","until":"1970-01-01T00:00:00+00:00"}]"#);
    }
}
