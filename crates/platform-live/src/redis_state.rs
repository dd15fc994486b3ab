//! The live state in Redis: a set of visit ids per hub, changed by small scripts and published to every process by
//! pub/sub.
//!
//! Always true: a hub's version moves with each change, in the same script; a script returns the count it left. If
//! Redis fails, the state is marked for a recount and the caller continues. For half a second no caller then uses
//! Redis, so none of them waits.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, future::join_all};
use kernel::{HubId, VisitId};
use redis::{AsyncCommands, Client, RedisError, Script, aio::ConnectionManager};
use tokio::time::Instant;

use crate::{
    Mark, OccupancyCache,
    redis_connection::{PATIENCE, RedisConnection},
    under_way::UnderWay,
};

const AGAIN_AFTER: Duration = Duration::from_millis(500);
const REMEMBERED_SECONDS: u32 = 60;
/// No hub ever has this version: a restatement with it is always dropped.
const UNKNOWN: i64 = -1;

/// Departures go first, so that no person appears in two places. Before the first count a change publishes nothing: its
/// number would count only itself.
const MOVED: &str = "local departures = tonumber(ARGV[4]) \
    for place = 5, 4 + departures do \
        redis.call('srem', KEYS[1], ARGV[place]) redis.call('set', KEYS[3] .. ARGV[place], 1, 'EX', ARGV[3]) end \
    if redis.call('exists', KEYS[2]) == 0 then return -1 end \
    for place = 5 + departures, #ARGV do \
        if redis.call('exists', KEYS[3] .. ARGV[place]) == 0 then redis.call('sadd', KEYS[1], ARGV[place]) end end \
    redis.call('incr', KEYS[2]) \
    local count = redis.call('scard', KEYS[1]) \
    redis.call('publish', ARGV[1], ARGV[2] .. ' ' .. count) return count";
const RESTATE: &str = "if tonumber(redis.call('get', KEYS[2]) or '0') ~= tonumber(ARGV[3]) then return -1 end \
    redis.call('setnx', KEYS[2], 0) redis.call('del', KEYS[1]) \
    for place = 4, #ARGV do redis.call('sadd', KEYS[1], ARGV[place]) end \
    local count = redis.call('scard', KEYS[1]) \
    redis.call('publish', ARGV[1], ARGV[2] .. ' ' .. count) return count";

pub(crate) struct RedisState {
    connection: Arc<RedisConnection>,
    cache: Arc<OccupancyCache>,
    stale: Arc<AtomicBool>,
    /// The end of the pause after a failure, during which Redis is not used.
    resting_until: Mutex<Option<Instant>>,
    under_way: UnderWay,
    moved: Script,
}

/// Visits that ended and visits that began at one hub.
#[derive(Default)]
struct Moved {
    left: Vec<VisitId>,
    arrived: Vec<VisitId>,
}

impl std::fmt::Debug for RedisState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisState").field("prefix", &self.connection.prefix()).finish_non_exhaustive()
    }
}

impl RedisState {
    pub(crate) fn start(connection: Arc<RedisConnection>, cache: Arc<OccupancyCache>) -> Self {
        let client = connection.client().clone();
        let stale = Arc::new(AtomicBool::new(true));
        let state = Self {
            connection,
            cache: Arc::clone(&cache),
            stale: Arc::clone(&stale),
            resting_until: Mutex::new(None),
            under_way: UnderWay::default(),
            moved: Script::new(MOVED),
        };
        tokio::spawn(listen(client, state.channel(), Arc::downgrade(&cache), stale));
        state
    }

    /// Begins a change; the returned future completes it.
    pub(crate) fn moved(
        self: Arc<Self>,
        left: &[(HubId, VisitId)],
        arrived: &[(HubId, VisitId)],
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut hubs: HashMap<HubId, Moved> = HashMap::new();
        for (hub, visit) in left {
            hubs.entry(*hub).or_default().left.push(*visit);
        }
        for (hub, visit) in arrived {
            hubs.entry(*hub).or_default().arrived.push(*visit);
        }
        let change = self.under_way.begin(hubs.keys().copied());
        async move {
            join_all(hubs.iter().map(|(hub, moved)| self.change(*hub, moved))).await;
            drop(change);
        }
    }

    pub(crate) async fn wait_for_changes(&self, hub: HubId) {
        self.under_way.wait_for_changes(hub).await;
    }

    pub(crate) fn wants_recount(&self) -> bool {
        self.stale.load(Ordering::SeqCst)
    }

    /// Begins a recount; a later failure requests another one.
    pub(crate) fn recounting(&self) {
        self.stale.store(false, Ordering::SeqCst);
    }

    pub(crate) fn not_recounted(&self) {
        self.stale.store(true, Ordering::SeqCst);
    }

    pub(crate) async fn mark(&self, hub: HubId) -> Mark {
        let key = self.version_key(hub);
        let version = self
            .asked(async |mut redis| redis.get::<_, Option<i64>>(key).await)
            .await
            .map_or(UNKNOWN, Option::unwrap_or_default);
        Mark(version)
    }

    pub(crate) async fn restate(&self, hub: HubId, mark: Mark, present: &[VisitId]) {
        if mark == Mark(UNKNOWN) {
            // Redis is away: this process still serves the count of the database.
            self.stale.store(true, Ordering::SeqCst);
            return self.cache.set_count(hub, u32::try_from(present.len()).unwrap_or(u32::MAX));
        }
        let script = Script::new(RESTATE);
        let mut call = script.prepare_invoke();
        call.key(self.set_key(hub)).key(self.version_key(hub));
        call.arg(self.channel()).arg(hub.to_string()).arg(mark.0);
        for visit in present {
            call.arg(visit.to_string());
        }
        let counted = self.asked(async |mut redis| call.invoke_async::<i64>(&mut redis).await).await;
        match counted.map(u32::try_from) {
            Some(Ok(present)) => self.cache.set_count(hub, present),
            // The hub changed meanwhile, or Redis is away.
            Some(Err(_)) | None => self.stale.store(true, Ordering::SeqCst),
        }
    }

    async fn change(&self, hub: HubId, moved: &Moved) {
        let mut call = self.moved.prepare_invoke();
        call.key(self.set_key(hub)).key(self.version_key(hub)).key(self.connection.key("left:"));
        call.arg(self.channel()).arg(hub.to_string()).arg(REMEMBERED_SECONDS).arg(moved.left.len());
        for visit in moved.left.iter().chain(&moved.arrived) {
            call.arg(visit.to_string());
        }
        let counted = self.asked(async |mut redis| call.invoke_async::<i64>(&mut redis).await).await;
        match counted.map(u32::try_from) {
            Some(Ok(present)) => self.cache.set_count(hub, present),
            Some(Err(_)) | None => self.stale.store(true, Ordering::SeqCst),
        }
    }

    /// Runs a command in Redis within the time limit; returns `None` if Redis fails or failed a moment ago.
    async fn asked<T>(&self, ask: impl AsyncFnOnce(ConnectionManager) -> Result<T, RedisError>) -> Option<T> {
        if self.resting_until().is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let answer = tokio::time::timeout(PATIENCE, async { ask(self.connection.open().await?).await }).await;
        match answer {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                tracing::warn!(%error, "Redis refuses; occupancy will be recounted");
                self.rest()
            }
            Err(_late) => {
                tracing::warn!("Redis is slow; occupancy will be recounted");
                self.rest()
            }
        }
    }

    fn rest<T>(&self) -> Option<T> {
        *self.resting_until.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Instant::now() + AGAIN_AFTER);
        None
    }

    fn resting_until(&self) -> Option<Instant> {
        *self.resting_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_key(&self, hub: HubId) -> String {
        self.connection.key(&format!("present:{hub}"))
    }

    fn version_key(&self, hub: HubId) -> String {
        self.connection.key(&format!("version:{hub}"))
    }

    fn channel(&self) -> String {
        self.connection.key("occupancy")
    }
}

/// Receives the changes of other processes, as long as the occupancy cache lives; a gap requests a recount.
async fn listen(
    client: Client,
    channel: String,
    cache: std::sync::Weak<OccupancyCache>,
    stale: Arc<AtomicBool>,
) {
    while cache.strong_count() > 0 {
        if let Err(error) = receive(&client, &channel, &cache).await {
            tracing::debug!(%error, "not subscribed to Redis");
        }
        stale.store(true, Ordering::SeqCst);
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn receive(
    client: &Client,
    channel: &str,
    cache: &std::sync::Weak<OccupancyCache>,
) -> Result<(), RedisError> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(channel).await?;
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        let text: String = message.get_payload()?;
        let Some(cache) = cache.upgrade() else { return Ok(()) };
        if let Some((hub, count)) = text.split_once(' ')
            && let (Ok(hub), Ok(count)) = (hub.parse(), count.parse())
        {
            cache.set_count(hub, count);
        }
    }
    Ok(())
}
