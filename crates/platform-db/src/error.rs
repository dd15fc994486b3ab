//! What the database may answer instead of rows.

use kernel::ErrorCode;
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use crate::figures;

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
    /// A statement of the transaction failed or was given up before, so nothing of it is stored.
    #[error("a statement of the transaction failed before; nothing of it is stored")]
    Broken,
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
            Self::Broken | Self::Inconsistent { .. } | Self::Failed(_) => ErrorCode::Internal,
        }
    }

    /// Whether the same statement may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<DbErr> for DbError {
    /// Sorts a failed statement, and counts it.
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

/// Whether PostgreSQL said this code.
fn has_code(error: &DbErr, code: &str) -> bool {
    database_code(error).is_some_and(|said| said == code)
}

/// The code the database itself gave: a number of SQLite, five signs of PostgreSQL.
fn database_code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = error else { return None };
    let RuntimeErr::SqlxError(inner) = inner else { return None };
    inner.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

/// Whether it is a matter of the storage, and not of the statement: a full or broken disk, a file or a server that
/// takes no writes, no memory, damage. Such an error says that other writes fail too.
pub(crate) fn is_of_storage(error: &DbErr) -> bool {
    let Some(code) = database_code(error) else { return false };
    match primary_code(&code) {
        Some(primary) => [7, 8, 10, 11, 13, 14, 26].contains(&primary),
        None => ["53", "58", "XX", "25006"].iter().any(|class| code.starts_with(class)),
    }
}

/// The primary result code of SQLite in an extended one; none for a code of PostgreSQL, which has five signs.
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

/// Whether no connection could be had, or it broke: the server is away, or none of the pool's connections came free.
pub(crate) fn does_not_answer(error: &DbErr) -> bool {
    let inner = match error {
        DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner) => inner,
        DbErr::ConnectionAcquire(_) => return true,
        _ => return false,
    };
    let RuntimeErr::SqlxError(inner) = inner else { return false };
    is_gone(error) || matches!(inner.as_ref(), sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
}

/// Connection trouble, shutdown (57P0x), too many connections or no room (53xxx), trouble of its machine (58xxx),
/// serialisation and deadlock (40xxx), lock and statement timeouts (55P03, 57014), a server that only reads (25006) of
/// PostgreSQL; of SQLite busy (5), locked (6), no memory (7), a read-only file (8), interrupted (9), input and output
/// (10), full (13), a file that does not open (14), whatever extends them.
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
