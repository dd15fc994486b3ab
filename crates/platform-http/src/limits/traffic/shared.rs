//! The rate of each caller over all processes. Always true: a request only adds to a sum in memory. Several times a
//! second the sums go to a shared place and the totals come back. While that place is away, each process limits alone.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;

use super::Rate;
use crate::CallerClass;

/// The length of a window; each window starts its totals at zero.
const WINDOW_SECONDS: i64 = 10;
/// Callers beyond this number between two exchanges are not shared; each process still limits them.
const MOST_CALLERS: usize = 20_000;

/// Counts that several processes share.
#[async_trait]
pub trait SharedCounts: Send + Sync + 'static {
    /// Adds to the named counts of a window and returns the totals in the same order; `None` if the place is away.
    async fn add(&self, window: i64, counts: &[(String, u64)]) -> Option<Vec<u64>>;
}

/// The counts since the last exchange, and the callers that must wait.
pub(super) struct Tally {
    shared: Arc<dyn SharedCounts>,
    counted: Mutex<HashMap<String, Counted>>,
    waiting: Mutex<HashMap<String, Instant>>,
}

#[derive(Clone, Copy)]
struct Counted {
    requests: u64,
    most: u64,
}

impl Tally {
    pub(super) fn new(shared: Arc<dyn SharedCounts>) -> Self {
        Self { shared, counted: Mutex::default(), waiting: Mutex::default() }
    }

    /// Counts `times` requests, or returns how long to wait.
    pub(super) fn count(
        &self,
        class: CallerClass,
        who: &str,
        rate: Rate,
        times: NonZeroU32,
    ) -> Result<(), Duration> {
        if rate.is_unlimited() {
            return Ok(());
        }
        let name = format!("{class:?}:{who}");
        let wait = self.waiting().get(&name).map(|until| until.saturating_duration_since(Instant::now()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() < MOST_CALLERS || counted.contains_key(&name) {
            counted.entry(name).or_insert(Counted { requests: 0, most: most(rate) }).requests +=
                u64::from(times.get());
        }
        Ok(())
    }

    /// Sends the counts and fetches the totals.
    pub(super) async fn exchange(&self, at_second: i64) {
        let now = Instant::now();
        self.waiting().retain(|_, until| *until > now);
        let counted = std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner));
        if counted.is_empty() {
            return;
        }
        let (names, figures): (Vec<String>, Vec<Counted>) = counted.into_iter().unzip();
        let counts: Vec<(String, u64)> =
            names.into_iter().zip(figures.iter().map(|figure| figure.requests)).collect();
        let window = at_second.div_euclid(WINDOW_SECONDS);
        let Some(totals) = self.shared.add(window, &counts).await else { return };
        let left = (window + 1) * WINDOW_SECONDS - at_second;
        let until = now + Duration::from_secs(left.unsigned_abs());
        let over =
            counts.into_iter().zip(figures).zip(totals).filter(|((_, figure), total)| *total > figure.most);
        self.waiting().extend(over.map(|(((name, _), _), _)| (name, until)));
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many requests a window permits.
fn most(rate: Rate) -> u64 {
    u64::from(rate.per_second) * WINDOW_SECONDS.unsigned_abs() + u64::from(rate.burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 1, burst: 5 };

    /// A shared place in memory; `None`: away.
    #[derive(Default)]
    struct Memory(Mutex<Option<HashMap<(i64, String), u64>>>);

    #[async_trait]
    impl SharedCounts for Memory {
        async fn add(&self, window: i64, counts: &[(String, u64)]) -> Option<Vec<u64>> {
            let mut memory = self.0.lock().expect("no panic");
            let memory = memory.as_mut()?;
            let add = |(name, count): &(String, u64)| {
                let total = memory.entry((window, name.clone())).or_default();
                *total += count;
                *total
            };
            Some(counts.iter().map(add).collect())
        }
    }

    fn ask(tally: &Tally, times: usize) -> usize {
        (0..times)
            .filter(|_| tally.count(CallerClass::Person, "mara", RATE, NonZeroU32::MIN).is_err())
            .count()
    }

    #[tokio::test]
    async fn what_two_processes_count_is_added_up() {
        let shared = Arc::new(Memory(Mutex::new(Some(HashMap::new()))));
        let (here, there) = (Tally::new(Arc::<Memory>::clone(&shared)), Tally::new(shared));
        assert_eq!((ask(&here, 10), ask(&there, 10)), (0, 0));
        here.exchange(1_000).await;
        there.exchange(1_000).await;
        assert_eq!(ask(&there, 1), 1, "20 of the 15 a window holds");
        assert_eq!(ask(&here, 1), 0, "and this one learns it at the next exchange");
        here.exchange(1_001).await;
        assert_eq!(ask(&here, 1), 1);
    }

    #[tokio::test]
    async fn nothing_is_added_up_where_no_rate_is_set() {
        let shared: Arc<Memory> = Arc::new(Memory(Mutex::new(Some(HashMap::new()))));
        let tally = Tally::new(Arc::<Memory>::clone(&shared));
        let rate = Rate { per_second: 0, burst: 1 };
        assert!((0..100).all(|_| tally.count(CallerClass::Person, "mara", rate, NonZeroU32::MIN).is_ok()));
        tally.exchange(1_000).await;
        assert!(tally.count(CallerClass::Person, "mara", rate, NonZeroU32::MIN).is_ok());
        assert_eq!(shared.0.lock().expect("no panic").as_ref().map(HashMap::len), Some(0));
    }

    #[tokio::test]
    async fn nobody_waits_because_the_shared_place_is_away() {
        let tally = Tally::new(Arc::new(Memory::default()));
        for second in 0..10 {
            assert_eq!(ask(&tally, 100), 0);
            tally.exchange(second).await;
        }
    }
}
