//! Errors of the database.

use kernel::ErrorCode;
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use crate::figures;

/// A failed statement, classified by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique key or an exclusion refuses the row: it exists already.
    #[error("the row exists already")]
    Duplicate(#[source] DbErr),
    /// The database is away, too busy, or gave up waiting.
    #[error("the database is away")]
    Unavailable(#[source] DbErr),
    /// A text holds a character that the database cannot store. The edge refuses it; files arrive without one.
    #[error("a text holds a character that cannot be kept")]
    Unkeepable(#[source] DbErr),
    /// A statement of the transaction failed or was cancelled before, so nothing of it is stored.
    #[error("a statement of the transaction failed before; nothing of it is stored")]
    Broken,
    /// A row breaks an invariant.
    #[error("inconsistent row in {table}: {detail}")]
    Inconsistent {
        /// The table of the row.
        table: &'static str,
        /// What is wrong with the row.
        detail: String,
    },
    /// Any other failure, caused by a mistake in this code.
    #[error("the statement failed")]
    Failed(#[source] DbErr),
}

impl DbError {
    /// An error for a row that cannot be read as what it should be.
    pub fn inconsistent(table: &'static str, detail: impl ToString) -> Self {
        Self::Inconsistent { table, detail: detail.to_string() }
    }

    /// The error code to show if no use-case gives a better one.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Duplicate(_) => ErrorCode::Conflict,
            Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Unkeepable(_) => ErrorCode::InvalidInput,
            Self::Broken | Self::Inconsistent { .. } | Self::Failed(_) => ErrorCode::Internal,
        }
    }

    /// Whether the same statement may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<DbErr> for DbError {
    /// Classifies a failed statement and counts it.
    fn from(error: DbErr) -> Self {
        let sorted = Self::sorted(error);
        figures::count(&sorted);
        sorted
    }
}

impl DbError {
    fn sorted(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Duplicate(error);
        }
        if has_code(&error, "22021") {
            return Self::Unkeepable(error);
        }
        if is_away(&error) { Self::Unavailable(error) } else { Self::Failed(error) }
    }
}

/// Whether PostgreSQL reported this code.
fn has_code(error: &DbErr, code: &str) -> bool {
    database_code(error).is_some_and(|reported| reported == code)
}

/// The database's own code: a number for SQLite, five characters for PostgreSQL.
fn database_code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = error else { return None };
    let RuntimeErr::SqlxError(inner) = inner else { return None };
    inner.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

/// Whether the storage is at fault, not the statement: a full or broken disk, a read-only file or server, no memory,
/// corruption. Other writes then fail, too.
pub(crate) fn is_of_storage(error: &DbErr) -> bool {
    let Some(code) = database_code(error) else { return false };
    match primary_code(&code) {
        Some(primary) => [7, 8, 10, 11, 13, 14, 26].contains(&primary),
        None => ["53", "58", "XX", "25006"].iter().any(|class| code.starts_with(class)),
    }
}

/// SQLite's primary result code of an extended one; `None` for PostgreSQL's five-character codes.
fn primary_code(code: &str) -> Option<u32> {
    if code.len() == 5 {
        return None;
    }
    code.parse::<u32>().ok().map(|extended| extended & 0xff)
}

/// Whether the connection itself is gone: it broke, or the server has ended the session (57P0x).
pub(crate) fn is_gone(error: &DbErr) -> bool {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = error else { return false };
    let RuntimeErr::SqlxError(inner) = inner else { return false };
    match inner.as_ref() {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| code.starts_with("57P0")),
        _ => false,
    }
}

/// Whether no connection was available or it broke: the server is away, or the pool had no free connection.
pub(crate) fn does_not_answer(error: &DbErr) -> bool {
    let inner = match error {
        DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner) => inner,
        DbErr::ConnectionAcquire(_) => return true,
        _ => return false,
    };
    let RuntimeErr::SqlxError(inner) = inner else { return false };
    is_gone(error) || matches!(inner.as_ref(), sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
}

/// Whether the database is away. PostgreSQL: connection trouble, shutdown (57P0x), too many connections or no room
/// (53xxx), machine trouble (58xxx), serialisation and deadlock (40xxx), lock and statement timeouts (55P03, 57014), a
/// read-only server (25006). SQLite, with extended codes: busy (5), locked (6), no memory (7), a read-only file (8),
/// interrupted (9), input and output (10), full (13), a file that does not open (14).
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
        sqlx::Error::Database(database) => database.code().is_some_and(|code| match primary_code(&code) {
            Some(primary) => [5, 6, 7, 8, 9, 10, 13, 14].contains(&primary),
            None => {
                ["57P", "40", "08", "53", "58"].iter().any(|class| code.starts_with(class))
                    || ["55P03", "57014", "25006"].contains(&code.as_ref())
            }
        }),
        _ => matches!(error, DbErr::Conn(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::primary_code;

    #[test]
    fn an_extended_code_of_sqlite_is_known_by_its_primary_one() {
        assert_eq!(primary_code("13"), Some(13));
        assert_eq!(primary_code("778"), Some(10), "SQLITE_IOERR_WRITE");
        assert_eq!(primary_code("2067"), Some(19), "SQLITE_CONSTRAINT_UNIQUE");
    }

    #[test]
    fn a_code_of_postgresql_is_none_of_sqlite() {
        for code in ["53100", "23505", "40001", "25P02", "XX001"] {
            assert_eq!(primary_code(code), None, "{code}");
        }
    }
}
