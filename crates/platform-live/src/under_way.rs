//! Changes on their way to Redis: responses do not wait for them, but later readers do.
//!
//! Always true: a read after a change began sees this change or a newer state; a dropped change blocks no reader.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use kernel::HubId;
use tokio::sync::watch;

/// Changes that have begun and not ended, by hub.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    hubs: Mutex<HashMap<HubId, Vec<watch::Receiver<()>>>>,
}

/// A change in progress for as long as this value lives.
#[derive(Debug)]
pub(crate) struct Change(#[expect(dead_code, reason = "dropping it tells the receivers")] watch::Sender<()>);

impl UnderWay {
    /// Begins a change of these hubs.
    pub(crate) fn begin(&self, of: impl IntoIterator<Item = HubId>) -> Change {
        let (change, ends) = watch::channel(());
        let mut hubs = self.lock();
        for hub in of {
            let changes = hubs.entry(hub).or_default();
            changes.retain(is_under_way);
            changes.push(ends.clone());
        }
        Change(change)
    }

    /// Waits for the changes of a hub that have begun; returns at once if there are none.
    pub(crate) async fn wait_for_changes(&self, hub: HubId) {
        let begun: Vec<_> = match self.lock().get(&hub) {
            Some(changes) => changes.iter().filter(|change| is_under_way(change)).cloned().collect(),
            None => return,
        };
        for mut change in begun {
            // Nothing is ever sent: the change is over when its sender is gone.
            while change.changed().await.is_ok() {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HubId, Vec<watch::Receiver<()>>>> {
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_under_way(change: &watch::Receiver<()>) -> bool {
    change.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use kernel::{Id as _, World};

    use super::*;

    #[test]
    fn who_asks_waits_for_what_began_before_and_for_nothing_else() {
        let (world, under_way) = (World::for_test(1), UnderWay::default());
        let (hub, another) = (HubId::generate(&world), HubId::generate(&world));
        let change = under_way.begin([hub]);
        let asked = under_way.wait_for_changes(hub);
        let mut asked = std::pin::pin!(asked);
        assert!(asked.as_mut().now_or_never().is_none());
        assert!(under_way.wait_for_changes(another).now_or_never().is_some());

        let later = under_way.begin([hub, another]);
        drop(change);
        assert!(asked.now_or_never().is_some());
        assert!(under_way.wait_for_changes(hub).now_or_never().is_none());
        drop(later);
        assert!(under_way.wait_for_changes(hub).now_or_never().is_some());
    }
}
