//! Records touches: check-ins and check-outs, one from a reader or a whole offline log.
//!
//! The steps: find the bearer of each chip; decide on admission; read visits anew from all touches of these people;
//! check seats for arrivals; write the difference; update the occupancy cache. All of it is one transaction, so a log
//! is recorded as a whole or not at all. Concurrent calls share one transaction ([`crate::app::presence::touch_batcher`]).
//!
//! Always true: persons are locked before anything about them is read, and seats after persons, each in a fixed
//! order; everything written was decided on locked rows.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use kernel::{AuthError, Caller, ExternalId, HubId, MemberId, OpContext, Permission, PersonId};
use platform_db::{Reach, Tx};

use crate::app::{
    presence::reread::{NewTouches, Reread},
    presence::touch_log::{Log, bearer_at, by_person, traces}};
use crate::{
    ChipNumber, DenialReason, Direction, Hub, Membership, MembershipError, Source, Visit,
    admission::happened_at,
    audit,
    figures::count_touch,
    store::{self, member::BearerKey, seats::Taken, touch::Row},
};

const LONGEST_EVENT_ID: usize = 64;
const MOST_TOUCHES: usize = 500;

/// One reported touch.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The reporter's own id of the touch; the same id again means the same touch.
    pub event_id: String,
    /// The time by the reporter's clock; `None` means the time of receipt.
    pub at: Option<Timestamp>,
    /// The person who touched.
    pub who: Who,
    /// The direction.
    pub direction: Direction,
    /// The source of the report.
    pub source: Source,
}

/// Identifies the person of a touch.
#[derive(Debug, Clone)]
pub enum Who {
    /// The bearer of a chip.
    Chip(ChipNumber),
    /// A member, named by the staff.
    Member(MemberId),
}

/// Identifies the reporter.
#[derive(Debug, Clone)]
pub enum Reporter {
    /// The caller: a device with its own token, or a member of the staff.
    Caller,
    /// A device whose log is uploaded, by its code.
    Device(String),
}

impl Who {
    pub(crate) fn key(&self) -> BearerKey {
        match self {
            Self::Chip(number) => BearerKey::Chip(number.hash()),
            Self::Member(id) => BearerKey::Member(*id),
        }
    }
}

/// One caller's touches at one hub, authorised and waiting to be written.
#[derive(Debug)]
pub(crate) struct Call {
    pub op: OpContext,
    pub hub: Arc<Hub>,
    pub reporter: Reporter,
    pub reported: Vec<Reported>,
    /// The time of receipt: no touch of the call happened later (R23).
    pub received_at: Timestamp,
    /// The trace of the request.
    pub trace: Option<String>,
}

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

/// The outcome of a touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TouchOutcome {
    /// The touch opened this visit.
    CheckedIn(Visit),
    /// The person was already present.
    AlreadyIn(Visit),
    /// The touch closed this visit.
    CheckedOut(Visit),
    /// There was no visit to close.
    NothingOpen,
    /// The touch was denied.
    Denied(DenialReason),
    /// The event id belongs to another touch: another time, chip, member or direction.
    Conflict,
}

impl Membership {
    /// Records touches at one hub and returns the outcome of each, in order. A repeated touch returns its original
    /// outcome. Emits `visit_started`, `visit_ended`, `visit_corrected`.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's hub, `INVALID_INPUT` for an event id or number of touches out of
    /// bounds.
    #[tracing::instrument(name = "membership.record_touches", skip_all)]
    pub async fn record_touches(
        &self,
        op: &OpContext,
        hub: HubId,
        reporter: &Reporter,
        reported: &[Reported],
    ) -> Result<Vec<TouchOutcome>, MembershipError> {
        let hub = self.hub(hub).await?;
        op.require_at_hub(Permission::RecordPresence, hub.id, hub.network)?;
        check(reported)?;
        let names_members = reported.iter().any(|one| matches!(one.who, Who::Member(_)));
        if names_members && matches!(op.caller(), Caller::Device { .. } | Caller::Program { .. }) {
            // Devices and programs prove presence by credentials; only people vouch for people.
            return Err(AuthError::Forbidden.into());
        }
        let trace = platform_telemetry::trace_context::current();
        let (reporter, reported) = (reporter.clone(), reported.to_vec());
        let received_at = op.now();
        let directions: Vec<Direction> = reported.iter().map(|one| one.direction).collect();
        let call = Call { op: op.clone(), hub, reporter, reported, received_at, trace };
        let outcomes = self.receive(call).await?;
        directions.into_iter().zip(&outcomes).for_each(|(way, outcome)| count_touch(way, outcome));
        Ok(outcomes)
    }

    /// Records the calls of one network in one transaction. The caller updates the occupancy cache afterwards.
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
            logs.push(log);
        }
        let new = by_person(&logs);
        let mut reread = self.reread(op, tx, network, earliest(&new), &new).await?;
        let persons: Vec<PersonId> = reread.histories.keys().copied().collect();
        let mut taken =
            store::seats::raise_and_lock(tx, network, &persons, &reread.hubs_that_change()).await?;
        while self.deny_for_want_of_seats(tx, &reread, &mut taken, &mut logs).await? {
            let new = by_person(&logs);
            reread = self.reread(op, tx, network, earliest(&new), &new).await?;
            store::seats::lock_more(tx, network, &reread.hubs_that_change(), &mut taken).await?;
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

impl Call {
    /// Returns the reporter key of the caller's own event ids.
    pub(crate) fn own_reporter_key(&self) -> Result<String, AuthError> {
        match self.op.caller() {
            Caller::Device { device, .. } => Ok(device.to_string()),
            Caller::Person { person, .. } => Ok(person.to_string()),
            Caller::Program { key, .. } => Ok(key.to_string()),
            Caller::System => Ok("system".into()),
            Caller::Anonymous => Err(AuthError::Unauthenticated),
        }
    }
}

/// Returns the time of the first new touch: nothing changes before it.
fn earliest(new: &NewTouches) -> Timestamp {
    new.values().flatten().map(|(touch, _)| touch.at).min().unwrap_or(Timestamp::MAX)
}

fn check(reported: &[Reported]) -> Result<(), MembershipError> {
    if reported.len() > MOST_TOUCHES {
        return Err(MembershipError::invalid("lines", format!("at most {MOST_TOUCHES} at once")));
    }
    reported.iter().try_for_each(|one| check_event_id(&one.event_id))
}

/// Checks that a reporter may use the event id.
pub(crate) fn check_event_id(id: &str) -> Result<(), MembershipError> {
    ExternalId::<LONGEST_EVENT_ID>::check(id).map_err(|error| MembershipError::invalid("eventId", error))
}

fn unique<T: Eq + std::hash::Hash + Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
