//! Checks that the databases take writes and that their data is undamaged.
//!
//! Always true: a row is really written, read back in another transaction and removed. If damage cannot be checked, the
//! line says so and how it could be.

use platform_db::{Db, DbError, Reach, Tx};

use super::Findings;
use crate::App;

const NO_AMCHECK: &str = "not looked for: amcheck cannot be used (as a superuser: `create extension amcheck`, and \
                          `grant execute on function bt_index_check(regclass)` to the services' roles)";

pub(in crate::cli) async fn examine(app: &App, findings: &mut Findings) {
    for (name, db) in app.named_databases() {
        let of = if name == "all" { String::new() } else { format!(" of {name}") };
        let written = db.write_and_read_back().await;
        findings.note(
            &format!("writes{of}"),
            written
                .map(|()| "a row was written, read back and removed".into())
                .map_err(|error| explain(&error)),
        );
        findings.note(&format!("damage{of}"), damage(db).await);
    }
}

/// Fails with the damage that was found; otherwise returns what was checked, or why it could not be.
pub(in crate::cli) async fn damage(db: &Db) -> Result<String, String> {
    let looked = async {
        let tx = db.read(Reach::Directory).await?;
        if db.is_embedded() { in_file(&tx).await } else { in_indexes(&tx).await }
    };
    looked.await.map_err(|error: DbError| explain(&error))?
}

async fn in_file(tx: &Tx) -> Result<Result<String, String>, DbError> {
    for (check, column) in [("integrity_check", "integrity_check"), ("foreign_key_check", "table")] {
        for row in tx.rows(&format!("pragma {check}"), []).await? {
            let found: String = row.try_get("", column)?;
            if found != "ok" {
                return Ok(Err(format!("{check}: {found}. Restore a backup (docs/BACKUP.md)")));
            }
        }
    }
    Ok(Ok("none: integrity_check and foreign_key_check".into()))
}

async fn in_indexes(tx: &Tx) -> Result<Result<String, String>, DbError> {
    const WHERE: &str = "select quote_ident(n.nspname) || '.bt_index_check' as check from pg_extension e \
                         join pg_namespace n on n.oid = e.extnamespace where e.extname = 'amcheck'";
    let Some(row) = tx.row(WHERE, []).await? else { return Ok(Ok(NO_AMCHECK.into())) };
    let check: String = row.try_get("", "check")?;
    let may = format!("select has_function_privilege('{check}(regclass)', 'execute') as may");
    let may = tx.row(&may, []).await?.map(|row| row.try_get::<bool>("", "may")).transpose()?;
    if may != Some(true) {
        return Ok(Ok(NO_AMCHECK.into()));
    }
    // The check reads every index, however long that takes.
    tx.run("select set_config('statement_timeout', '0', true)", []).await?;
    let sql = format!(
        "select count({check}(c.oid)::text) as checked from pg_class c join pg_index i on i.indexrelid = c.oid \
         join pg_am a on a.oid = c.relam where a.amname = 'btree' and i.indisvalid \
         and c.relnamespace = to_regnamespace(current_schema())"
    );
    let row = tx.row(&sql, []).await?;
    let checked: i64 = row.map(|row| row.try_get("", "checked")).transpose()?.unwrap_or_default();
    Ok(Ok(format!("none in {checked} indexes: amcheck")))
}

fn explain(error: &DbError) -> String {
    crate::Exit::because(crate::ExitCode::Unavailable, error).message
}
