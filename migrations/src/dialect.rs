//! Writes the text of a migration in the dialect of one of the two databases.
//!
//! A text has placeholders for types: `{uuid}`, `{ts}` (an instant), `{day}` (a calendar day), `{position}` (an
//! auto-incremented key). Lines that begin with `-- @` are directives:
//!
//! - `-- @tenant hub|network|directory TABLE…` puts tables under row-level security ([`generated::tenant`]);
//! - `-- @append-only TABLE…` makes the database refuse changes of their rows ([`generated::append_only`]);
//! - `-- @only sqlite|postgres` begins lines for one database, up to the next `@only`, `-- @both` or the end;
//! - `-- @all-rows TABLE…` lets the rest of the file see the rows of all tenants ([`generated::all_rows`]).

use sea_orm::{DbBackend, DbErr};

use crate::generated::{self, Tenancy};

/// Returns the SQL of a migration for a database.
///
/// # Errors
/// Fails if a directive is unknown.
pub(crate) fn translate(text: &str, backend: DbBackend) -> Result<String, DbErr> {
    let mut sql = Vec::new();
    let mut last = Vec::new();
    let mut is_for_this = true;
    for line in text.lines() {
        match directive(line)? {
            None if is_for_this => sql.push(with_types(line, backend)),
            Some(Directive::Only(only)) => is_for_this = only.is_none_or(|only| only == backend),
            Some(Directive::Generate(generate)) if is_for_this => {
                let (here, at_the_end) = generate.sql(backend);
                sql.push(here);
                last.push(at_the_end);
            }
            None | Some(Directive::Generate(_)) => {}
        }
    }
    sql.extend(last);
    Ok(sql.join("\n"))
}

enum Directive<'a> {
    /// The following lines are for one database, or again for both.
    Only(Option<DbBackend>),
    Generate(Generate<'a>),
}

enum Generate<'a> {
    Tenant(Tenancy, Vec<&'a str>),
    AppendOnly(Vec<&'a str>),
    AllRows(Vec<&'a str>),
}

impl Generate<'_> {
    /// Returns the SQL in place of the directive, and the SQL at the end of the file.
    fn sql(&self, backend: DbBackend) -> (String, String) {
        let of = |tables: &[&str], write: &dyn Fn(&str) -> String| {
            tables.iter().map(|table| write(table)).collect::<Vec<_>>().join("\n")
        };
        match self {
            Self::Tenant(tenancy, tables) => {
                (of(tables, &|table| generated::tenant(table, *tenancy, backend)), String::new())
            }
            Self::AppendOnly(tables) => {
                (of(tables, &|table| generated::append_only(table, backend)), String::new())
            }
            Self::AllRows(tables) => (
                of(tables, &|table| generated::all_rows(table, true, backend)),
                of(tables, &|table| generated::all_rows(table, false, backend)),
            ),
        }
    }
}

/// Parses a line that is a directive.
fn directive(line: &str) -> Result<Option<Directive<'_>>, DbErr> {
    let Some(text) = line.trim_start().strip_prefix("-- @") else { return Ok(None) };
    let words: Vec<&str> = text.split_whitespace().collect();
    let parsed = match words.as_slice() {
        ["both"] => Directive::Only(None),
        ["only", "postgres"] => Directive::Only(Some(DbBackend::Postgres)),
        ["only", "sqlite"] => Directive::Only(Some(DbBackend::Sqlite)),
        ["tenant", tenancy, tables @ ..] if !tables.is_empty() => {
            let tenancy = Tenancy::named(tenancy).ok_or_else(|| unknown(line))?;
            Directive::Generate(Generate::Tenant(tenancy, tables.to_vec()))
        }
        ["append-only", tables @ ..] if !tables.is_empty() => {
            Directive::Generate(Generate::AppendOnly(tables.to_vec()))
        }
        ["all-rows", tables @ ..] if !tables.is_empty() => {
            Directive::Generate(Generate::AllRows(tables.to_vec()))
        }
        _ => return Err(unknown(line)),
    };
    Ok(Some(parsed))
}

fn unknown(line: &str) -> DbErr {
    DbErr::Migration(format!("{line:?} is no directive of a migration"))
}

/// Returns the type of an instant.
pub(crate) fn instant(backend: DbBackend) -> String {
    with_types("{ts}", backend)
}

fn with_types(line: &str, backend: DbBackend) -> String {
    let types = if backend == DbBackend::Postgres {
        [
            ("{uuid}", "uuid"),
            ("{ts}", "timestamptz"),
            ("{day}", "date"),
            ("{position}", "bigint generated always as identity primary key"),
        ]
    } else {
        [
            ("{uuid}", "uuid_text"),
            ("{ts}", "timestamp_with_timezone_text"),
            ("{day}", "date_text"),
            ("{position}", "integer primary key autoincrement"),
        ]
    };
    types.iter().fold(line.to_owned(), |line, (placeholder, name)| line.replace(placeholder, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "-- Why.\ncreate table a (b {uuid});\n-- @all-rows a\n-- @only sqlite\none;\n-- @only postgres\n\
        other;\n-- @both\nlast;\n";

    #[test]
    fn lines_for_one_database_are_left_out_for_the_other() {
        let sqlite = translate(TEXT, DbBackend::Sqlite).expect("SQL");
        assert_eq!(sqlite.trim_end(), "-- Why.\ncreate table a (b uuid_text);\n\none;\nlast;");
        let postgres = translate(TEXT, DbBackend::Postgres).expect("SQL");
        let expected = "-- Why.\ncreate table a (b uuid);\nalter table a no force row level security;\nother;\nlast;\n\
            alter table a force row level security;";
        assert_eq!(postgres, expected);
    }

    #[test]
    fn a_misspelt_directive_is_refused() {
        for line in
            ["-- @tenant", "-- @tenant hub", "-- @tenant city a", "-- @only mysql", "-- @append_only a"]
        {
            assert!(translate(line, DbBackend::Sqlite).is_err(), "{line}");
        }
    }
}
