//! Decides calls on the rows of the database and writes them, in a given transaction.
//!
//! The steps: find the bearer of each chip; decide on admission; read visits anew from all touches of these people;
//! check seats for arrivals; write the difference.
//!
//! Always true: persons are locked before anything about them is read, and seats after persons, each in a fixed
//! order; everything written was decided on locked rows, and on the present version of each hub.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use kernel::{Caller, HubId, PersonId};
use platform_db::Tx;

use super::{
    call::{Call, Reporter, TouchOutcome},
    reread::{NewTouches, Reread},
    touch_log::{Log, bearer_at, by_person, traces},
};
use crate::{
    Hub, Membership, MembershipError,
    admission::happened_at,
    audit,
    store::{self, member::BearerKey, seats::Taken, touch::Row},
};

/// When to look up whether an event id was recorded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookUp {
    /// Before any decision.
    First,
    /// Only after the database rejects a duplicate; almost every touch is new.
    Later,
}

/// The bearers of the named chips and memberships.
pub(crate) type Bearers = HashMap<BearerKey, Vec<store::member::Bearer>>;

/// The state in the database that the occupancy cache does not show yet.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The outcomes of each call's touches.
    pub outcomes: Vec<Vec<TouchOutcome>>,
    pub reread: Reread,
}

impl Membership {
    /// Records the calls of one network in an open transaction. Returns the bearers of the chips, too.
    pub(crate) async fn record_within(
        &self,
        tx: &Tx,
        calls: &[&Call],
        look_up: LookUp,
    ) -> Result<(Written, Bearers), MembershipError> {
        let Some(latest) = calls.last() else { return Ok(Default::default()) };
        let (op, network) = (&latest.op, latest.hub.network);
        let touches = calls.iter().flat_map(|call| &call.reported);
        let keys: Vec<BearerKey> = unique(touches.map(|one| one.who.key()));
        let bearers = store::member::bearers(tx, network, &keys).await?;

        let mut logs = Vec::with_capacity(calls.len());
        for call in calls {
            let reporter = self.reporter_key(tx, call).await?;
            let recorded = if look_up == LookUp::First {
                let event_ids: Vec<String> = call.reported.iter().map(|one| one.event_id.clone()).collect();
                store::touch::recorded(tx, network, call.hub.id, &reporter, &event_ids).await?
            } else {
                HashMap::new()
            };
            let mut log = Log::new(call, reporter, recorded);
            for (place, one) in call.reported.iter().enumerate() {
                let at = happened_at(one.at.unwrap_or(call.received_at), call.received_at);
                let key = one.who.key();
                let bearer = bearers.get(&key).and_then(|bearers| bearer_at(bearers, at));
                log.add(place, one, &key, bearer);
            }
            if log.is_denied_by_the_hub() {
                let present = store::hub_change::version(tx, call.hub.id).await?;
                self.check_version(call, present.unwrap_or_default()).await?;
            }
            logs.push(log);
        }
        let new = by_person(&logs);
        let mut reread = self.reread(op, tx, network, earliest(&new), &new).await?;
        let persons: Vec<PersonId> = reread.histories.keys().copied().collect();
        let mut taken =
            store::seats::raise_and_lock(tx, network, &persons, &hubs_to_lock(calls, &reread)).await?;
        self.check_versions(tx, calls, &taken).await?;
        while self.deny_for_want_of_seats(tx, &reread, &mut taken, &mut logs).await? {
            let new = by_person(&logs);
            reread = self.reread(op, tx, network, earliest(&new), &new).await?;
            store::seats::lock_more(tx, network, &reread.hubs_that_change(), &mut taken).await?;
            self.check_versions(tx, calls, &taken).await?;
        }
        for log in &mut logs {
            log.apply(&reread);
        }
        let rows: Vec<&Row> = logs.iter().flat_map(|log| &log.rows).collect();
        reread.write(tx, network, &rows, &traces(&logs), &taken).await?;
        let mut outcomes = Vec::with_capacity(calls.len());
        for log in &logs {
            let elsewhere = match log.visits_elsewhere(&reread).as_slice() {
                [] => Vec::new(),
                ids => store::visit::find(tx, network, ids).await?,
            };
            outcomes.push(log.outcomes(&reread, &elsewhere)?);
        }
        for log in &logs {
            let Call { op, hub, reporter, .. } = log.call;
            for audit_event in audit::of_touches(op, hub, reporter, &log.rows) {
                tx.audit(op, audit_event).await?;
            }
        }
        Ok((Written { outcomes, reread }, bearers))
    }

    /// Fails with [`MembershipError::HubChanged`] if a hub has changed since it was read: the decision is made again.
    pub(super) async fn check_versions(
        &self,
        tx: &Tx,
        calls: &[&Call],
        taken: &Taken,
    ) -> Result<(), MembershipError> {
        for (hub, version) in taken.versions() {
            for call in calls.iter().filter(|call| call.hub.id == hub) {
                self.check_version(call, version).await?;
            }
            if self.hub_within(tx, hub).await?.version != version {
                self.hubs.invalidate(&hub).await;
                return Err(MembershipError::HubChanged);
            }
        }
        Ok(())
    }

    async fn check_version(&self, call: &Call, present: i64) -> Result<(), MembershipError> {
        if call.hub.version == present {
            return Ok(());
        }
        self.hubs.invalidate(&call.hub.id).await;
        Err(MembershipError::HubChanged)
    }

    /// Denies arrivals that find no seat. Returns whether it denied any. Seats are counted under the hub's lock, and
    /// only if the hub seems full.
    async fn deny_for_want_of_seats(
        &self,
        tx: &Tx,
        reread: &Reread,
        taken: &mut Taken,
        logs: &mut [Log<'_>],
    ) -> Result<bool, MembershipError> {
        let mut wanting = BTreeMap::new();
        for (hub, more) in reread.changes_by_hub() {
            let hub = self.hub_within(tx, hub).await?;
            if more <= 0 || hub.capacity_is_soft {
                continue;
            }
            let mut missing = taken.missing(hub.id, more, hub.capacity);
            if missing > 0 && !taken.is_counted(hub.id) {
                let present = store::visit::count_open(tx, hub.network, hub.id).await?;
                taken.count(hub.id, present);
                missing = taken.missing(hub.id, more, hub.capacity);
            }
            wanting.insert(hub.id, missing);
        }
        let deny = |log: &mut Log<'_>| log.deny_for_want_of_seats(reread, &mut wanting);
        Ok(logs.iter_mut().rev().map(deny).fold(false, |some, more| some | more))
    }

    /// Returns whether a hub seems full. The live state may be wrong: it only decides whether the database is
    /// queried.
    pub(crate) fn is_full(&self, hub: &Hub) -> bool {
        self.live.present(hub.id).is_some_and(|present| present >= hub.capacity)
    }

    /// Updates the live state after the commit. The work starts at once and is done when the future completes.
    pub(crate) fn update_occupancy(&self, reread: &Reread) -> impl Future<Output = ()> + Send + use<> {
        self.live.moved(&reread.left, &reread.arrived)
    }

    /// Returns the reporter key within which event ids are unique.
    async fn reporter_key(&self, tx: &Tx, call: &Call) -> Result<String, MembershipError> {
        let code = match (&call.reporter, call.op.caller()) {
            (Reporter::Caller, _) | (_, Caller::Device { .. }) => return Ok(call.own_reporter_key()?),
            (Reporter::Device(code), _) => code,
        };
        let devices = store::hub::devices(tx, call.hub.network, call.hub.id).await?;
        let device = devices.into_iter().find(|device| device.code == code.trim());
        Ok(device.ok_or(MembershipError::NotFound("device"))?.id.to_string())
    }
}

/// Returns the hubs whose seats are locked, in order: those where the number of people changes, and those that were
/// touched, even if no seat is taken there: under the present version of the hub, the touch may have to be denied.
fn hubs_to_lock(calls: &[&Call], reread: &Reread) -> Vec<HubId> {
    let hubs: BTreeSet<HubId> =
        calls.iter().map(|call| call.hub.id).chain(reread.hubs_that_change()).collect();
    hubs.into_iter().collect()
}

/// Returns the time of the first new touch: nothing changes before it.
fn earliest(new: &NewTouches) -> Timestamp {
    new.values().flatten().map(|(touch, _)| touch.at).min().unwrap_or(Timestamp::MAX)
}

fn unique<T: Eq + std::hash::Hash + Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
