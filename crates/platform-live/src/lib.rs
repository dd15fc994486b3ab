//! The live state: who is present where at the moment, and the fan-out of every change.
//!
//! Always true:
//! - It is never the source of truth. It can be lost at any moment and is restored from the open visits of the database
//!   (R4).
//! - A change is idempotent by visit id and tolerates disorder: a departure that overtakes its arrival wins.
//! - A restatement that read the database before a newer change is dropped, not applied ([`Mark`]).
//! - Readers are served from this process's memory ([`OccupancyCache`]); no reader waits for Redis longer than 300 ms.
//! - A response may be sent before its change is published. A later reader waits until the change is in the occupancy
//!   cache ([`Live::wait_for_changes`]).
//!
//! In one process the occupancy cache itself is the state. With several, Redis holds it and updates the cache of every
//! process.

mod occupancy_cache;
mod redis_connection;
mod redis_state;
mod shared_counts;
mod under_way;

use std::sync::Arc;

use futures_util::Stream;
use kernel::{HubId, VisitId};

pub use occupancy_cache::{Mark, OccupancyCache};
pub use redis_connection::{LiveConfig, LiveError};

use redis_connection::RedisConnection;

/// The live state of one process.
#[derive(Debug, Clone)]
pub struct Live {
    cache: Arc<OccupancyCache>,
    redis: Option<Arc<redis_state::RedisState>>,
    connection: Option<Arc<RedisConnection>>,
}

impl Live {
    /// Creates live state for this process alone.
    pub fn embedded() -> Self {
        Self { cache: Arc::new(OccupancyCache::default()), redis: None, connection: None }
    }

    /// Creates live state shared through Redis. Does not wait for Redis: until it responds, the occupancy cache is
    /// restated from the database.
    ///
    /// # Errors
    /// Fails if the URL is not one of Redis.
    pub fn shared(config: &LiveConfig) -> Result<Self, LiveError> {
        let cache = Arc::new(OccupancyCache::default());
        let connection = Arc::new(RedisConnection::new(config)?);
        let redis = redis_state::RedisState::start(Arc::clone(&connection), Arc::clone(&cache));
        Ok(Self { cache, redis: Some(Arc::new(redis)), connection: Some(connection) })
    }

    /// Publishes visits that ended and visits that began, each at its hub. Call it after the commit. Departures go
    /// first, so that no person appears in two places. The change has begun when this returns
    /// ([`Self::wait_for_changes`]), and is in the occupancy cache when the returned future completes.
    pub fn moved(
        &self,
        left: &[(HubId, VisitId)],
        arrived: &[(HubId, VisitId)],
    ) -> impl Future<Output = ()> + Send + use<> {
        let change = match &self.redis {
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
            if let Some(change) = change {
                change.await;
            }
        }
    }

    /// Waits for the changes of a hub that have begun in this process.
    pub async fn wait_for_changes(&self, hub: HubId) {
        if let Some(redis) = &self.redis {
            redis.wait_for_changes(hub).await;
        }
    }

    /// Returns a hub's head-count as this process knows it; `None` before the first count.
    pub fn present(&self, hub: HubId) -> Option<u32> {
        self.cache.present(hub)
    }

    /// Streams a hub's head-count: the current one, then every change.
    pub fn watch(&self, hub: HubId) -> impl Stream<Item = u32> + Send + use<> {
        self.cache.watch(hub)
    }

    /// Whether the state may have missed a change and needs to be restated from the database.
    pub fn wants_recount(&self) -> bool {
        self.redis.as_ref().is_none_or(|redis| redis.wants_recount())
    }

    /// Returns the version of a hub's state; take it *before* the database is read.
    pub async fn mark(&self, hub: HubId) -> Mark {
        match &self.redis {
            None => self.cache.mark(hub),
            Some(redis) => redis.mark(hub).await,
        }
    }

    /// Replaces a hub's state with the present visits of the database; dropped if the hub changed since the mark.
    pub async fn restate(&self, hub: HubId, mark: Mark, present: &[VisitId]) {
        match &self.redis {
            None => self.cache.restate(hub, mark, present),
            Some(redis) => redis.restate(hub, mark, present).await,
        }
    }

    /// Begins a full recount; a later failure requests another one.
    pub fn recounting(&self) {
        if let Some(redis) = &self.redis {
            redis.recounting();
        }
    }

    /// Marks a recount as failed.
    pub fn not_recounted(&self) {
        if let Some(redis) = &self.redis {
            redis.not_recounted();
        }
    }

    /// Adds to counts that every process shares, each of which expires soon after it began, and returns the totals in
    /// the same order. Returns `None` without Redis or while it is away.
    pub async fn add_counts(&self, counts: &[(String, u64)]) -> Option<Vec<u64>> {
        match &self.connection {
            None => None,
            Some(connection) => shared_counts::add(connection, counts).await,
        }
    }

    /// Checks that Redis, if configured, responds.
    ///
    /// # Errors
    /// Fails if Redis does not respond.
    pub async fn ping(&self) -> Result<(), LiveError> {
        match &self.connection {
            None => Ok(()),
            Some(connection) => connection.ping().await,
        }
    }
}
