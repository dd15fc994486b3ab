//! Logs where an unreachable database should be and why it does not respond; a pool only knows that it timed out.
//!
//! Always true: no password is logged. However many statements fail, one connection is tried every ten seconds, and its
//! outcome is one line.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    DbErr,
    sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions},
};
use tokio::time::{Instant, timeout};

use crate::error::does_not_answer;

/// The interval of the attempts.
const ASKED_EVERY: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(2);

/// The state of a database that may not respond.
#[derive(Debug)]
pub(crate) struct Away {
    options: PgConnectOptions,
    /// Statements that failed since the last line.
    failed: AtomicU64,
    asked: Mutex<Option<Instant>>,
}

impl Away {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self { options, failed: AtomicU64::new(0), asked: Mutex::new(None) }
    }

    /// Counts an error if it means that the database does not respond, and occasionally finds out why.
    pub(crate) fn note(self: &Arc<Self>, error: &DbErr) {
        if !does_not_answer(error) {
            return;
        }
        self.failed.fetch_add(1, Ordering::Relaxed);
        if !self.is_due() {
            return;
        }
        let (away, error) = (Arc::clone(self), error.to_string());
        // The errors arise where statements run, which is on a runtime.
        tokio::spawn(async move { away.log_reason(&error).await });
    }

    fn is_due(&self) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = asked.is_none_or(|at| at.elapsed() >= ASKED_EVERY);
        if is_due {
            *asked = Some(Instant::now());
        }
        is_due
    }

    async fn log_reason(&self, error: &str) {
        let why = match timeout(PATIENCE, self.options.connect()).await {
            Ok(Ok(connection)) => {
                drop(connection.close().await);
                format!("it answers a new connection; {error}")
            }
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => format!("no answer in {} s", PATIENCE.as_secs()),
        };
        let failed = self.failed.swap(0, Ordering::Relaxed);
        tracing::error!(
            db.host = self.options.get_host(),
            db.port = self.options.get_port(),
            db.name = self.options.get_database(),
            db.user = self.options.get_username(),
            failed,
            error = why,
            "the database is away"
        );
    }
}
