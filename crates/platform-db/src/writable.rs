//! Whether the database takes writes: remembered from the writes themselves, and verified by a test write.
//!
//! Always true: while writes succeed nothing is tested. After a write that failed because of the storage, a small real
//! write is tried, at most once a second however many callers ask, until one succeeds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{sync::Mutex, time::Instant};
use uuid::Uuid;

use crate::{Db, DbError, Reach, away::Away, error::is_of_storage};

/// The shortest interval between test writes.
const TRIED_EVERY: Duration = Duration::from_secs(1);
/// The consumer name of the inbox rows that test writes insert.
const CONSUMER: &str = "health";
/// The size of a test write to a file: more than the space a file has left over when the disk is full.
const FILLING: usize = 128 * 1024;

/// The record of a process's writes to one database.
#[derive(Debug, Default)]
pub(crate) struct Writable {
    has_failed: AtomicBool,
    tried: Mutex<Option<Instant>>,
    /// Set for a server, which may be away; a file is there or not.
    away: Option<Arc<Away>>,
}

impl Writable {
    /// Creates the record for a database on a server.
    pub(crate) fn on_a_server(away: Away) -> Self {
        Self { away: Some(Arc::new(away)), ..Self::default() }
    }

    /// Records an error if it means that other writes fail, too, or that the database does not respond.
    pub(crate) fn note(&self, error: &DbErr) {
        if let Some(away) = &self.away {
            away.note(error);
        }
        if is_of_storage(error) && !self.has_failed.swap(true, Ordering::AcqRel) {
            tracing::error!(%error, "the database does not take writes");
        }
    }
}

impl Db {
    /// Checks that writes succeed; queries the database only if one failed.
    ///
    /// # Errors
    /// Fails if a write failed, and the last test write, too.
    pub async fn check_writable(&self) -> Result<(), DbError> {
        let writable = Arc::clone(self.writable());
        if !writable.has_failed.load(Ordering::Acquire) {
            return Ok(());
        }
        // Concurrent callers wait for this test write and share its result.
        let mut tried = writable.tried.lock().await;
        let is_due = tried.is_none_or(|at| at.elapsed() >= TRIED_EVERY);
        if writable.has_failed.load(Ordering::Acquire) && is_due {
            let outcome = self.write_and_read_back().await;
            *tried = Some(Instant::now());
            outcome?;
            writable.has_failed.store(false, Ordering::Release);
            tracing::info!("the database takes writes again");
        }
        if writable.has_failed.load(Ordering::Acquire) { Err(DbError::Broken) } else { Ok(()) }
    }

    /// Writes a row, reads it back in another transaction, and removes it.
    ///
    /// # Errors
    /// Fails if one of the three fails or the row read differs from the one written.
    pub async fn write_and_read_back(&self) -> Result<(), DbError> {
        // A row of PostgreSQL's index has a limit; a server with a full disk stops by itself.
        let filling = if self.is_embedded() { "x".repeat(FILLING) } else { String::new() };
        let consumer = format!("{CONSUMER}:{filling}");
        let random = if self.is_embedded() { "randomblob(16)" } else { "gen_random_uuid()" };
        let sql = format!("insert into inbox (consumer, event_id) select $1, {random} returning event_id");
        let tx = self.write(Reach::Directory).await?;
        let row = tx.row(&sql, [consumer.as_str().into()]).await?;
        let id: Uuid = row.ok_or(DbError::Broken)?.try_get("", "event_id")?;
        tx.commit().await?;
        let tx = self.read(Reach::Directory).await?;
        let sql = "select 1 as one from inbox where consumer = $1 and event_id = $2";
        let found = tx.row(sql, [consumer.as_str().into(), id.into()]).await?;
        drop(tx);
        let tx = self.write(Reach::Directory).await?;
        let sql = "delete from inbox where consumer = $1 and event_id = $2";
        tx.run(sql, [consumer.into(), id.into()]).await?;
        tx.commit().await?;
        found.map(drop).ok_or_else(|| DbError::inconsistent("inbox", "what was written is not there"))
    }
}
