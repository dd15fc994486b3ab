//! Exports a service's data about a person to that person, piece by piece.
//!
//! Always true:
//! - The marks ([`kernel::Export`]) determine what is read: every personal column that is not withheld. A new personal
//!   column is therefore exported by default.
//! - A piece holds at most [`MOST_ROWS`] rows, however long the history; the next one starts after the last row's key.
//! - Every statement is limited to the caller's network and to rows that lead to the caller; no other person can be
//!   exported.
//! - Pieces are separate transactions: a later piece may include changes made meanwhile.

mod cell;
mod statement;

use std::collections::BTreeMap;

use kernel::{
    AuthError, Coded, DataSubject, ErrorCode, Export, ExportedTable, OpContext, PageError, PersonalPiece,
};
use sea_orm::QueryResult;
use serde_json::{Map, Value as Json};

use self::{
    cell::Kind,
    statement::{Statement, shown_columns},
};
use crate::{Db, DbError, Reach, Tx, personal};

/// The most rows of a piece.
pub const MOST_ROWS: usize = 500;
/// Requests and their keys, files and mail. If services share one database, one of them shows those of all.
const SHARED: [&str; 5] = ["idempotency", "file", "mail", "mail_preference", "mail_undeliverable"];
/// The audit log. If services share one database, each shows its own actions.
const AUDIT: &str = "audit";

/// Why nothing is read of a log or an export.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The caller may not read it.
    #[error(transparent)]
    Refused(#[from] AuthError),
    /// The cursor or another argument of the page is invalid.
    #[error("{field} {rule}", field = .0.field(), rule = .0)]
    Page(#[from] PageError),
    /// The database did not respond.
    #[error("the database did not answer")]
    Db(#[from] DbError),
}

impl Coded for ReadError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(refused) => refused.code(),
            Self::Page(_) => ErrorCode::InvalidInput,
            Self::Db(error) => error.code(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Page(error) => Some(error.field()),
            _ => None,
        }
    }
}

/// Reads a piece of a service's data about the caller: the first one, or the one after a cursor.
///
/// # Errors
/// See [`ReadError`].
pub async fn export_personal(
    db: &Db,
    op: &OpContext,
    export: &Export,
    after: Option<&str>,
) -> Result<PersonalPiece, ReadError> {
    let subject = DataSubject::of(op)?;
    let place = after.map(Place::read).transpose()?;
    let tables = tables(db, export);
    let first = match &place {
        None => 0,
        Some(place) => tables.iter().position(|it| it.table == place.table).ok_or(PageError::Cursor)?,
    };
    let tx = db.read(Reach::Network(subject.network)).await?;
    let mut piece = PersonalPiece::default();
    let mut room = MOST_ROWS;
    for (table, skipped) in tables.iter().skip(first).zip(0_usize..) {
        let key = place.as_ref().filter(|_| skipped == 0).map(|place| place.key.as_slice());
        let kinds = kinds(&tx, table.table).await?;
        let actions = (table.table == AUDIT).then_some(export.audit_events);
        // One extra row shows whether there are more.
        let statement =
            Statement { tx: &tx, subject, table, columns: columns_of(export, table), kinds: &kinds };
        let mut rows = statement.rows(actions, key, room + 1).await?;
        let is_cut = rows.len() > room;
        rows.truncate(room);
        room -= rows.len();
        let last = rows.last().map(|row| key_of(row, table, &kinds)).transpose()?;
        let shown = shown_columns(table, columns_of(export, table));
        let rows = rows.iter().map(|row| show(row, &shown, &kinds)).collect::<Result<Vec<_>, _>>()?;
        if !rows.is_empty() {
            piece.tables.push((table.table, rows));
        }
        if is_cut {
            let key = last.or_else(|| key.map(<[String]>::to_vec)).unwrap_or_default();
            piece.next = Some(Place { table: table.table.to_owned(), key }.write());
            break;
        }
    }
    Ok(piece)
}

/// The tables of an export in its order, followed by the platform's own.
fn tables(db: &Db, export: &Export) -> Vec<&'static ExportedTable> {
    let shows_keys = !db.is_embedded() || export.shows_shared_keys;
    let shared = personal::EXPORT.tables.iter().filter(|it| shows_keys || !SHARED.contains(&it.table));
    export.tables.iter().chain(shared).collect()
}

fn columns_of(export: &Export, table: &ExportedTable) -> &'static [kernel::PersonalColumn] {
    let is_own = export.tables.iter().any(|it| it.table == table.table);
    if is_own { export.columns } else { personal::EXPORT.columns }
}

/// The type of each column of a table.
async fn kinds(tx: &Tx, table: &str) -> Result<BTreeMap<String, Kind>, DbError> {
    let sql = if tx.is_postgres() {
        "select cast(column_name as text) as name, cast(data_type as text) as kind from information_schema.columns \
         where table_schema = current_schema() and table_name = $1"
    } else {
        "select name, type as kind from pragma_table_info($1)"
    };
    let rows = tx.rows(sql, [table.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "name")?, Kind::of(&row.try_get::<String>("", "kind")?))))
        .collect()
}

fn show(row: &QueryResult, columns: &[&str], kinds: &BTreeMap<String, Kind>) -> Result<Json, DbError> {
    let cells =
        columns.iter().map(|column| Ok(((*column).to_owned(), kind(kinds, column)?.show(row, column)?)));
    Ok(Json::Object(cells.collect::<Result<Map<_, _>, DbError>>()?))
}

fn key_of(
    row: &QueryResult,
    table: &ExportedTable,
    kinds: &BTreeMap<String, Kind>,
) -> Result<Vec<String>, DbError> {
    let text = |cell: Json| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
    let cell = |column: &&str| Ok(text(kind(kinds, column)?.key(row, column)?));
    table.key.iter().map(cell).collect()
}

fn kind(kinds: &BTreeMap<String, Kind>, column: &str) -> Result<Kind, DbError> {
    let unknown = || DbError::inconsistent("catalogue", format!("an exported table has no column {column}"));
    kinds.get(column).copied().ok_or_else(unknown)
}

/// The end of a piece: a table and the key of the last row.
struct Place {
    table: String,
    key: Vec<String>,
}

impl Place {
    fn read(cursor: &str) -> Result<Self, PageError> {
        let (table, key) = cursor.split_once(' ').ok_or(PageError::Cursor)?;
        let key = serde_json::from_str(key).map_err(|_not_a_key| PageError::Cursor)?;
        Ok(Self { table: table.to_owned(), key })
    }

    fn write(&self) -> String {
        format!("{} {}", self.table, Json::from(self.key.clone()))
    }
}
