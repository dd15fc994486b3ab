//! Work that must not be cut short: mutations that have begun. Always true: each one is counted until it is dropped,
//! even on a panic.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::timeout};

/// The number of running mutations.
#[derive(Clone)]
pub(crate) struct InFlight(Arc<watch::Sender<usize>>);

/// One running mutation.
pub(crate) struct AtWork(Arc<watch::Sender<usize>>);

impl InFlight {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn enter(&self) -> AtWork {
        self.0.send_modify(|count| *count += 1);
        AtWork(Arc::clone(&self.0))
    }

    /// Waits until no mutation runs. Returns `false` if one still does after `patience`.
    pub(crate) async fn drain(&self, patience: Duration) -> bool {
        let mut count = self.0.subscribe();
        timeout(patience, count.wait_for(|count| *count == 0)).await.is_ok_and(|idle| idle.is_ok())
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
