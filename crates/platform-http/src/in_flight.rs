//! Work that must not be cut short: mutations that have begun. Always true: whoever entered is counted until dropped,
//! on a panic too.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::timeout};

/// How many are at work.
#[derive(Clone)]
pub(crate) struct InFlight(Arc<watch::Sender<usize>>);

/// One at work.
pub(crate) struct AtWork(Arc<watch::Sender<usize>>);

impl InFlight {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn enter(&self) -> AtWork {
        self.0.send_modify(|count| *count += 1);
        AtWork(Arc::clone(&self.0))
    }

    /// Waits until nobody is at work. `false`: somebody still is after `patience`.
    pub(crate) async fn drain(&self, patience: Duration) -> bool {
        let mut count = self.0.subscribe();
        timeout(patience, count.wait_for(|count| *count == 0)).await.is_ok_and(|settled| settled.is_ok())
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
