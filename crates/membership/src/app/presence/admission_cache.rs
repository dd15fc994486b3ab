//! The admission cache: caches people who touched a reader recently, so that their next touch is decided without a
//! database query and written in one round trip.
//!
//! Always true:
//! - Every cached decision is checked against the database when it is written. Each change that affects or results
//!   from a decision raises the person's version (chips, passes and memberships by triggers, touches when they are
//!   written), and the database writes only while every person is still at the cached version, and every hub that was
//!   touched or whose head-count changes at the version that was decided on. Other processes may write at any time.
//! - The cache serves only admitted, in-order touches that need no audit event: a device's own or the system's.
//!   Refusals, logs, the staff's touches and everything out of order query the database first.
//! - Every entry belongs to one network: the same chip may belong to another person in another network.
//! - Cached data is never shown to anybody.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use kernel::{Caller, HubId, NetworkId, PersonId};
use platform_db::Reach;

use super::{
    call::{Call, Reporter},
    reread::{Past, Reread, hubs_of, window},
    touch_log::{Log, by_person, traces},
    write_touches::{LookUp, Written},
};
use crate::{
    Direction, Hub, Membership, MembershipError,
    admission::{happened_at, is_live},
    store::{
        cached_admission::{Known, SeatsWanted, write_if_still_so},
        history::History,
        member::{Bearer, BearerKey},
        touch::Row,
    },
};

/// The maximum number of cached people, about one kilobyte each.
const MOST_CACHED: u64 = 20_000;

/// The cache of recently admitted people.
#[derive(Debug, Clone)]
pub(crate) struct AdmissionCache {
    persons: moka::sync::Cache<(NetworkId, PersonId), Arc<CachedPerson>>,
    keys: moka::sync::Cache<(NetworkId, BearerKey), PersonId>,
    served: Arc<AtomicU64>,
}

/// A cached person.
#[derive(Debug)]
struct CachedPerson {
    /// The person's version at which the cached data was read.
    version: i64,
    bearers: Vec<(BearerKey, Bearer)>,
    history: History,
}

impl Default for AdmissionCache {
    fn default() -> Self {
        let persons = moka::sync::Cache::new(MOST_CACHED);
        let keys = moka::sync::Cache::new(MOST_CACHED);
        Self { persons, keys, served: Arc::default() }
    }
}

impl AdmissionCache {
    /// Caches the people of a network whose touches were just written, with the data read from the database, if
    /// nobody has changed it since.
    pub(crate) fn learn(
        &self,
        network: NetworkId,
        bearers: &HashMap<BearerKey, Vec<Bearer>>,
        reread: &Reread,
    ) {
        let mut known: HashMap<PersonId, Vec<(BearerKey, Bearer)>> = HashMap::new();
        for (key, bearers) in bearers {
            if let [bearer] = bearers.as_slice() {
                known.entry(bearer.person).or_default().push((key.clone(), bearer.clone()));
            }
        }
        for (person, history) in &reread.histories {
            let bearers = known.remove(person).unwrap_or_default();
            let Some(version) = bearers.first().and_then(|(_, bearer)| bearer.version) else {
                self.persons.invalidate(&(network, *person));
                continue;
            };
            for (key, _) in &bearers {
                self.keys.insert((network, key.clone()), *person);
            }
            let cached = CachedPerson { version: version + 1, bearers, history: history.clone() };
            self.persons.insert((network, *person), Arc::new(cached));
        }
    }

    /// Returns the cached bearer of a chip in a network.
    fn of(&self, network: NetworkId, key: &BearerKey) -> Option<Arc<CachedPerson>> {
        let person = self.keys.get(&(network, key.clone()))?;
        self.persons.get(&(network, person))
    }

    fn forget<'p>(&self, network: NetworkId, persons: impl Iterator<Item = &'p PersonId>) {
        persons.for_each(|person| self.persons.invalidate(&(network, *person)));
    }
}

impl CachedPerson {
    /// Returns the bearer of a chip, if a touch at that time is later than all earlier ones.
    fn bearer(&self, key: &BearerKey, at: Timestamp) -> Option<&Bearer> {
        let is_later = self.history.touches.iter().all(|(touch, _)| touch.at < at);
        self.bearers.iter().find(|(known, _)| is_later && known == key).map(|(_, bearer)| bearer)
    }
}

/// Calls decided from the cache, to be written if the cached versions still hold.
pub(crate) struct CachedCall<'c> {
    logs: Vec<Log<'c>>,
    known: HashMap<PersonId, Arc<CachedPerson>>,
}

impl Membership {
    /// Returns the number of calls decided from the cache and written.
    pub fn served_from_cache(&self) -> u64 {
        self.admission_cache.served.load(Ordering::Relaxed)
    }

    /// Decides a call from the cache: all of it, or `None`.
    pub(crate) fn cached<'c>(&self, call: &'c Call) -> Option<CachedCall<'c>> {
        let reporter = match (&call.reporter, call.op.caller()) {
            (Reporter::Caller, Caller::Device { .. } | Caller::System) => call.own_reporter_key().ok()?,
            _ => return None,
        };
        let mut log = Log::new(call, reporter, HashMap::new());
        let mut known = HashMap::new();
        for (place, one) in call.reported.iter().enumerate() {
            let key = one.who.key();
            let cached = self.admission_cache.of(call.hub.network, &key)?;
            let at = happened_at(one.at.unwrap_or(call.received_at), call.received_at);
            let bearer = cached.bearer(&key, at)?;
            if one.direction == Direction::In && is_live(at, call.received_at) && self.is_full(&call.hub) {
                return None;
            }
            log.add(place, one, &key, Some(bearer));
            know(&mut known, bearer.person, &cached);
        }
        log.is_let_through().then(|| CachedCall { logs: vec![log], known })
    }

    /// Records the calls of one network in one transaction, decided on the database, and caches the people. The
    /// caller updates the occupancy cache afterwards.
    pub(crate) async fn try_to_record(
        &self,
        calls: &[&Call],
        look_up: LookUp,
    ) -> Result<Written, MembershipError> {
        let Some(network) = calls.last().map(|call| call.hub.network) else { return Ok(Written::default()) };
        let tx = self.db.write(Reach::Network(network)).await?;
        let (written, bearers) = self.record_within(&tx, calls, look_up).await?;
        tx.commit().await?;
        self.admission_cache.learn(network, &bearers, &written.reread);
        Ok(written)
    }

    /// Writes calls of one network that were decided from the cache. Returns `None`, and writes nothing, if the
    /// cached data of a person is missing or outdated.
    pub(crate) async fn record_from_cache(
        &self,
        decided: CachedCall<'_>,
    ) -> Result<Option<Written>, MembershipError> {
        let CachedCall { mut logs, known } = decided;
        let Some(call) = logs.last().map(|log| log.call) else { return Ok(Some(Written::default())) };
        let (op, network) = (&call.op, call.hub.network);
        let new = by_person(&logs);
        let past = |(person, cached): (&PersonId, &Arc<CachedPerson>)| {
            let since = new.get(person)?.iter().map(|(touch, _)| touch.at).min()?;
            Some((*person, Past { since, history: cached.history.seen_through(window(since)) }))
        };
        let pasts: HashMap<PersonId, Past> = known.iter().filter_map(past).collect();
        let mut hubs: HashMap<HubId, Arc<Hub>> = HashMap::new();
        for id in hubs_of(&new, &pasts) {
            hubs.insert(id, self.hub(id).await?);
        }
        // A call that was decided on an earlier version of its hub is decided again, from the database.
        let is_outdated =
            |log: &Log<'_>| hubs.get(&log.call.hub.id).is_some_and(|hub| hub.version != log.call.hub.version);
        if logs.iter().any(is_outdated) {
            return Ok(None);
        }
        let mut reread = Reread::anew(op, network, &hubs, &new, pasts)?;
        for log in &mut logs {
            log.apply(&reread);
        }
        let touches: Vec<&Row> = logs.iter().flat_map(|log| &log.rows).collect();
        let rows = reread.rows(&touches, &traces(&logs))?;
        let versions: Vec<Known> = known.iter().map(|(person, cached)| (*person, cached.version)).collect();
        let mut changes = reread.changes_by_hub();
        for log in logs.iter().filter(|log| !log.rows.is_empty()) {
            // The version is checked even if no seat is taken or given back.
            changes.entry(log.call.hub.id).or_default();
        }
        let wanted: Vec<SeatsWanted> = changes
            .into_iter()
            .map(|(hub, more)| {
                let (version, capacity) = (hubs[&hub].version, hubs[&hub].hard_capacity());
                SeatsWanted { hub, version, more, capacity }
            })
            .collect();
        let written = write_if_still_so(&self.db, network, &versions, &wanted, rows).await;
        if !matches!(written, Ok(true)) {
            self.admission_cache.forget(network, known.keys());
            return written.map(|_| None).map_err(Into::into);
        }
        let outcomes: Vec<_> = logs.iter().map(|log| log.outcomes(&reread, &[])).collect::<Result<_, _>>()?;
        self.admission_cache
            .served
            .fetch_add(u64::try_from(outcomes.len()).unwrap_or_default(), Ordering::Relaxed);
        for (person, cached) in known {
            let history = reread.histories.get(&person).cloned().unwrap_or_default();
            let (version, bearers) = (cached.version + 1, cached.bearers.clone());
            self.admission_cache
                .persons
                .insert((network, person), Arc::new(CachedPerson { version, bearers, history }));
        }
        Ok(Some(Written { outcomes, reread }))
    }
}

impl CachedCall<'_> {
    /// Merges with another call.
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.logs.extend(other.logs);
        for (person, cached) in &other.known {
            know(&mut self.known, *person, cached);
        }
        self
    }
}

/// Keeps the older of two entries of one person: if a newer one exists, the write is rejected.
fn know(known: &mut HashMap<PersonId, Arc<CachedPerson>>, person: PersonId, cached: &Arc<CachedPerson>) {
    let older = known.entry(person).or_insert_with(|| Arc::clone(cached));
    if cached.version < older.version {
        *older = Arc::clone(cached);
    }
}
