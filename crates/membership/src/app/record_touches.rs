//! Recording touches: check-ins and check-outs, one from a reader or a whole offline log.
//!
//! The story: who has the chip? were they let in? what do all their touches say now? write the difference, then tell
//! the board. One transaction for all of it, so a log goes in as a whole or not at all; calls that come at the same
//! time share one ([`super::reception`]).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use kernel::{Caller, HubId, MemberId, Permission, PersonId, Refused, Scope, VisitId};
use platform_db::{DbError, Reach, Tx};

use super::reread::Reread;
use crate::{
    ChipNumber, DenialReason, Direction, Effect, Hub, Membership, MembershipError, Source, Touch, Visit,
    Visitor,
    admission::{admit, is_skewed},
    deeds,
    store::{
        self,
        member::{Bearer, BearerKey},
        touch::{Outcome, Recorded, Row},
    },
};

const LONGEST_EVENT_ID: usize = 64;
const MOST_TOUCHES: usize = 500;

/// One touch as it was reported.
#[derive(Debug, Clone)]
pub struct Reported {
    /// The reporter's own id of it; the same id again is the same touch.
    pub event_id: String,
    /// When, by the reporter's clock.
    pub at: Timestamp,
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

/// One caller's touches of one hub, authorised and waiting to be written.
#[derive(Debug)]
pub(super) struct Call {
    pub scope: Scope,
    pub hub: Arc<Hub>,
    pub reporter: Reporter,
    pub reported: Vec<Reported>,
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

/// What is in the database now, and not yet on the board.
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
    /// The event id belongs to another touch: another person, or the other way.
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
        scope: &Scope,
        hub: HubId,
        reporter: &Reporter,
        reported: &[Reported],
    ) -> Result<Vec<TouchOutcome>, MembershipError> {
        let hub = self.hub(hub).await?;
        scope.require_at_hub(Permission::RecordPresence, hub.id, hub.network)?;
        check(reported)?;
        let names_members = reported.iter().any(|one| matches!(one.who, Who::Member(_)));
        if names_members && matches!(scope.caller(), Caller::Device { .. } | Caller::Program { .. }) {
            // Devices and programs prove presence by credentials; only people vouch for people.
            return Err(Refused::Forbidden.into());
        }
        let trace = platform_telemetry::trace_context::current();
        let (reporter, reported) = (reporter.clone(), reported.to_vec());
        self.receive(Call { scope: scope.clone(), hub, reporter, reported, trace }).await
    }

    /// Records the calls of one network in one transaction; the board is to be told afterwards.
    pub(super) async fn try_to_record(
        &self,
        calls: &[&Call],
        look_up: LookUp,
    ) -> Result<Written, MembershipError> {
        let Some(latest) = calls.last() else { return Ok(Written::default()) };
        let network = latest.hub.network;
        let tx = self.db.write(Reach::Network(network)).await?;
        let touches = calls.iter().flat_map(|call| &call.reported);
        let keys: Vec<BearerKey> = unique(touches.map(|one| bearer_key(&one.who)));
        let bearers = store::member::bearers(&tx, network, &keys).await?;

        let mut logs = Vec::with_capacity(calls.len());
        for call in calls {
            let reporter = self.reporter_key(&call.scope, &tx, &call.hub, &call.reporter).await?;
            let recorded = if look_up == LookUp::First {
                let event_ids: Vec<String> = call.reported.iter().map(|one| one.event_id.clone()).collect();
                store::touch::recorded(&tx, network, call.hub.id, &reporter, &event_ids).await?
            } else {
                HashMap::new()
            };
            let mut log = Log::new(call, reporter, recorded);
            let is_full =
                || self.live.present(call.hub.id).is_some_and(|present| present >= call.hub.capacity);
            for (place, one) in call.reported.iter().enumerate() {
                let bearer =
                    bearers.get(&bearer_key(&one.who)).and_then(|bearers| bearer_at(bearers, one.at));
                log.add(place, one, bearer, is_full);
            }
            logs.push(log);
        }
        let new = by_person(&logs);
        let earliest = new.values().flatten().map(|(touch, _)| touch.at).min().unwrap_or(Timestamp::MAX);
        let mut reread = self.reread(&latest.scope, &tx, network, earliest, &new).await?;
        for log in &mut logs {
            log.conclude(&reread);
        }
        let rows: Vec<&Row> = logs.iter().flat_map(|log| &log.rows).collect();
        reread.write(&tx, &rows, &traces(&logs)).await?;
        let mut written = Vec::with_capacity(calls.len());
        for log in &logs {
            written.push(outcomes(&tx, log, &reread).await?);
        }
        for log in &logs {
            let Call { scope, hub, reporter, .. } = log.call;
            for deed in deeds::of_touches(scope, hub, reporter, &log.rows) {
                tx.audit(scope, deed).await?;
            }
        }
        tx.commit().await?;
        Ok(Written { outcomes: written, reread })
    }

    /// After the commit, the live state.
    pub(super) async fn tell_the_board(&self, reread: &Reread) {
        self.live.moved(&reread.left, &reread.arrived).await;
    }

    /// Under whose name event ids are unique.
    async fn reporter_key(
        &self,
        scope: &Scope,
        tx: &Tx,
        hub: &Hub,
        reporter: &Reporter,
    ) -> Result<String, MembershipError> {
        match (reporter, scope.caller()) {
            (_, Caller::Device { device, .. }) => Ok(device.to_string()),
            (Reporter::Device(code), _) => {
                let devices = store::hub::devices(tx, hub.network, hub.id).await?;
                let device = devices.into_iter().find(|device| device.code == *code);
                Ok(device.ok_or(MembershipError::NotFound("device"))?.id.to_string())
            }
            (Reporter::Caller, Caller::Person { person, .. }) => Ok(person.to_string()),
            (Reporter::Caller, Caller::Program { key, .. }) => Ok(key.to_string()),
            (Reporter::Caller, Caller::System) => Ok("system".into()),
            (Reporter::Caller, Caller::Anonymous) => Err(Refused::Unauthenticated.into()),
        }
    }
}

/// What to answer, touch by touch.
async fn outcomes(tx: &Tx, log: &Log<'_>, reread: &Reread) -> Result<Vec<TouchOutcome>, MembershipError> {
    let reported = &log.call.reported;
    let fresh: HashMap<&str, Outcome> =
        log.rows.iter().map(|row| (row.event_id.as_str(), row.outcome)).collect();
    let outcome_of = |one: &Reported| {
        let recorded = log.recorded.get(&one.event_id).map(|recorded| recorded.outcome);
        recorded.or_else(|| fresh.get(one.event_id.as_str()).copied())
    };
    let named = reported.iter().filter_map(outcome_of).filter_map(visit_of);
    let elsewhere: Vec<VisitId> = unique(named.filter(|id| !reread.visits.contains_key(id)));
    let mut visits: HashMap<VisitId, Visit> = HashMap::new();
    if !elsewhere.is_empty() {
        let found = store::visit::find(tx, log.call.hub.network, &elsewhere).await?;
        visits.extend(found.into_iter().map(|visit| (visit.stay.id, visit)));
    }
    let visit = |id: VisitId| {
        let found = reread.visits.get(&id).or_else(|| visits.get(&id)).cloned();
        found.ok_or_else(|| MembershipError::Db(DbError::inconsistent("touch", format!("names {id}"))))
    };
    reported
        .iter()
        .enumerate()
        .map(|(place, one)| match outcome_of(one) {
            _ if log.conflicts.contains(&place) => Ok(TouchOutcome::Conflict),
            Some(Outcome::Denied(reason)) => Ok(TouchOutcome::Denied(reason)),
            Some(Outcome::Took(Effect::Opened(id))) => Ok(TouchOutcome::CheckedIn(visit(id)?)),
            Some(Outcome::Took(Effect::AlreadyOpen(id))) => Ok(TouchOutcome::AlreadyIn(visit(id)?)),
            Some(Outcome::Took(Effect::Closed(id))) => Ok(TouchOutcome::CheckedOut(visit(id)?)),
            Some(Outcome::Took(Effect::NothingOpen)) => Ok(TouchOutcome::NothingOpen),
            None => Err(MembershipError::Db(DbError::inconsistent("touch", "lost in the batch"))),
        })
        .collect()
}

/// The touches of one call on their way into the database.
struct Log<'r> {
    call: &'r Call,
    reporter: String,
    rows: Vec<Row>,
    /// Those that were let through.
    let_through: Vec<(Touch, Visitor)>,
    /// What earlier calls have recorded, by event id.
    recorded: HashMap<String, Recorded>,
    /// The places of touches whose event id belongs to another touch.
    conflicts: HashSet<usize>,
}

impl<'r> Log<'r> {
    fn new(call: &'r Call, reporter: String, recorded: HashMap<String, Recorded>) -> Self {
        let (rows, let_through, conflicts) = (Vec::new(), Vec::new(), HashSet::new());
        Self { call, reporter, rows, let_through, recorded, conflicts }
    }

    fn add(&mut self, place: usize, one: &Reported, bearer: Option<&Bearer>, is_full: impl FnOnce() -> bool) {
        if let Some((direction, member)) = self.known(&one.event_id) {
            let is_another = member.is_some() && member != bearer.map(|bearer| bearer.member);
            if direction != one.direction || is_another {
                self.conflicts.insert(place);
            }
            return;
        }
        let Call { scope, hub, .. } = self.call;
        let standing = bearer.map(|bearer| &bearer.standing);
        let admitted = admit(standing, hub, one.direction, one.at, scope.now(), is_full);
        let touch = Touch {
            id: scope.new_id(),
            hub: hub.id,
            at: one.at,
            direction: one.direction,
            source: one.source,
        };
        if let (Ok(()), Some(bearer)) = (admitted, bearer) {
            let Bearer { person, member, category, standing } = bearer;
            let visitor =
                Visitor { person: *person, member: *member, home: standing.home, category: *category };
            self.let_through.push((touch.clone(), visitor));
        }
        self.rows.push(Row {
            touch,
            network: hub.network,
            reporter: self.reporter.clone(),
            event_id: one.event_id.clone(),
            received_at: scope.now(),
            person: bearer.map(|bearer| bearer.person),
            member: bearer.map(|bearer| bearer.member),
            skewed: is_skewed(one.at, scope.now()),
            outcome: admitted.map_or_else(Outcome::Denied, |()| Outcome::Took(Effect::NothingOpen)),
        });
    }

    /// Which way and whose the touch of an event id was, recorded by an earlier call or an earlier line of this one.
    fn known(&self, event_id: &str) -> Option<(Direction, Option<MemberId>)> {
        let earlier_call = self.recorded.get(event_id).map(|recorded| (recorded.direction, recorded.member));
        let earlier_line = || self.rows.iter().find(|row| row.event_id == event_id);
        earlier_call.or_else(|| earlier_line().map(|row| (row.touch.direction, row.member)))
    }

    fn let_through(&self) -> impl Iterator<Item = &Visitor> {
        self.let_through.iter().map(|(_, visitor)| visitor)
    }

    fn conclude(&mut self, reread: &Reread) {
        for row in &mut self.rows {
            if let (Outcome::Took(_), Some(effect)) = (row.outcome, reread.effects.get(&row.touch.id)) {
                row.outcome = Outcome::Took(*effect);
            }
        }
    }
}

/// The new touches of every person.
fn by_person(logs: &[Log<'_>]) -> HashMap<PersonId, Vec<(Touch, Visitor)>> {
    let mut by_person: HashMap<PersonId, Vec<(Touch, Visitor)>> = HashMap::new();
    for (touch, visitor) in logs.iter().flat_map(|log| &log.let_through) {
        by_person.entry(visitor.person).or_default().push((touch.clone(), *visitor));
    }
    by_person
}

/// The trace that each person's touches belong to.
fn traces(logs: &[Log<'_>]) -> HashMap<PersonId, String> {
    let trace_of = |log: &Log<'_>, visitor: &Visitor| Some((visitor.person, log.call.trace.clone()?));
    let of_log = |log| Log::let_through(log).filter_map(move |visitor| trace_of(log, visitor));
    logs.iter().flat_map(of_log).collect()
}

fn check(reported: &[Reported]) -> Result<(), MembershipError> {
    if reported.len() > MOST_TOUCHES {
        return Err(MembershipError::invalid("lines", format!("at most {MOST_TOUCHES} at once")));
    }
    reported.iter().try_for_each(|one| check_event_id(&one.event_id))
}

/// An event id a reporter may use.
pub(crate) fn check_event_id(id: &str) -> Result<(), MembershipError> {
    if (1..=LONGEST_EVENT_ID).contains(&id.len()) && !id.chars().any(char::is_control) {
        return Ok(());
    }
    let rule = format!("1 to {LONGEST_EVENT_ID} bytes, no control characters");
    Err(MembershipError::invalid("eventId", rule))
}

fn bearer_key(who: &Who) -> BearerKey {
    match who {
        Who::Chip(number) => BearerKey::Chip(number.hash()),
        Who::Member(id) => BearerKey::Member(*id),
    }
}

/// Who bore the chip at that time: a number that was revoked and given out again has had several bearers. Nobody bore
/// it? Then whoever came nearest: the next to get it, else the last to have had it.
fn bearer_at(bearers: &[Bearer], at: Timestamp) -> Option<&Bearer> {
    let not_revoked = |bearer: &&Bearer| bearer.standing.revoked_at.is_none_or(|revoked_at| at < revoked_at);
    let had_it_at_all = bearers.iter().filter(not_revoked).min_by_key(|bearer| bearer.standing.issued_at);
    had_it_at_all.or_else(|| bearers.iter().max_by_key(|bearer| bearer.standing.revoked_at))
}

fn visit_of(outcome: Outcome) -> Option<VisitId> {
    match outcome {
        Outcome::Took(Effect::Opened(id) | Effect::AlreadyOpen(id) | Effect::Closed(id)) => Some(id),
        Outcome::Took(Effect::NothingOpen) | Outcome::Denied(_) => None,
    }
}

fn unique<T: Eq + std::hash::Hash + Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}
