//! A log: the touches of one call on their way into the database, and the answer to each.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use kernel::{HubId, PersonId, VisitId};
use platform_db::DbError;

use super::{
    call::{Call, Reported, TouchOutcome},
    reread::{NewTouches, Reread},
};
use crate::{
    DenialReason, Effect, MembershipError, Touch, Visit, Visitor,
    admission::{admit, happened_at, is_live, is_skewed, to_micros},
    store::{
        member::{Bearer, BearerKey},
        touch::{Outcome, Recorded, Report, Row},
    },
};

/// The touches of one call on their way into the database.
pub(crate) struct Log<'r> {
    pub call: &'r Call,
    reporter: String,
    pub rows: Vec<Row>,
    /// The touches that were let through.
    let_through: Vec<(Touch, Visitor)>,
    /// The records of earlier calls, by event id.
    recorded: HashMap<String, Recorded>,
    /// The positions of touches whose event id belongs to another touch.
    conflicts: HashSet<usize>,
}

impl<'r> Log<'r> {
    pub(crate) fn new(call: &'r Call, reporter: String, recorded: HashMap<String, Recorded>) -> Self {
        let (rows, let_through, conflicts) = (Vec::new(), Vec::new(), HashSet::new());
        Self { call, reporter, rows, let_through, recorded, conflicts }
    }

    pub(crate) fn add(&mut self, place: usize, one: &Reported, key: &BearerKey, bearer: Option<&Bearer>) {
        let Call { op, hub, received_at, .. } = self.call;
        let report = Report {
            received_at: to_micros(*received_at),
            at: one.at.map(to_micros),
            direction: one.direction,
            member: bearer.map(|bearer| bearer.member),
            proof: Some(key.proof(&[&hub.id.to_string(), &self.reporter, &one.event_id])),
        };
        if let Some(earlier) = self.known(&one.event_id) {
            if !earlier.is_same(&report) {
                self.conflicts.insert(place);
            }
            return;
        }
        let reported_at = one.at.unwrap_or(*received_at);
        let standing = bearer.map(|bearer| &bearer.standing);
        let is_retired = hub.is_retired(&self.reporter, happened_at(reported_at, *received_at));
        let admitted = if is_retired {
            Err(DenialReason::DeviceRetired)
        } else {
            admit(standing, hub, one.direction, reported_at, *received_at)
        };
        let touch = Touch {
            id: op.new_id(),
            hub: hub.id,
            at: happened_at(reported_at, *received_at),
            direction: one.direction,
            source: one.source,
            reporter: self.reporter.clone(),
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
            event_id: one.event_id.clone(),
            person: bearer.map(|bearer| bearer.person),
            skewed: is_skewed(reported_at, *received_at),
            outcome: admitted.map_or_else(Outcome::Denied, |()| Outcome::Took(Effect::NothingOpen)),
            report,
        });
    }

    /// Returns the report under an event id, from an earlier call or an earlier line of this one.
    fn known(&self, event_id: &str) -> Option<&Report> {
        let earlier_call = self.recorded.get(event_id).map(|recorded| &recorded.report);
        let earlier_line = || self.rows.iter().find(|row| row.event_id == event_id);
        earlier_call.or_else(|| earlier_line().map(|row| &row.report))
    }

    /// Denies the latest arrivals that exceed the seats, hub by hub. Returns whether it denied any. Only a person who
    /// is at the door now can be denied: an offline touch shows that the person has been inside.
    pub(crate) fn deny_for_want_of_seats(
        &mut self,
        reread: &Reread,
        wanting: &mut BTreeMap<HubId, i64>,
    ) -> bool {
        let arrived: HashSet<VisitId> = reread.arrived.iter().map(|(_, visit)| *visit).collect();
        let mut denied = HashSet::new();
        for row in self.rows.iter_mut().rev() {
            let Some(seats) = wanting.get_mut(&row.touch.hub).filter(|seats| **seats > 0) else { continue };
            let wants_seat = arrived.contains(&VisitId::from(row.touch.id));
            if wants_seat && is_live(row.touch.at, row.report.received_at) {
                *seats -= 1;
                row.outcome = Outcome::Denied(DenialReason::HubFull);
                denied.insert(row.touch.id);
            }
        }
        self.let_through.retain(|(touch, _)| !denied.contains(&touch.id));
        !denied.is_empty()
    }

    /// Returns whether every touch is new and its bearer let through.
    pub(crate) fn is_let_through(&self) -> bool {
        self.let_through.len() == self.call.reported.len()
    }

    /// Returns whether a touch was denied because of what the hub is like: that may have changed since it was read.
    pub(crate) fn is_denied_by_the_hub(&self) -> bool {
        let reasons = [DenialReason::HubClosed, DenialReason::DeviceRetired];
        self.rows
            .iter()
            .any(|row| matches!(row.outcome, Outcome::Denied(reason) if reasons.contains(&reason)))
    }

    fn let_through(&self) -> impl Iterator<Item = &Visitor> {
        self.let_through.iter().map(|(_, visitor)| visitor)
    }

    /// Stores the effect of each touch.
    pub(crate) fn apply(&mut self, reread: &Reread) {
        for row in &mut self.rows {
            if let (Outcome::Took(_), Some(effect)) = (row.outcome, reread.effects.get(&row.touch.id)) {
                row.outcome = Outcome::Took(*effect);
            }
        }
    }

    /// Returns the visits of earlier touches with these event ids that are not read anew.
    pub(crate) fn visits_elsewhere(&self, reread: &Reread) -> Vec<VisitId> {
        let recorded = self.recorded.values().filter_map(|recorded| visit_of(recorded.outcome));
        let elsewhere: HashSet<VisitId> = recorded.filter(|id| !reread.visits.contains_key(id)).collect();
        elsewhere.into_iter().collect()
    }

    /// Returns the outcome of each touch.
    pub(crate) fn outcomes(
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

/// Collects the new touches of every person.
pub(crate) fn by_person(logs: &[Log<'_>]) -> NewTouches {
    let mut by_person = NewTouches::new();
    for (touch, visitor) in logs.iter().flat_map(|log| &log.let_through) {
        by_person.entry(visitor.person).or_default().push((touch.clone(), *visitor));
    }
    by_person
}

/// Returns the trace of each person's touches.
pub(crate) fn traces(logs: &[Log<'_>]) -> HashMap<PersonId, String> {
    let trace_of = |log: &Log<'_>, visitor: &Visitor| Some((visitor.person, log.call.trace.clone()?));
    let of_log = |log| Log::let_through(log).filter_map(move |visitor| trace_of(log, visitor));
    logs.iter().flat_map(of_log).collect()
}

/// Returns the bearer of the chip at that time: a number that was revoked and issued again has had several bearers.
/// If nobody bore it then, returns the nearest one: the next to get it, else the last to have had it.
pub(crate) fn bearer_at(bearers: &[Bearer], at: Timestamp) -> Option<&Bearer> {
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
