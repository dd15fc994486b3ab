//! A log: the touches of one call on their way into the database, and what to answer to each.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use kernel::{MemberId, PersonId, VisitId};
use platform_db::DbError;

use super::{
    record_touches::{Call, Reported, TouchOutcome},
    reread::{NewTouches, Reread},
};
use crate::{
    Direction, Effect, MembershipError, Touch, Visit, Visitor,
    admission::{admit, is_skewed},
    store::{
        member::Bearer,
        touch::{Outcome, Recorded, Row},
    },
};

/// The touches of one call on their way into the database.
pub(super) struct Log<'r> {
    pub call: &'r Call,
    reporter: String,
    pub rows: Vec<Row>,
    /// Those that were let through.
    let_through: Vec<(Touch, Visitor)>,
    /// What earlier calls have recorded, by event id.
    recorded: HashMap<String, Recorded>,
    /// The places of touches whose event id belongs to another touch.
    conflicts: HashSet<usize>,
}

impl<'r> Log<'r> {
    pub(super) fn new(call: &'r Call, reporter: String, recorded: HashMap<String, Recorded>) -> Self {
        let (rows, let_through, conflicts) = (Vec::new(), Vec::new(), HashSet::new());
        Self { call, reporter, rows, let_through, recorded, conflicts }
    }

    pub(super) fn add(
        &mut self,
        place: usize,
        one: &Reported,
        bearer: Option<&Bearer>,
        is_full: impl FnOnce() -> bool,
    ) {
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
            let Bearer { person, member, category, standing, .. } = bearer;
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

    /// Whether every touch is new and its bearer let through.
    pub(super) fn is_let_through(&self) -> bool {
        self.let_through.len() == self.call.reported.len()
    }

    fn let_through(&self) -> impl Iterator<Item = &Visitor> {
        self.let_through.iter().map(|(_, visitor)| visitor)
    }

    /// Notes what the reading made of each touch.
    pub(super) fn conclude(&mut self, reread: &Reread) {
        for row in &mut self.rows {
            if let (Outcome::Took(_), Some(effect)) = (row.outcome, reread.effects.get(&row.touch.id)) {
                row.outcome = Outcome::Took(*effect);
            }
        }
    }

    /// The visits that earlier touches of these event ids are part of, and that are not read anew.
    pub(super) fn visits_elsewhere(&self, reread: &Reread) -> Vec<VisitId> {
        let recorded = self.recorded.values().filter_map(|recorded| visit_of(recorded.outcome));
        let elsewhere: HashSet<VisitId> = recorded.filter(|id| !reread.visits.contains_key(id)).collect();
        elsewhere.into_iter().collect()
    }

    /// What to answer, touch by touch.
    pub(super) fn outcomes(
        &self,
        reread: &Reread,
        elsewhere: &[Visit],
    ) -> Result<Vec<TouchOutcome>, MembershipError> {
        let fresh: HashMap<&str, Outcome> =
            self.rows.iter().map(|row| (row.event_id.as_str(), row.outcome)).collect();
        let outcome_of = |one: &Reported| {
            let recorded = self.recorded.get(&one.event_id).map(|recorded| recorded.outcome);
            recorded.or_else(|| fresh.get(one.event_id.as_str()).copied())
        };
        let visit = |id: VisitId| {
            let found = reread.visits.get(&id).or_else(|| elsewhere.iter().find(|visit| visit.stay.id == id));
            let lost = || MembershipError::Db(DbError::inconsistent("touch", format!("names {id}")));
            found.cloned().ok_or_else(lost)
        };
        let reported = self.call.reported.iter().enumerate();
        reported
            .map(|(place, one)| match outcome_of(one) {
                _ if self.conflicts.contains(&place) => Ok(TouchOutcome::Conflict),
                Some(Outcome::Denied(reason)) => Ok(TouchOutcome::Denied(reason)),
                Some(Outcome::Took(Effect::Opened(id))) => Ok(TouchOutcome::CheckedIn(visit(id)?)),
                Some(Outcome::Took(Effect::AlreadyOpen(id))) => Ok(TouchOutcome::AlreadyIn(visit(id)?)),
                Some(Outcome::Took(Effect::Closed(id))) => Ok(TouchOutcome::CheckedOut(visit(id)?)),
                Some(Outcome::Took(Effect::NothingOpen)) => Ok(TouchOutcome::NothingOpen),
                None => Err(MembershipError::Db(DbError::inconsistent("touch", "lost in the batch"))),
            })
            .collect()
    }
}

/// The new touches of every person.
pub(super) fn by_person(logs: &[Log<'_>]) -> NewTouches {
    let mut by_person = NewTouches::new();
    for (touch, visitor) in logs.iter().flat_map(|log| &log.let_through) {
        by_person.entry(visitor.person).or_default().push((touch.clone(), *visitor));
    }
    by_person
}

/// The trace that each person's touches belong to.
pub(super) fn traces(logs: &[Log<'_>]) -> HashMap<PersonId, String> {
    let trace_of = |log: &Log<'_>, visitor: &Visitor| Some((visitor.person, log.call.trace.clone()?));
    let of_log = |log| Log::let_through(log).filter_map(move |visitor| trace_of(log, visitor));
    logs.iter().flat_map(of_log).collect()
}

/// Who bore the chip at that time: a number that was revoked and given out again has had several bearers. Nobody bore
/// it? Then whoever came nearest: the next to get it, else the last to have had it.
pub(super) fn bearer_at(bearers: &[Bearer], at: Timestamp) -> Option<&Bearer> {
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
