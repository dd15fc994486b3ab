//! Lookups of many keys at once.
//!
//! Always true: on PostgreSQL the text of a statement does not depend on the number of keys, so it is prepared and
//! planned once. SQLite has no arrays and gets a placeholder for each key.

use sea_orm::Value;
use uuid::Uuid;

use crate::Tx;

/// A value that rows are looked up by.
pub trait Key: Clone + Into<Value> {
    /// PostgreSQL's array type of such keys.
    const ARRAY: &'static str;
    /// The key as PostgreSQL reads it inside an array, unquoted.
    fn text(&self) -> String;
}

impl Key for Uuid {
    const ARRAY: &'static str = "uuid[]";
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Key for i64 {
    const ARRAY: &'static str = "bigint[]";
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Key for String {
    const ARRAY: &'static str = "text[]";
    fn text(&self) -> String {
        self.clone()
    }
}

impl Tx {
    /// Returns the condition that `column` is one of the keys, and the values of its placeholders, which begin at
    /// `$first`.
    pub fn among<K: Key>(&self, column: &str, first: usize, keys: &[K]) -> (String, Vec<Value>) {
        among(self.is_postgres(), column, first, keys)
    }

    /// Does the same for ids.
    pub fn among_ids<T: Copy + Into<Uuid>>(
        &self,
        column: &str,
        first: usize,
        ids: &[T],
    ) -> (String, Vec<Value>) {
        let keys: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
        self.among(column, first, &keys)
    }

    /// Returns a subquery of the keys, at least one, with the column `key`, and its values; placeholders begin at
    /// `$first`.
    pub fn keys<K: Key>(&self, first: usize, keys: &[K]) -> (String, Vec<Value>) {
        table_of(self.is_postgres(), first, keys)
    }
}

fn table_of<K: Key>(is_postgres: bool, first: usize, keys: &[K]) -> (String, Vec<Value>) {
    if is_postgres {
        let array = K::ARRAY;
        return (
            format!("(select unnest(cast(cast(${first} as text) as {array})) as key) as keys"),
            vec![literal(keys).into()],
        );
    }
    let places: Vec<String> = (first..first + keys.len()).map(|place| format!("(${place})")).collect();
    (
        format!("(select column1 as key from (values {})) as keys", places.join(", ")),
        keys.iter().cloned().map(Into::into).collect(),
    )
}

pub(crate) fn among<K: Key>(
    is_postgres: bool,
    column: &str,
    first: usize,
    keys: &[K],
) -> (String, Vec<Value>) {
    if is_postgres {
        // Bound as text and parsed by the server: the driver's arrays would need a cargo feature of their own.
        let array = K::ARRAY;
        return (
            format!("{column} = any(cast(cast(${first} as text) as {array}))"),
            vec![literal(keys).into()],
        );
    }
    let places: Vec<String> = (first..first + keys.len()).map(|place| format!("${place}")).collect();
    (format!("{column} in ({})", places.join(", ")), keys.iter().cloned().map(Into::into).collect())
}

/// An array in PostgreSQL's syntax, every element quoted.
fn literal<K: Key>(keys: &[K]) -> String {
    let quoted: Vec<String> = keys
        .iter()
        .map(|key| format!("\"{}\"", key.text().replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{{{}}}", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_keys_does_not_change_the_statement_on_postgresql() {
        let (one, _) = among(true, "id", 2, &[1_i64]);
        let (three, values) = among(true, "id", 2, &[1_i64, 2, 3]);
        assert_eq!(one, three);
        assert_eq!(values, vec![Value::from("{\"1\",\"2\",\"3\"}".to_owned())]);
    }

    #[test]
    fn sqlite_has_a_place_for_each_key() {
        let (text, values) = among(false, "id", 2, &[1_i64, 2]);
        assert_eq!((text.as_str(), values.len()), ("id in ($2, $3)", 2));
    }

    #[test]
    fn a_key_cannot_leave_its_quotes() {
        assert_eq!(literal(&[r#"a"b\c,}"#.to_owned()]), r#"{"a\"b\\c,}"}"#);
    }
}
