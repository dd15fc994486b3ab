//! Metrics of a database: failed statements by kind, and connections in use.
//!
//! Always true: labels come from a closed set and contain no statement, value or tenant.

use std::sync::LazyLock;

use opentelemetry::{KeyValue, global, metrics::Counter};
use sea_orm::DbBackend;

use crate::{Db, DbError};

static ERRORS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("platform_db")
        .u64_counter("hubnet.db.errors")
        .with_description(
            "Statements that failed, by kind; `duplicate` is a key that exists, which is often expected",
        )
        .build()
});

/// The connections of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Connections in use.
    pub used: u64,
    /// Open, free connections.
    pub idle: u64,
}

/// Counts a failed statement.
pub(crate) fn count(error: &DbError) {
    let kind = match error {
        DbError::Duplicate(_) => "duplicate",
        DbError::Unavailable(_) => "unavailable",
        DbError::Unkeepable(_) => "unkeepable",
        DbError::Broken | DbError::Inconsistent { .. } | DbError::Failed(_) => "failed",
    };
    ERRORS.add(1, &[KeyValue::new("kind", kind)]);
}

impl Db {
    /// Counts the open connections, and those in use.
    pub fn connections(&self) -> Connections {
        let connection = self.for_migration();
        let (open, idle) = if self.backend() == DbBackend::Postgres {
            let pool = connection.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        } else {
            let pool = connection.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        };
        let (open, idle) = (u64::from(open), u64::try_from(idle).unwrap_or_default());
        Connections { used: open.saturating_sub(idle), idle: idle.min(open) }
    }
}
