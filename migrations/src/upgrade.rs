//! Upgrades a database to the version that this build knows, one process at a time.

use platform_db::Db;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, TransactionTrait};

use crate::{applied, file::MigrationFile, prepare};

/// The folder of the tables that every service has.
const PLUMBING: &str = "plumbing";

/// Returns the login role of a service on PostgreSQL.
pub fn role_of(service: &str) -> String {
    format!("hubnet_{service}")
}

/// Returns the folders of a service's SQL files, in the order in which they are applied.
pub(crate) const fn folders_of(service: &str) -> [&str; 2] {
    [PLUMBING, service]
}

/// A reason why a database was not upgraded.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer build has migrated it.
    #[error(
        "the database is from a newer version of hubnet: it has the migration {0:?}, which this build does not know"
    )]
    Newer(String),
    /// It has not been migrated.
    #[error("the database lacks the migration {0:?}; run `hubnet migrate`")]
    Older(String),
    /// The text of a migration changed after it was applied.
    #[error(
        "the migration {0:?} was applied to the database with another text than this build has: use a released \
         build, or restore the file and write the change as a new migration"
    )]
    Edited(String),
    /// A development version made it, before migrations were SQL files.
    #[error(
        "the database was made by a version of hubnet from before the first release and cannot be upgraded: its table \
         {0:?} has no checksums. Nothing was changed. Keep it for the version that made it, and start this version \
         with an empty data folder or an empty database"
    )]
    BeforeFiles(String),
    /// A migration failed; nothing of it stays.
    #[error("the migration {0:?} failed")]
    Failed(String, #[source] DbErr),
    /// A statement around the migrations failed.
    #[error("the database cannot be migrated")]
    Database(#[from] DbErr),
}

/// Runs the missing migrations. On PostgreSQL `db` is the owner's connection, with the service's schema as search
/// path; an advisory lock lets one of several starting processes run at a time.
///
/// # Errors
/// See [`MigrateError`].
pub async fn upgrade(db: &Db, service: &str) -> Result<(), MigrateError> {
    upgrade_to(db, service, None).await
}

/// Runs the missing migrations up to and including one, as an earlier version would have: for tests of upgrades.
///
/// # Errors
/// See [`MigrateError`].
pub async fn upgrade_until(db: &Db, service: &str, last: &str) -> Result<(), MigrateError> {
    upgrade_to(db, service, Some(last)).await
}

async fn upgrade_to(db: &Db, service: &str, last: Option<&str>) -> Result<(), MigrateError> {
    let owner = db.for_migration();
    let is_postgres = db.backend() == DbBackend::Postgres;
    for folder in folders_of(service) {
        applied::known(owner, folder).await?;
    }
    let _held = if is_postgres { Some(lock(db).await?) } else { None };
    for folder in folders_of(service) {
        applied::apply_missing(owner, folder, last).await?;
    }
    if is_postgres {
        prepare::guard_functions(owner, service).await?;
        prepare::keep_plans(owner, service).await?;
        prepare::grant(owner, service).await?;
    }
    Ok(())
}

/// Checks, without changing anything, that the database has exactly this build's version.
///
/// # Errors
/// See [`MigrateError`].
pub async fn check(db: &Db, service: &str) -> Result<(), MigrateError> {
    for folder in folders_of(service) {
        let applied = applied::known(db.for_migration(), folder).await?;
        let missing = MigrationFile::of(folder).find(|file| !applied.iter().any(|name| name == file.name));
        if let Some(file) = missing {
            return Err(MigrateError::Older(file.name.into()));
        }
    }
    Ok(())
}

/// Returns whether a database has tables of a service, of any version.
pub async fn has_any(db: &Db, service: &str) -> bool {
    applied::known(db.for_migration(), service).await.is_ok_and(|applied| !applied.is_empty())
}

/// Takes the advisory lock: a transaction that does nothing else and holds it until it is dropped.
async fn lock(db: &Db) -> Result<DatabaseTransaction, DbErr> {
    const HUBNET: i64 = 0x0000_6875_626e_6574;
    let held = db.for_migration().begin().await?;
    held.execute_unprepared("set local idle_in_transaction_session_timeout = 0; set local lock_timeout = '60s'; set local statement_timeout = '60s'").await?;
    held.execute_unprepared(&format!("select pg_advisory_xact_lock({HUBNET})")).await?;
    Ok(held)
}
