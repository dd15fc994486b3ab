//! A kind of job: its name, its body, how often it is tried, when it recurs.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Cron, JobError, Plan, Run};

const ATTEMPTS: i64 = 5;
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(10);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// What a job does. It may be run more than once for one job, so its effects are idempotent.
pub type Body = Arc<dyn Fn(Run) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// A kind of job that a service has registered.
#[derive(Clone)]
pub struct Kind {
    pub(crate) name: &'static str,
    pub(crate) body: Body,
    pub(crate) attempts: i64,
    pub(crate) first_pause: SignedDuration,
    pub(crate) plan: Option<Plan>,
    /// The places of a worker's running jobs of this kind; nothing if only the worker's own limit applies.
    places: Option<Arc<Semaphore>>,
}

/// A running job's place among those of its kind; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    _permit: Option<OwnedSemaphorePermit>,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kind").field("name", &self.name).field("plan", &self.plan).finish_non_exhaustive()
    }
}

impl Kind {
    /// A kind by a name that no other kind of any service has, tried five times with pauses from ten seconds on.
    pub fn new<F>(name: &'static str, body: impl Fn(Run) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let body: Body = Arc::new(move |run| Box::pin(body(run)));
        Self { name, body, attempts: ATTEMPTS, first_pause: FIRST_PAUSE, plan: None, places: None }
    }

    /// The same, run at most so many times for one job, at least once.
    #[must_use]
    pub fn attempts(self, attempts: i64) -> Self {
        Self { attempts: attempts.max(1), ..self }
    }

    /// The same, with another pause before the second attempt; each further one is twice as long, up to an hour.
    #[must_use]
    pub fn first_pause(self, first_pause: SignedDuration) -> Self {
        Self { first_pause, ..self }
    }

    /// The same, at most so many at once in a worker: for bodies that wait for something outside, so that they leave
    /// places to the jobs of other kinds.
    #[must_use]
    pub fn at_most(self, at_once: usize) -> Self {
        Self { places: Some(Arc::new(Semaphore::new(at_once.max(1)))), ..self }
    }

    /// The same, queued again after so long; for the first time as soon as a worker knows of it.
    #[must_use]
    pub fn every(self, pause: SignedDuration) -> Self {
        Self { plan: Some(Plan::Every(pause)), ..self }
    }

    /// The same, queued at civil times of a zone.
    #[must_use]
    pub fn cron(self, cron: Cron) -> Self {
        Self { plan: Some(Plan::Cron(Box::new(cron))), ..self }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it recurs: then it needs no input, and anybody on the server's machine may run it.
    pub fn recurs(&self) -> bool {
        self.plan.is_some()
    }

    /// Whether another job of this kind may run now.
    pub(crate) fn has_a_place(&self) -> bool {
        self.places.as_ref().is_none_or(|places| places.available_permits() > 0)
    }

    /// Takes a place for a job; nothing if none is free.
    pub(crate) fn take_a_place(&self) -> Option<Taken> {
        let Some(places) = &self.places else { return Some(Taken { _permit: None }) };
        let permit = Arc::clone(places).try_acquire_owned().ok()?;
        Some(Taken { _permit: Some(permit) })
    }

    /// The pause after an attempt that failed, the first being 1.
    pub(crate) fn pause_after(&self, attempt: i64) -> SignedDuration {
        let doublings = u32::try_from(attempt - 1).unwrap_or(u32::MAX).min(20);
        let pause = 2_i32.checked_pow(doublings).and_then(|times| self.first_pause.checked_mul(times));
        pause.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pause_is_twice_the_one_before_up_to_an_hour() {
        let kind = Kind::new("any", async |_run| Ok(()));
        let pauses: Vec<i64> = (1..=10).map(|attempt| kind.pause_after(attempt).as_secs()).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
        assert_eq!(kind.pause_after(i64::MAX), LONGEST_PAUSE);
    }

    #[test]
    fn a_kind_has_as_many_places_as_it_says_and_gets_them_back() {
        let kind = Kind::new("any", async |_run| Ok(())).at_most(2);
        let (first, second) = (kind.take_a_place(), kind.take_a_place());
        assert!(first.is_some() && second.is_some() && !kind.has_a_place());
        assert!(kind.take_a_place().is_none());
        drop(first);
        assert!(kind.has_a_place());
    }
}
