//! Rewrites texts that were stored before their canonical form existed (`kernel::text`).
//!
//! Always true:
//! - A row changes only if its text, parsed by its current type, differs. A text that the type refuses stays as it is
//!   and is counted in the log.
//! - No two rows are merged. If two e-mails of one network are one mailbox, the row in the canonical form keeps the
//!   address, else the older row; the other row stays as it is, and the log names it by its id. `hubnet doctor` names
//!   both.
//! - No text is logged, because it may be personal. Running the migration again changes nothing.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value},
};
use uuid::Uuid;

/// Rows read at once.
const PAGE: u64 = 1_000;

/// A column with texts.
pub(crate) struct Texts {
    pub(crate) table: &'static str,
    /// The id column; ids of current rows are ordered by time.
    pub(crate) id: &'static str,
    pub(crate) column: &'static str,
    /// The canonical form of a text; `None` if its type refuses it.
    pub(crate) form: fn(&str) -> Option<String>,
    /// Whether a text is unique in a network.
    pub(crate) is_unique: bool,
}

impl Texts {
    pub(crate) const fn of(
        table: &'static str,
        id: &'static str,
        column: &'static str,
        form: fn(&str) -> Option<String>,
    ) -> Self {
        Self { table, id, column, form, is_unique: false }
    }

    /// Returns the same column, marked as unique in a network.
    pub(crate) const fn unique(self) -> Self {
        Self { is_unique: true, ..self }
    }
}

/// Rewrites the texts of the columns.
///
/// # Errors
/// Fails if the database refuses.
pub(crate) async fn rewrite(manager: &SchemaManager<'_>, columns: &[Texts]) -> Result<(), DbErr> {
    for texts in columns {
        force_row_security(manager, texts.table, false).await?;
        let done = rewrite_column(manager, texts).await;
        force_row_security(manager, texts.table, true).await?;
        done?;
    }
    Ok(())
}

/// Switches forced row-level security, under which the owner of a table sees no rows. On PostgreSQL a migration is
/// one transaction, so no other connection sees it switched off.
async fn force_row_security(manager: &SchemaManager<'_>, table: &str, force: bool) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        let force = if force { "force" } else { "no force" };
        let sql = format!("alter table {table} {force} row level security");
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn rewrite_column(manager: &SchemaManager<'_>, texts: &Texts) -> Result<(), DbErr> {
    let Texts { table, id, column, .. } = texts;
    let page = format!(
        "select {id} as id, network_id, {column} as text from {table} where {id} > $1 order by {id} limit {PAGE}"
    );
    let (mut after, mut changed, mut untaken) = (Uuid::nil(), 0_u64, 0_u64);
    loop {
        let rows = manager.get_connection().query_all_raw(statement(manager, &page, [after.into()])).await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("", "id")?;
        for row in &rows {
            let old: String = row.try_get("", "text")?;
            match (texts.form)(&old) {
                None => untaken += 1,
                Some(new) if new == old => {}
                Some(new) => {
                    let place = (row.try_get("", "network_id")?, row.try_get("", "id")?);
                    changed += u64::from(replace(manager, texts, place, new).await?);
                }
            }
        }
    }
    if changed + untaken > 0 {
        tracing::info!(table, column, changed, untaken, "texts were brought to their one form");
    }
    Ok(())
}

/// Replaces the text of a row, unless another row has that text.
async fn replace(
    manager: &SchemaManager<'_>,
    texts: &Texts,
    (network, row): (Uuid, Uuid),
    new: String,
) -> Result<bool, DbErr> {
    let Texts { table, id, column, .. } = texts;
    if texts.is_unique {
        let taken = format!("select {id} as id from {table} where network_id = $1 and {column} = $2");
        let taken = statement(manager, &taken, [network.into(), new.clone().into()]);
        if let Some(other) = manager.get_connection().query_one_raw(taken).await? {
            let other: Uuid = other.try_get("", "id")?;
            tracing::warn!(table, column, %row, %other, "two rows are one mailbox; the first stays as it was");
            return Ok(false);
        }
    }
    let sql = format!("update {table} set {column} = $1 where network_id = $2 and {id} = $3");
    let values = [new.into(), network.into(), row.into()];
    manager.get_connection().execute_raw(statement(manager, &sql, values)).await?;
    Ok(true)
}

fn statement(manager: &SchemaManager<'_>, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(manager.get_database_backend(), sql, values)
}

/// Returns the canonical form of an e-mail address.
pub(crate) fn email(text: &str) -> Option<String> {
    kernel::EmailAddress::parse(text).ok().map(Into::into)
}

/// Returns the canonical form of a single-line text; the limit of its field applied when it was stored.
pub(crate) fn line(text: &str) -> Option<String> {
    kernel::Label::<{ usize::MAX }>::parse(text).ok().map(Into::into)
}

/// Returns the canonical form of a postal address, line by line. An address in that form is returned unchanged.
pub(crate) fn address(text: &str) -> Option<String> {
    let old: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let lines = old.iter().map(|(key, value)| Some((key.clone(), line(value.as_str()?)?.into())));
    let new: serde_json::Map<_, _> = lines.collect::<Option<_>>()?;
    if new == old { Some(text.to_owned()) } else { serde_json::to_string(&new).ok() }
}

/// Returns the canonical form of a multi-line text.
pub(crate) fn lines(text: &str) -> Option<String> {
    kernel::FreeText::<{ usize::MAX }>::parse(text).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_brought_to_its_form_line_by_line_and_only_if_it_has_another() {
        let whole = r#"{"street":"Náměstí 1","city":"Humpolec","postal_code":"396 01","country":"CZ"}"#;
        assert_eq!(address(whole).as_deref(), Some(whole));
        let old = whole.replace("Humpolec", " Humpolec\u{A0}").replace('á', "a\u{301}");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(read(&address(&old).expect("an address")), read(whole));
        assert_eq!(address(&whole.replace("Humpolec", "")), None);
    }
}
