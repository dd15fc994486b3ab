//! Recording touches: check-ins and check-outs, one from a reader or a whole offline log.
//!
//! The story: who has the chip? were they let in? what do all their touches say now? are there seats for those who
//! arrive? write the difference, then tell the occupancy cache. One transaction for all of it, so a log goes in as a whole or not at
//! all; calls that come at the same time share one ([`super::touch_batcher`]).
//!
//! Always true: persons are locked before anything about them is read, and seats after persons, each in one order; what is
//! written was decided on rows that are locked.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use kernel::{AuthError, Caller, ExternalId, HubId, MemberId, OpContext, Permission, PersonId};
use platform_db::{Reach, Tx};

use super::{
    reread::{NewTouches, Reread},
    touch_log::{Log, bearer_at, by_person, traces},
};
use crate::{
    ChipNumber, DenialReason, Direction, Hub, Membership, MembershipError, Source, Visit,
    admission::happened_at,
    audit,
    figures::count_touch,
    store::{self, member::BearerKey, seats::Taken, touch::Row},
};

const LONGEST_EVENT_ID: usize = 64;
const MOST_TOUCHES: usize = 500;

/// One touch as it was reported.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The reporter's own id of it; the same id again is the same touch.
    pub event_id: String,
    /// When, by the reporter's clock; when it is received, where they do not say.
    pub at: Option<Timestamp>,
    /// Whose.
    pub who: Who,
    /// Which way.
    pub direction: Direction,
    /// What saw it.
    pub source: Source,
}

/// Whose touch it is.
#[derive(Debug, Clone)]
pub enum Who {
    /// The bearer of a chip.
    Chip(ChipNumber),
    /// A member, named by the staff.
    Member(MemberId),
}

/// Who reports.
#[derive(Debug, Clone)]
pub enum Reporter {
    /// The caller themselves: a device with its own token, or a member of the staff.
    Caller,
    /// A device whose log somebody uploads, by its code.
    Device(String),
}

impl Who {
    pub(super) fn key(&self) -> BearerKey {
        match self {
            Self::Chip(number) => BearerKey::Chip(number.hash()),
            Self::Member(id) => BearerKey::Member(*id),
        }
    }
}

/// One caller's touches of one hub, authorised and waiting to be written.
#[derive(Debug)]
pub(super) struct Call {
    pub op: OpContext,
    pub hub: Arc<Hub>,
    pub reporter: Reporter,
    pub reported: Vec<Reported>,
    /// When they came: none of them happened later (R23).
    pub received_at: Timestamp,
    /// The trace of the request that brought them.
    pub trace: Option<String>,
}

/// When to ask whether an event id was recorded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookUp {
    /// Before anything is decided.
    First,
    /// Only when the database refuses it as a duplicate; almost every touch is new.
    Later,
}

/// Who bears the chips and memberships that were named.
pub(super) type Bearers = HashMap<BearerKey, Vec<store::member::Bearer>>;

/// What is in the database now, and not yet on the occupancy cache.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// What came of each call's touches.
    pub outcomes: Vec<Vec<TouchOutcome>>,
    pub reread: Reread,
}

/// What came of a touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TouchOutcome {
    /// It opened this visit.
    CheckedIn(Visit),
    /// The person was there already.
    AlreadyIn(Visit),
    /// It closed this visit.
    CheckedOut(Visit),
    /// There was nothing to close.
    NothingOpen,
    /// Not let through.
    Denied(DenialReason),
    /// The event id belongs to another touch: another time, another chip or member, or the other way.
    Conflict,
}

impl Membership {
    /// Records touches of one hub; answers what came of each, in their order. A touch sent before answers as it did
    /// then. Emits `visit_started`, `visit_ended`, `visit_corrected`.
    ///
    /// # Errors
    /// `NOT_FOUND` for another tenant's hub, `INVALID_INPUT` for an event id or number of touches out of bounds.
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

    /// Records the calls of one network in one transaction; the occupancy cache is to be told afterwards.
    pub(super) async fn try_to_record(
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

    /// Records the calls of one network in a transaction that is open; answers who bore the chips, too.
    pub(super) async fn record_within(
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

    /// Denies arrivals that find no seat; answers whether it denied any. A hub that seems full is counted, under its lock:
    /// where there is room, nothing is.
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

    /// Whether every place of a hub seems to be taken. The live state may be wrong: it only decides who asks the database.
    pub(super) fn is_full(&self, hub: &Hub) -> bool {
        self.live.present(hub.id).is_some_and(|present| present >= hub.capacity)
    }

    /// After the commit, the live state: begins at once, and is done when it has been waited for.
    pub(super) fn update_occupancy(&self, reread: &Reread) -> impl Future<Output = ()> + Send + use<> {
        self.live.moved(&reread.left, &reread.arrived)
    }

    /// Under whose name event ids are unique.
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
    /// Under whose name event ids are unique that the caller themselves reports.
    pub(super) fn own_reporter_key(&self) -> Result<String, AuthError> {
        match self.op.caller() {
            Caller::Device { device, .. } => Ok(device.to_string()),
            Caller::Person { person, .. } => Ok(person.to_string()),
            Caller::Program { key, .. } => Ok(key.to_string()),
            Caller::System => Ok("system".into()),
            Caller::Anonymous => Err(AuthError::Unauthenticated),
        }
    }
}

/// The first of new touches: before it nothing changes.
fn earliest(new: &NewTouches) -> Timestamp {
    new.values().flatten().map(|(touch, _)| touch.at).min().unwrap_or(Timestamp::MAX)
}

fn check(reported: &[Reported]) -> Result<(), MembershipError> {
    if reported.len() > MOST_TOUCHES {
        return Err(MembershipError::invalid("lines", format!("at most {MOST_TOUCHES} at once")));
    }
    reported.iter().try_for_each(|one| check_event_id(&one.event_id))
}

/// An event id a reporter may use.
pub(crate) fn check_event_id(id: &str) -> Result<(), MembershipError> {
    ExternalId::<LONGEST_EVENT_ID>::check(id).map_err(|error| MembershipError::invalid("eventId", error))
}

fn unique<T: Eq + std::hash::Hash + Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
