//! Readiness: whether the dependencies of this process respond.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use platform_http::Probe;

use crate::App;

/// Checks that databases respond and, after a failed write, that they take writes again. The broker and Redis may be
/// away without harm: events wait in the outbox, occupancy is counted from the database. They do not make a process
/// unready.
#[derive(Debug)]
pub struct AppProbe {
    app: App,
    is_loading: Arc<AtomicBool>,
}

impl AppProbe {
    /// Creates the probe of an application.
    pub fn new(app: App) -> Self {
        Self { app, is_loading: Arc::default() }
    }

    /// Makes the probe unready while the flag is set, for an application that is being filled with the demo network.
    #[must_use]
    pub fn unready_while(self, is_loading: Arc<AtomicBool>) -> Self {
        Self { is_loading, ..self }
    }
}

#[async_trait]
impl Probe for AppProbe {
    async fn ready(&self) -> Result<(), Vec<String>> {
        if self.is_loading.load(Ordering::Acquire) {
            return Err(vec!["loading the demo network".into()]);
        }
        for db in self.app.databases() {
            if let Err(error) = db.ping().await {
                tracing::warn!(%error, "not ready");
                return Err(vec!["database".into()]);
            }
            if let Err(error) = db.check_writable().await {
                tracing::warn!(%error, "not ready: writes fail");
                return Err(vec!["database: writes fail".into()]);
            }
        }
        Ok(())
    }
}
