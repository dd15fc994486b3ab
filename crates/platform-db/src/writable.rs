//! Whether the database takes writes: remembered from the writes themselves, and tried again before it is believed.
//!
//! Always true: while writes succeed nothing is tried; after a write that failed for a reason of the storage, a small
//! real write is tried, at most once a second however many ask, until one succeeds.

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

/// How often a write is tried at most.
const TRIED_EVERY: Duration = Duration::from_secs(1);
/// The consumer whose rows of the inbox are the tries.
const CONSUMER: &str = "health";
/// How much is written into a file: more than what a file has left over when the disk is full.
const FILLING: usize = 128 * 1024;

/// What is remembered of the writes of a process to one database.
#[derive(Debug, Default)]
pub(crate) struct Writable {
    has_failed: AtomicBool,
    tried: Mutex<Option<Instant>>,
    /// A server, which may be away; a file is there or not.
    away: Option<Arc<Away>>,
}

impl Writable {
    /// Of a database on a server.
    pub(crate) fn on_a_server(away: Away) -> Self {
        Self { away: Some(Arc::new(away)), ..Self::default() }
    }

    /// Remembers an error that says that other writes fail too, or that the database does not answer.
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
    /// Whether writes succeed: nothing is asked of the database unless one failed.
    ///
    /// # Errors
    /// A write failed, and the last try too.
    pub async fn check_writable(&self) -> Result<(), DbError> {
        let writable = Arc::clone(self.writable());
        if !writable.has_failed.load(Ordering::Acquire) {
            return Ok(());
        }
        // Whoever asks meanwhile waits for this try and takes its result.
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
    /// One of the three fails, or what is read is not what was written.
    pub async fn write_and_read_back(&self) -> Result<(), DbError> {
        // A row of PostgreSQL's index has a limit; a server whose disk is full stops by itself.
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
