//! Rereading: the visits of some persons read anew from all their touches, and the difference to be written.
//!
//! Always true: what is written afterwards equals what [`read_visits`] says of every touch there is, whatever order
//! they came in; what was told before and is still true is not told again.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use kernel::{CloudEvent, HubId, NetworkId, PersonId, Scope, VisitId};
use platform_db::Tx;

use crate::{
    Direction, Effect, Hub, Membership, MembershipError, Stay, Touch, Visit, Visitor, published, read_visits,
    store::{self, history::Window},
};

/// A visit is over by four in the morning of its next day: a reading that begins this much earlier sees all of it.
const LONGEST_VISIT: SignedDuration = SignedDuration::from_hours(36);

/// What a rereading changed.
#[derive(Debug, Default)]
pub(super) struct Reread {
    /// Every visit of the persons in the window, as it is now.
    pub visits: HashMap<VisitId, Visit>,
    /// What each new touch did, by its id.
    pub effects: HashMap<kernel::TouchId, Effect>,
    changed: Vec<VisitId>,
    /// What there is to tell, and about whom.
    facts: Vec<(PersonId, CloudEvent)>,
    /// Visits that began to last, and visits that no longer do.
    pub arrived: Vec<(HubId, VisitId)>,
    pub left: Vec<(HubId, VisitId)>,
}

impl Membership {
    /// Reads the visits of persons anew, with new touches of theirs, from the day before `since`.
    pub(super) async fn reread(
        &self,
        scope: &Scope,
        tx: &Tx,
        network: NetworkId,
        since: Timestamp,
        new: &HashMap<PersonId, Vec<(Touch, Visitor)>>,
    ) -> Result<Reread, MembershipError> {
        let mut reread = Reread::default();
        if new.is_empty() {
            return Ok(reread);
        }
        let window = since - LONGEST_VISIT;
        let persons: Vec<PersonId> = new.keys().copied().collect();
        let mut known: HashMap<PersonId, Vec<Visit>> = HashMap::new();
        let bounds = Window { oldest: window - LONGEST_VISIT, begins: window, earliest: since };
        let history = store::history::read(tx, network, &persons, bounds).await?;
        for visit in history.visits {
            known.entry(visit.person).or_default().push(visit);
        }
        let beginnings: HashMap<PersonId, Timestamp> = new
            .iter()
            .map(|(person, touches)| (*person, forget_settled(known.get_mut(person), touches, window)))
            .collect();
        let mut touches = new.clone();
        for (touch, visitor) in history.touches {
            if touch.at >= beginnings[&visitor.person] {
                touches.entry(visitor.person).or_default().push((touch, visitor));
            }
        }
        let hubs = self.hubs_of(tx, &touches, &known).await?;
        let mut changes = Vec::new();
        for (person, of_person) in touches {
            let visitors: HashMap<VisitId, Visitor> =
                of_person.iter().map(|(touch, visitor)| (VisitId::from(touch.id), *visitor)).collect();
            let mut all: Vec<Touch> = of_person.into_iter().map(|(touch, _)| touch).collect();
            let told = known.remove(&person).unwrap_or_default();
            // Of check-ins at the same instant, the one that was told as a visit stays the one.
            let opened: HashSet<VisitId> = told.iter().map(|visit| visit.stay.id).collect();
            let is_second = |touch: &Touch| !opened.contains(&VisitId::from(touch.id));
            all.sort_by_key(|touch| {
                (touch.at, touch.direction == Direction::Out, is_second(touch), touch.id)
            });
            let open = told.iter().find(|visit| visit.stay.started_at < window && !visit.annulled);
            let hours = |hub: HubId| &hubs[&hub].opening_hours;
            let (stays, effects) =
                read_visits(open.map(|visit| visit.stay.clone()), &all, scope.now(), hours);
            reread.effects.extend(all.iter().map(|touch| touch.id).zip(effects));
            changes.extend(compare(network, told, stays, &visitors));
        }
        reread.conclude(scope, network, changes)?;
        Ok(reread)
    }

    async fn hubs_of(
        &self,
        tx: &Tx,
        touches: &HashMap<PersonId, Vec<(Touch, Visitor)>>,
        known: &HashMap<PersonId, Vec<Visit>>,
    ) -> Result<HashMap<HubId, std::sync::Arc<Hub>>, MembershipError> {
        let touched = touches.values().flatten().map(|(touch, _)| touch.hub);
        let visited = known.values().flatten().map(|visit| visit.stay.hub);
        let ids: HashSet<HubId> = touched.chain(visited).collect();
        let mut hubs = HashMap::new();
        for id in ids {
            hubs.insert(id, self.hub_within(tx, id).await?);
        }
        Ok(hubs)
    }
}

impl Reread {
    /// Sorts what changed by who must know of it: the database, the other services, the board.
    fn conclude(
        &mut self,
        scope: &Scope,
        network: NetworkId,
        changes: Vec<Change>,
    ) -> Result<(), MembershipError> {
        for change in changes {
            debug_assert_eq!(change.visit.network, network, "a visit of another network");
            let person = change.visit.person;
            self.facts.extend(change.tell(scope)?.into_iter().map(|event| (person, event)));
            let (hub, visit) = (change.visit.stay.hub, change.visit.stay.id);
            match (change.was_open, change.visit.is_open()) {
                (false, true) => self.arrived.push((hub, visit)),
                (true, false) => self.left.push((hub, visit)),
                _ => {}
            }
            if change.is_new() {
                self.changed.push(visit);
            }
            self.visits.insert(visit, change.visit);
        }
        Ok(())
    }

    /// Writes the changed visits, the touches that changed them, and what is to be told, all in one go. What is told of
    /// a person belongs to that person's trace.
    pub(super) async fn write(
        &mut self,
        tx: &Tx,
        touches: &[&store::touch::Row],
        traces: &HashMap<PersonId, String>,
    ) -> Result<(), MembershipError> {
        let changed: Vec<&Visit> = self.changed.iter().filter_map(|id| self.visits.get(id)).collect();
        let inserts = vec![store::touch::rows(touches)?, store::visit::rows(&changed)?];
        let in_trace = |(person, mut event): (PersonId, CloudEvent)| {
            event.traceparent = traces.get(&person).cloned();
            event
        };
        let facts = std::mem::take(&mut self.facts).into_iter().map(in_trace).collect();
        Ok(tx.write_all(inserts, facts).await?)
    }
}

/// A visit before and after a reading.
struct Change {
    visit: Visit,
    told: Told,
    was_open: bool,
}

enum Told {
    /// As it is.
    Still,
    /// Never.
    Never,
    /// As lasting; it has ended.
    Begun,
    /// Otherwise.
    Otherwise,
}

impl Change {
    fn is_new(&self) -> bool {
        !matches!(self.told, Told::Still)
    }

    /// What the other services must hear.
    fn tell(&self, scope: &Scope) -> Result<Vec<CloudEvent>, MembershipError> {
        let visit = &self.visit;
        let (network, hub) = (visit.network, Some(visit.stay.hub));
        let ended = |events: &mut Vec<CloudEvent>| -> Result<(), MembershipError> {
            if let Some(fact) = published::VisitEnded::of(visit) {
                events.push(CloudEvent::new(&fact, network, hub, scope.world())?);
            }
            Ok(())
        };
        let mut events = Vec::new();
        match self.told {
            Told::Still => {}
            Told::Never => {
                let mut started = published::VisitStarted::from(visit);
                started.revision = FIRST_TELLING;
                events.push(CloudEvent::new(&started, network, hub, scope.world())?);
                ended(&mut events)?;
            }
            Told::Begun => ended(&mut events)?,
            Told::Otherwise => {
                events.push(CloudEvent::new(
                    &published::VisitCorrected::from(visit),
                    network,
                    hub,
                    scope.world(),
                )?);
            }
        }
        Ok(events)
    }
}

/// Where the reading of a person's touches has to begin. No touch changes what came before the last visit that began
/// earlier: those visits are forgotten here, and the reading begins with that visit's own check-in.
fn forget_settled(told: Option<&mut Vec<Visit>>, new: &[(Touch, Visitor)], window: Timestamp) -> Timestamp {
    let (Some(told), Some(earliest)) = (told, new.iter().map(|(touch, _)| touch.at).min()) else {
        return window;
    };
    let began = |visit: &Visit| visit.stay.started_at;
    let settled = told.iter().filter(|visit| !visit.annulled && began(visit) < earliest).map(began).max();
    match settled.filter(|began| *began >= window) {
        Some(beginning) => {
            told.retain(|visit| began(visit) >= beginning);
            beginning
        }
        None => window,
    }
}

const FIRST_TELLING: i64 = 1;

/// Holds what was told against what is read now.
fn compare(
    network: NetworkId,
    told: Vec<Visit>,
    stays: Vec<Stay>,
    visitors: &HashMap<VisitId, Visitor>,
) -> Vec<Change> {
    let mut told: HashMap<VisitId, Visit> = told.into_iter().map(|visit| (visit.stay.id, visit)).collect();
    let mut changes: Vec<Change> = stays
        .into_iter()
        .filter_map(|stay| match (told.remove(&stay.id), visitors.get(&stay.id)) {
            (Some(before), _) => Some(retell(before, stay, false)),
            (None, Some(visitor)) => Some(first_telling(network, stay, *visitor)),
            // Only a stay that lasted when the window began has no touch in it, and that one was told.
            (None, None) => None,
        })
        .collect();
    // What is left was told of check-ins that turned out to open nothing.
    changes.extend(told.into_values().map(|before| {
        let stay = before.stay.clone();
        retell(before, stay, true)
    }));
    changes
}

fn first_telling(network: NetworkId, stay: Stay, visitor: Visitor) -> Change {
    let revision = if stay.end.is_some() { FIRST_TELLING + 1 } else { FIRST_TELLING };
    let Visitor { person, member, home, category } = visitor;
    let visit = Visit { stay, network, person, member, home, category, annulled: false, revision };
    Change { visit, told: Told::Never, was_open: false }
}

fn retell(before: Visit, stay: Stay, annulled: bool) -> Change {
    let was_open = before.is_open();
    let is_same = before.stay.end == stay.end && before.annulled == annulled;
    let told = match () {
        () if is_same => Told::Still,
        () if was_open && stay.end.is_some() && !annulled => Told::Begun,
        () => Told::Otherwise,
    };
    let revision = before.revision + i64::from(!is_same);
    Change { visit: Visit { stay, annulled, revision, ..before }, told, was_open }
}
