//! Recording touches: check-ins and check-outs, one from a reader or a whole offline log.
//!
//! The story: who has the chip? were they let in? what do all their touches say now? write the difference, then tell
//! the board. One transaction for all of it, so a log goes in as a whole or not at all.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use kernel::{Caller, HubId, MemberId, Permission, PersonId, Refused, Scope, VisitId};
use platform_db::{DbError, Reach, Tx};

use super::reread::Reread;
use crate::{
    ChipNumber, DenialReason, Direction, Effect, Hub, Membership, MembershipError, Source, Touch, Visit,
    Visitor,
    admission::{admit, is_skewed},
    store::{
        self,
        member::{Bearer, BearerKey},
        touch::{Outcome, Recorded, Row},
    },
};

const LONGEST_EVENT_ID: usize = 64;
const MOST_TOUCHES: usize = 500;
/// Two hubs may let one person in at the same instant; the loser reads again and finds the winner's visit.
const TRIES: usize = 4;

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
        if names_members && matches!(scope.caller(), Caller::Device { .. }) {
            // A device proves presence by credentials; only people vouch for people.
            return Err(Refused::Forbidden.into());
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_to_record(scope, &hub, reporter, reported).await {
                Err(MembershipError::Db(DbError::Duplicate(_))) if tries < TRIES => {}
                decided => return decided,
            }
        }
    }

    async fn try_to_record(
        &self,
        scope: &Scope,
        hub: &Hub,
        reporter: &Reporter,
        reported: &[Reported],
    ) -> Result<Vec<TouchOutcome>, MembershipError> {
        let tx = self.db.write(Reach::Network(hub.network)).await?;
        let reporter = self.reporter_key(scope, &tx, hub, reporter).await?;
        let keys: Vec<BearerKey> = unique(reported.iter().map(|one| bearer_key(&one.who)));
        let bearers = store::member::bearers(&tx, hub.network, &keys).await?;
        let event_ids: Vec<&str> = reported.iter().map(|one| one.event_id.as_str()).collect();
        let recorded = store::touch::recorded(&tx, hub.network, hub.id, &reporter, &event_ids).await?;

        let mut log = Log::new(scope, hub, reporter, recorded);
        for (place, one) in reported.iter().enumerate() {
            let bearer = bearers.get(&bearer_key(&one.who)).and_then(|bearers| bearer_at(bearers, one.at));
            let is_full = || self.live.present(hub.id).is_some_and(|present| present >= hub.capacity);
            log.add(place, one, bearer, is_full);
        }
        let mut reread = self.reread(scope, &tx, hub.network, log.earliest(), &log.by_person).await?;
        log.conclude(&reread);
        reread.write(&tx, &log.rows).await?;
        let outcomes = outcomes(&tx, reported, &log, &reread).await?;
        tx.commit().await?;
        self.tell_the_board(&reread).await;
        Ok(outcomes)
    }

    /// After the commit, the live state: departures first, so that nobody is seen in two places.
    pub(super) async fn tell_the_board(&self, reread: &Reread) {
        for (hub, visit) in &reread.left {
            self.live.left(*hub, *visit).await;
        }
        for (hub, visit) in &reread.arrived {
            self.live.arrived(*hub, *visit).await;
        }
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
async fn outcomes(
    tx: &Tx,
    reported: &[Reported],
    log: &Log<'_>,
    reread: &Reread,
) -> Result<Vec<TouchOutcome>, MembershipError> {
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
        let found = store::visit::find(tx, log.hub.network, &elsewhere).await?;
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
    scope: &'r Scope,
    hub: &'r Hub,
    reporter: String,
    rows: Vec<Row>,
    by_person: HashMap<PersonId, Vec<(Touch, Visitor)>>,
    /// What earlier calls have recorded, by event id.
    recorded: HashMap<String, Recorded>,
    /// The places of touches whose event id belongs to another touch.
    conflicts: HashSet<usize>,
}

impl<'r> Log<'r> {
    fn new(scope: &'r Scope, hub: &'r Hub, reporter: String, recorded: HashMap<String, Recorded>) -> Self {
        Self {
            scope,
            hub,
            reporter,
            rows: Vec::new(),
            by_person: HashMap::new(),
            recorded,
            conflicts: HashSet::new(),
        }
    }

    fn add(&mut self, place: usize, one: &Reported, bearer: Option<&Bearer>, is_full: impl FnOnce() -> bool) {
        if let Some((direction, member)) = self.known(&one.event_id) {
            let is_another = member.is_some() && member != bearer.map(|bearer| bearer.member);
            if direction != one.direction || is_another {
                self.conflicts.insert(place);
            }
            return;
        }
        let (scope, hub) = (self.scope, self.hub);
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
            self.by_person.entry(*person).or_default().push((touch.clone(), visitor));
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

    fn earliest(&self) -> Timestamp {
        self.by_person.values().flatten().map(|(touch, _)| touch.at).min().unwrap_or(Timestamp::MAX)
    }

    fn conclude(&mut self, reread: &Reread) {
        for row in &mut self.rows {
            if let (Outcome::Took(_), Some(effect)) = (row.outcome, reread.effects.get(&row.touch.id)) {
                row.outcome = Outcome::Took(*effect);
            }
        }
    }
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
