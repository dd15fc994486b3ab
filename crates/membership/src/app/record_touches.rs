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
        touch::{Outcome, Row},
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

        let mut log = Log { scope, hub, reporter, rows: Vec::new(), by_person: HashMap::new(), recorded };
        for one in reported {
            let bearer = bearers.get(&bearer_key(&one.who)).and_then(|bearers| bearer_at(bearers, one.at));
            let is_full = || self.live.present(hub.id).is_some_and(|present| present >= hub.capacity);
            log.add(one, bearer, is_full);
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
        log.recorded.get(&one.event_id).or_else(|| fresh.get(one.event_id.as_str())).copied()
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
        .map(|one| match outcome_of(one) {
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
    recorded: HashMap<String, Outcome>,
}

impl Log<'_> {
    fn add(&mut self, one: &Reported, bearer: Option<&Bearer>, is_full: impl FnOnce() -> bool) {
        let is_known = self.recorded.contains_key(&one.event_id);
        if is_known || self.rows.iter().any(|row| row.event_id == one.event_id) {
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
    let is_id = |id: &str| (1..=LONGEST_EVENT_ID).contains(&id.len()) && !id.chars().any(char::is_control);
    if reported.iter().any(|one| !is_id(&one.event_id)) {
        let rule = format!("1 to {LONGEST_EVENT_ID} bytes, no control characters");
        return Err(MembershipError::invalid("eventId", rule));
    }
    Ok(())
}

fn bearer_key(who: &Who) -> BearerKey {
    match who {
        Who::Chip(number) => BearerKey::Chip(number.hash()),
        Who::Member(id) => BearerKey::Member(*id),
    }
}

/// Who bore the chip at that time: a number that was revoked and given out again has had several bearers.
fn bearer_at(bearers: &[Bearer], at: Timestamp) -> Option<&Bearer> {
    let working =
        bearers.iter().find(|bearer| bearer.standing.revoked_at.is_none_or(|revoked_at| at < revoked_at));
    working.or_else(|| bearers.last())
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
