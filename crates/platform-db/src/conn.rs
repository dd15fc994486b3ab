//! The connection of one transaction, which remembers whether every statement succeeded.
//!
//! R21: a response is OK only after the outermost COMMIT returned. A failed statement may end more than itself.
//! PostgreSQL aborts the transaction, and its COMMIT then succeeds with the tag ROLLBACK. SQLite ends the transaction
//! by itself when the disk is full (FULL), on IOERR, NOMEM, BUSY and INTERRUPT, and every later statement would be a
//! transaction of its own. So after a statement that failed, or whose future was dropped before it finished, no other
//! statement runs and nothing is committed, on both databases, whether or not the caller checks the error.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use crate::{DbError, observe, writable::Writable};

/// A transaction's connection, for a store's queries.
#[derive(Debug)]
pub struct Conn {
    inner: DatabaseTransaction,
    is_broken: AtomicBool,
    writable: Arc<Writable>,
}

impl Conn {
    pub(crate) fn new(inner: DatabaseTransaction, writable: Arc<Writable>) -> Self {
        Self { inner, is_broken: AtomicBool::new(false), writable }
    }

    /// Fails if a statement has failed, since the transaction cannot succeed any more.
    pub(crate) fn check(&self) -> Result<(), DbError> {
        if self.is_broken.load(Ordering::Acquire) { Err(DbError::Broken) } else { Ok(()) }
    }

    /// Commits if every statement succeeded; otherwise drops the transaction, which rolls it back.
    pub(crate) async fn commit(self) -> Result<(), DbError> {
        self.check()?;
        let committed = self.inner.commit().await;
        Ok(committed.inspect_err(|error| self.writable.note(error))?)
    }

    /// Rolls back, and returns when the database has done so.
    pub(crate) async fn roll_back(self) -> Result<(), DbError> {
        let rolled_back = self.inner.rollback().await;
        Ok(rolled_back.inspect_err(|error| self.writable.note(error))?)
    }

    async fn watch<T>(&self, statement: impl Future<Output = Result<T, DbErr>> + Send) -> Result<T, DbErr> {
        if self.check().is_err() {
            return Err(DbErr::Custom("a statement of this transaction failed before".to_owned()));
        }
        let mut attempt = Attempt { is_broken: &self.is_broken, has_succeeded: false };
        let outcome = statement.await.inspect_err(|error| self.writable.note(error));
        attempt.has_succeeded = outcome.is_ok();
        outcome
    }
}

/// A running statement. If it is dropped without success, its transaction is broken.
struct Attempt<'c> {
    is_broken: &'c AtomicBool,
    has_succeeded: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.has_succeeded {
            self.is_broken.store(true, Ordering::Release);
        }
    }
}

#[async_trait]
impl ConnectionTrait for Conn {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        observe::show(&statement, None);
        self.watch(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watch(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        observe::show(&statement, None);
        self.watch(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        observe::show(&statement, None);
        self.watch(self.inner.query_all_raw(statement)).await
    }
}
