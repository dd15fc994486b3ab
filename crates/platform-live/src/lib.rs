//! The live state: who is present where, right now, and the fan-out of every change.
//!
//! Always true:
//! - It is never the truth. It can be lost at any moment and is restated from the open visits of the database (R4).
//! - A change is idempotent by visit id and tolerates disorder: a departure that overtakes its arrival wins.
//! - A restatement that read the database before a newer change is dropped, not applied ([`Mark`]).
//! - Readers are served from this process's memory ([`OccupancyCache`]); nobody waits for Redis longer than 300 ms.
//! - A change may be told of while its caller is answered already: who asks after that waits until it is on the occupancy cache
//!   ([`Live::wait_for_changes`]).
//!
//! In one process the occupancy cache itself is the state; with several, Redis holds it and tells the cache of every process.

mod occupancy_cache;
mod redis_state;
mod under_way;

use std::sync::Arc;

use futures_util::Stream;
use kernel::{HubId, VisitId};

pub use occupancy_cache::{Mark, OccupancyCache};
pub use redis_state::{LiveConfig, LiveError};

/// The live state of one process.
#[derive(Debug, Clone)]
pub struct Live {
    cache: Arc<OccupancyCache>,
    redis: Option<Arc<redis_state::RedisState>>,
}

impl Live {
    /// Live state in this process alone.
    pub fn embedded() -> Self {
        Self { cache: Arc::new(OccupancyCache::default()), redis: None }
    }

    /// Live state shared through Redis. Does not wait for it: until it answers, the occupancy cache is restated from the
    /// database.
    ///
    /// # Errors
    /// The URL is not one of Redis.
    pub fn shared(config: &LiveConfig) -> Result<Self, LiveError> {
        let cache = Arc::new(OccupancyCache::default());
        let redis = redis_state::RedisState::start(config, Arc::clone(&cache))?;
        Ok(Self { cache, redis: Some(Arc::new(redis)) })
    }

    /// Visits that ended and visits that began, each at its hub. Call after the commit. Departures are told first, so
    /// that nobody is seen in two places. The change has begun when this answers ([`Self::wait_for_changes`]), and is on the
    /// occupancy cache when what it answers has been waited for.
    pub fn moved(
        &self,
        left: &[(HubId, VisitId)],
        arrived: &[(HubId, VisitId)],
    ) -> impl Future<Output = ()> + Send + use<> {
        let telling = match &self.redis {
            None => {
                for (hub, visit) in left {
                    self.cache.left(*hub, *visit);
                }
                for (hub, visit) in arrived {
                    self.cache.arrived(*hub, *visit);
                }
                None
            }
            Some(redis) => Some(Arc::clone(redis).moved(left, arrived)),
        };
        async {
            if let Some(telling) = telling {
                telling.await;
            }
        }
    }

    /// Waits for the changes of a hub that have begun in this process.
    pub async fn wait_for_changes(&self, hub: HubId) {
        if let Some(redis) = &self.redis {
            redis.wait_for_changes(hub).await;
        }
    }

    /// How many are present, as far as this process knows; nothing when it was never told.
    pub fn present(&self, hub: HubId) -> Option<u32> {
        self.cache.present(hub)
    }

    /// Every change of a hub's head-count from now on, the present one first.
    pub fn watch(&self, hub: HubId) -> impl Stream<Item = u32> + Send + use<> {
        self.cache.watch(hub)
    }

    /// Whether the state may have missed something and wants to be restated from the database.
    pub fn wants_recount(&self) -> bool {
        self.redis.as_ref().is_none_or(|redis| redis.wants_recount())
    }

    /// Where the state of a hub stands, to be taken *before* the database is read.
    pub async fn mark(&self, hub: HubId) -> Mark {
        match &self.redis {
            None => self.cache.mark(hub),
            Some(redis) => redis.mark(hub).await,
        }
    }

    /// States anew who is present, from the database; dropped if the hub changed since the mark.
    pub async fn restate(&self, hub: HubId, mark: Mark, present: &[VisitId]) {
        match &self.redis {
            None => self.cache.restate(hub, mark, present),
            Some(redis) => redis.restate(hub, mark, present).await,
        }
    }

    /// Says that a whole recount begins; what goes wrong from here on asks for another one.
    pub fn recounting(&self) {
        if let Some(redis) = &self.redis {
            redis.recounting();
        }
    }

    /// Says that a recount did not go through.
    pub fn not_recounted(&self) {
        if let Some(redis) = &self.redis {
            redis.not_recounted();
        }
    }

    /// Adds to counts that every process shares, each forgotten soon after it began; answers the totals in the same
    /// order. Nothing without Redis, or while it is away.
    pub async fn add_counts(&self, counts: &[(String, u64)]) -> Option<Vec<u64>> {
        match &self.redis {
            None => None,
            Some(redis) => redis.add_counts(counts).await,
        }
    }

    /// Whether Redis, where there is one, answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), LiveError> {
        match &self.redis {
            None => Ok(()),
            Some(redis) => redis.ping().await,
        }
    }
}
