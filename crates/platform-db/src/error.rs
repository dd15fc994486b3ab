//! What the database may answer instead of rows.

use kernel::ErrorCode;
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// A failed statement, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique key or exclusion stands against it: the thing exists already.
    #[error("the row exists already")]
    Duplicate(#[source] DbErr),
    /// The database is away, too busy, or gave up waiting.
    #[error("the database is away")]
    Unavailable(#[source] DbErr),
    /// A text holds a character the database keeps nowhere. The edge refuses it; files reach us without one.
    #[error("a text holds a character that cannot be kept")]
    Unkeepable(#[source] DbErr),
    /// A row breaks a rule of ours.
    #[error("inconsistent row in {table}: {detail}")]
    Inconsistent {
        /// Where.
        table: &'static str,
        /// What.
        detail: String,
    },
    /// Anything else: our mistake.
    #[error("the statement failed")]
    Failed(#[source] DbErr),
}

impl DbError {
    /// A row that does not read back as what it should be.
    pub fn inconsistent(table: &'static str, detail: impl ToString) -> Self {
        Self::Inconsistent { table, detail: detail.to_string() }
    }

    /// The code this shows as when no use-case gives it a better one.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Duplicate(_) => ErrorCode::Conflict,
            Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Unkeepable(_) => ErrorCode::InvalidInput,
            Self::Inconsistent { .. } | Self::Failed(_) => ErrorCode::Internal,
        }
    }

    /// Whether the same statement may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Duplicate(error);
        }
        if has_code(&error, "22021") {
            return Self::Unkeepable(error);
        }
        if is_away(&error) { Self::Unavailable(error) } else { Self::Failed(error) }
    }
}

/// Whether PostgreSQL said this code.
fn has_code(error: &DbErr, code: &str) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return false;
    };
    inner.as_database_error().is_some_and(|error| error.code().is_some_and(|said| said == code))
}

/// Whether the connection itself is gone: it broke, or the server has ended the session (57P0x).
pub(crate) fn is_gone(error: &DbErr) -> bool {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = error else { return false };
    let RuntimeErr::SqlxError(inner) = inner else { return false };
    match inner.as_ref() {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| code.starts_with("57P0")),
        _ => false,
    }
}

/// Connection trouble, shutdown (57P0x), too many connections (53300), serialisation and deadlock (40xxx), lock and
/// statement timeouts (55P03, 57014) of PostgreSQL; busy and locked of SQLite.
fn is_away(error: &DbErr) -> bool {
    let inner = match error {
        DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner) => inner,
        DbErr::ConnectionAcquire(_) => return true,
        _ => return false,
    };
    let RuntimeErr::SqlxError(inner) = inner else { return matches!(error, DbErr::Conn(_)) };
    match inner.as_ref() {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            ["57P", "40", "08", "53"].iter().any(|class| code.starts_with(class))
                || ["55P03", "57014", "5", "6", "261", "517"].contains(&code.as_ref())
        }),
        _ => matches!(error, DbErr::Conn(_)),
    }
}
