//! The statement that reads a person's rows of one table.
//!
//! Always true: names of tables and columns come from the marks, never from outside; everything else is a bound value.

use std::collections::BTreeMap;

use kernel::{DataSubject, ExportedTable, Leads, PageError, PersonalColumn, Shown};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::{ReadError, cell::Kind, kind};
use crate::Tx;

/// A query for a person's rows: the table and its columns.
pub(super) struct Statement<'a> {
    pub(super) tx: &'a Tx,
    pub(super) subject: DataSubject,
    pub(super) table: &'static ExportedTable,
    pub(super) columns: &'static [PersonalColumn],
    pub(super) kinds: &'a BTreeMap<String, Kind>,
}

/// The columns that an export shows of a table: the personal ones, and those beside them.
pub(super) fn shown_columns(table: &ExportedTable, columns: &[PersonalColumn]) -> Vec<&'static str> {
    let personal = personal_columns(table, columns).map(|it| it.column);
    personal.chain(table.beside.iter().copied()).collect()
}

fn personal_columns<'a>(
    table: &'a ExportedTable,
    columns: &'a [PersonalColumn],
) -> impl Iterator<Item = &'a PersonalColumn> {
    columns.iter().filter(|it| it.table == table.table && !matches!(it.shown, Shown::Never(_)))
}

impl Statement<'_> {
    /// Reads the rows after a key, limited to these actions if some are given.
    pub(super) async fn rows(
        &self,
        actions: Option<&[&'static str]>,
        after: Option<&[String]>,
        limit: usize,
    ) -> Result<Vec<QueryResult>, ReadError> {
        let mut values = Values::default();
        let columns = self.select(&mut values);
        let mut conditions = vec![
            format!("network_id = {}", values.bind(Uuid::from(self.subject.network))),
            self.leads(self.table.leads, &mut values),
        ];
        if let Some(actions) = actions {
            let places: Vec<String> = actions.iter().map(|action| values.bind(*action)).collect();
            conditions.push(if places.is_empty() {
                "1 = 0".into()
            } else {
                format!("action in ({})", places.join(", "))
            });
        }
        if let Some(after) = after {
            conditions.push(self.after(after, &mut values)?);
        }
        let (table, order) = (self.table.table, self.table.key.join(", "));
        let limit = values.bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let conditions = conditions.join(" and ");
        let sql = format!("select {columns} from {table} where {conditions} order by {order} limit {limit}");
        Ok(self.tx.rows(&sql, values.0).await?)
    }

    /// The shown columns and the key, which may not be shown.
    fn select(&self, values: &mut Values) -> String {
        let mut columns: Vec<String> = Vec::new();
        for it in personal_columns(self.table, self.columns) {
            let column = it.column;
            columns.push(match it.shown {
                Shown::When(leads) => {
                    format!("case when {} then {column} end as {column}", self.leads(leads, values))
                }
                Shown::Always | Shown::Never(_) => column.to_owned(),
            });
        }
        let shown = shown_columns(self.table, self.columns);
        columns.extend(self.table.beside.iter().map(|it| (*it).to_owned()));
        columns.extend(self.table.key.iter().filter(|key| !shown.contains(key)).map(|it| (*it).to_owned()));
        columns.join(", ")
    }

    /// Whether a row leads to the person by any of these.
    fn leads(&self, leads: &[Leads], values: &mut Values) -> String {
        let any: Vec<String> = leads.iter().map(|lead| self.lead(lead, values)).collect();
        format!("({})", any.join(" or "))
    }

    fn lead(&self, lead: &Leads, values: &mut Values) -> String {
        let DataSubject { network, person, member } = self.subject;
        match lead {
            Leads::Person(column) => format!("{column} = {}", values.bind(Uuid::from(person))),
            Leads::PersonWhere(column, holds) => {
                format!("({column} = {} and {holds})", values.bind(Uuid::from(person)))
            }
            Leads::Member(column) => match member {
                Some(member) => format!("{column} = {}", values.bind(Uuid::from(member))),
                None => "1 = 0".into(),
            },
            Leads::Named(column) => {
                let names: Vec<String> = self.names().map(|name| values.bind(name)).collect();
                format!("{column} in ({})", names.join(", "))
            }
            Leads::Mentioned(column) => {
                let find = if self.tx.is_postgres() { "strpos" } else { "instr" };
                let any: Vec<String> =
                    self.names().map(|name| format!("{find}({column}, {}) > 0", values.bind(name))).collect();
                any.join(" or ")
            }
            Leads::Through(column, table, leads) => {
                let network = values.bind(Uuid::from(network));
                let leads = self.leads(leads, values);
                format!("{column} in (select {column} from {table} where network_id = {network} and {leads})")
            }
        }
    }

    /// The person's ids in their written form.
    fn names(&self) -> impl Iterator<Item = String> + use<> {
        let member = self.subject.member.map(|member| member.to_string());
        std::iter::once(self.subject.person.to_string()).chain(member)
    }

    fn after(&self, after: &[String], values: &mut Values) -> Result<String, ReadError> {
        let key = self.table.key;
        if after.len() != key.len() {
            return Err(PageError::Cursor.into());
        }
        let mut places = Vec::with_capacity(key.len());
        for (column, text) in key.iter().zip(after) {
            let value = kind(self.kinds, column)?.value(text).ok_or(PageError::Cursor)?;
            places.push(values.bind(value));
        }
        Ok(format!("({}) > ({})", key.join(", "), places.join(", ")))
    }
}

/// The values of a statement, in the order of their placeholders.
#[derive(Default)]
struct Values(Vec<Value>);

impl Values {
    /// Adds a value and returns its placeholder.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }
}
