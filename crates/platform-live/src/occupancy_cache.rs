//! The occupancy cache: head-counts in this process's memory, with subscriptions.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::{Stream, StreamExt};
use kernel::{HubId, VisitId};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

/// How many departures are remembered, to recognise an arrival that comes after its own departure.
const REMEMBERED: usize = 256;

/// The version of a hub's state at the moment of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub(crate) i64);

/// Head-counts by hub.
#[derive(Debug, Default)]
pub struct OccupancyCache {
    hubs: Mutex<HashMap<HubId, Hub>>,
}

#[derive(Debug)]
struct Hub {
    present: HashSet<VisitId>,
    departed: VecDeque<VisitId>,
    version: i64,
    count: watch::Sender<Option<u32>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            present: HashSet::new(),
            departed: VecDeque::new(),
            version: 0,
            count: watch::Sender::new(None),
        }
    }
}

impl OccupancyCache {
    pub(crate) fn arrived(&self, hub: HubId, visit: VisitId) {
        self.change(hub, |hub| {
            if !hub.departed.contains(&visit) {
                hub.present.insert(visit);
            }
        });
    }

    pub(crate) fn left(&self, hub: HubId, visit: VisitId) {
        self.change(hub, |hub| {
            hub.present.remove(&visit);
            hub.departed.push_back(visit);
            if hub.departed.len() > REMEMBERED {
                hub.departed.pop_front();
            }
        });
    }

    pub(crate) fn mark(&self, hub: HubId) -> Mark {
        Mark(self.lock().entry(hub).or_default().version)
    }

    pub(crate) fn restate(&self, hub: HubId, mark: Mark, present: &[VisitId]) {
        let mut hubs = self.lock();
        let hub = hubs.entry(hub).or_default();
        if Mark(hub.version) == mark {
            hub.present = present.iter().copied().collect();
            hub.set_count(count(hub.present.len()));
        }
    }

    /// Takes a count that another process keeps.
    pub(crate) fn set_count(&self, hub: HubId, present: u32) {
        self.lock().entry(hub).or_default().set_count(present);
    }

    pub(crate) fn present(&self, hub: HubId) -> Option<u32> {
        self.lock().get(&hub).and_then(|hub| *hub.count.borrow())
    }

    pub(crate) fn watch(&self, hub: HubId) -> impl Stream<Item = u32> + Send + use<> {
        let receiver = self.lock().entry(hub).or_default().count.subscribe();
        WatchStream::new(receiver).filter_map(std::future::ready)
    }

    fn change(&self, hub: HubId, how: impl FnOnce(&mut Hub)) {
        let mut hubs = self.lock();
        let hub = hubs.entry(hub).or_default();
        how(hub);
        hub.version += 1;
        // Before the first restatement earlier arrivals are unknown, so no count is published.
        if hub.count.borrow().is_some() {
            hub.set_count(count(hub.present.len()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HubId, Hub>> {
        self.hubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    fn set_count(&self, present: u32) {
        self.count.send_if_modified(|known| known.replace(present) != Some(present));
    }
}

fn count(present: usize) -> u32 {
    u32::try_from(present).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use kernel::{Id, World};

    use super::*;

    #[test]
    fn a_departure_that_overtakes_its_arrival_wins() {
        let world = World::for_test(1);
        let (cache, hub, visit) =
            (OccupancyCache::default(), HubId::generate(&world), VisitId::generate(&world));
        cache.restate(hub, cache.mark(hub), &[]);
        cache.left(hub, visit);
        cache.arrived(hub, visit);
        assert_eq!(cache.present(hub), Some(0));
    }

    #[test]
    fn before_the_first_count_nothing_is_published() {
        let world = World::for_test(1);
        let (cache, hub) = (OccupancyCache::default(), HubId::generate(&world));
        cache.arrived(hub, VisitId::generate(&world));
        assert_eq!(cache.present(hub), None);
    }

    #[test]
    fn the_same_arrival_counts_once() {
        let world = World::for_test(1);
        let (cache, hub, visit) =
            (OccupancyCache::default(), HubId::generate(&world), VisitId::generate(&world));
        cache.restate(hub, cache.mark(hub), &[]);
        cache.arrived(hub, visit);
        cache.arrived(hub, visit);
        assert_eq!(cache.present(hub), Some(1));
    }

    #[test]
    fn a_recount_older_than_a_change_is_dropped() {
        let world = World::for_test(1);
        let (cache, hub, visit) =
            (OccupancyCache::default(), HubId::generate(&world), VisitId::generate(&world));
        cache.restate(hub, cache.mark(hub), &[]);
        let mark = cache.mark(hub);
        cache.arrived(hub, visit);
        cache.restate(hub, mark, &[]);
        assert_eq!(cache.present(hub), Some(1));
        cache.restate(hub, cache.mark(hub), &[]);
        assert_eq!(cache.present(hub), Some(0));
    }
}
