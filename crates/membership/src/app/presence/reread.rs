//! Rereading: reads the visits of some persons anew from all their touches, and computes the difference to write.
//!
//! Always true: the written state equals the result of [`read_visits`] on all touches, in whatever order they came;
//! an event that was published and still holds is not published again.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use kernel::{CloudEvent, HubId, NetworkId, OpContext, PersonId, VisitId};
use platform_db::Tx;

use crate::{
    Direction, Effect, Hub, Membership, MembershipError, Stay, Touch, Visit, Visitor,
    admission::CLOCK_MAY_LEAD,
    events, read_visits,
    store::{
        self,
        cached_admission::Rows,
        history::{History, Window},
        seats::Taken,
    },
    visit::is_quiet_beginning,
};

/// The new touches of every person; empty for a person whose visits are only read again.
pub(crate) type NewTouches = HashMap<PersonId, Vec<(Touch, Visitor)>>;

/// A visit ends by four in the morning of its next day: a reading that begins this much earlier sees all of it.
const LONGEST_VISIT: SignedDuration = SignedDuration::from_hours(36);

/// The changes found by a rereading.
#[derive(Debug, Default)]
pub(crate) struct Reread {
    /// Every visit of the persons in the window, in its current state.
    pub visits: HashMap<VisitId, Visit>,
    /// The effect of each new touch, by its id.
    pub effects: HashMap<kernel::TouchId, Effect>,
    /// The current history of each person, as far back as new touches can change it.
    pub histories: HashMap<PersonId, History>,
    changed: Vec<VisitId>,
    /// The events to publish, with the person each is about.
    facts: Vec<(PersonId, CloudEvent)>,
    /// Visits that became open, and visits that are no longer open.
    pub arrived: Vec<(HubId, VisitId)>,
    pub left: Vec<(HubId, VisitId)>,
}

/// The history of a person before their new touches, and the time from which it may change.
#[derive(Debug)]
pub(crate) struct Past {
    pub since: Timestamp,
    pub history: History,
}

/// Returns the window of a reading that begins with a touch at `since`.
pub(crate) fn window(since: Timestamp) -> Window {
    let begins = since - LONGEST_VISIT;
    Window { oldest: begins - LONGEST_VISIT, begins, earliest: since }
}

impl Membership {
    /// Reads the visits of persons anew, with their new touches, from the day before `since`.
    pub(crate) async fn reread(
        &self,
        op: &OpContext,
        tx: &Tx,
        network: NetworkId,
        since: Timestamp,
        new: &NewTouches,
    ) -> Result<Reread, MembershipError> {
        if new.is_empty() {
            return Ok(Reread::default());
        }
        let persons: Vec<PersonId> = new.keys().copied().collect();
        let history = store::history::read(tx, network, &persons, window(since)).await?;
        let mut pasts: HashMap<PersonId, Past> =
            persons.into_iter().map(|person| (person, Past { since, history: History::default() })).collect();
        for visit in history.visits {
            pasts.entry(visit.person).and_modify(|past| past.history.visits.push(visit));
        }
        for (touch, visitor) in history.touches {
            pasts.entry(visitor.person).and_modify(|past| past.history.touches.push((touch, visitor)));
        }
        let mut hubs = HashMap::new();
        for id in hubs_of(new, &pasts) {
            hubs.insert(id, self.hub_within(tx, id).await?);
        }
        Reread::anew(op, network, &hubs, new, pasts)
    }
}

/// Returns the hubs whose opening hours a reading needs.
pub(crate) fn hubs_of(new: &NewTouches, pasts: &HashMap<PersonId, Past>) -> HashSet<HubId> {
    let history = || pasts.values().map(|past| &past.history);
    let touches = new.values().flatten().chain(history().flat_map(|history| &history.touches));
    let visits = history().flat_map(|history| &history.visits);
    touches.map(|(touch, _)| touch.hub).chain(visits.map(|visit| visit.stay.hub)).collect()
}

impl Reread {
    /// Reads the visits of persons anew from their pasts and their new touches.
    pub(crate) fn anew(
        op: &OpContext,
        network: NetworkId,
        hubs: &HashMap<HubId, Arc<Hub>>,
        new: &NewTouches,
        pasts: HashMap<PersonId, Past>,
    ) -> Result<Self, MembershipError> {
        let mut reread = Self::default();
        let mut changes = Vec::new();
        let hours = |hub: HubId| &hubs[&hub].opening_hours;
        for (person, Past { since, history }) in pasts {
            let fresh = new.get(&person).map_or([].as_slice(), Vec::as_slice);
            let begins = window(since).begins;
            let (mut known, mut made) = (history.visits, history.touches);
            let beginning = drop_final(&mut known, &made, fresh, begins);
            made.retain(|(touch, _)| touch.at >= beginning);
            made.extend_from_slice(fresh);
            let visitors: HashMap<VisitId, Visitor> =
                made.iter().map(|(touch, visitor)| (VisitId::from(touch.id), *visitor)).collect();
            // Of check-ins at the same instant, the one whose visit was published stays the opening one.
            let opened: HashSet<VisitId> = known.iter().map(|visit| visit.stay.id).collect();
            let is_second = |touch: &Touch| !opened.contains(&VisitId::from(touch.id));
            made.sort_by_key(|(touch, _)| {
                (touch.at, touch.direction == Direction::Out, is_second(touch), touch.id)
            });
            let all: Vec<Touch> = made.iter().map(|(touch, _)| touch.clone()).collect();
            let open = known.iter().find(|visit| visit.stay.started_at < begins && !visit.annulled);
            let (mut stays, effects) =
                read_visits(open.map(|visit| visit.stay.clone()), &all, op.now(), hours);
            if beginning == begins {
                forget_edge(&mut known, &mut stays, begins);
            }
            reread.effects.extend(all.iter().map(|touch| touch.id).zip(effects));
            let changed = compare(network, known, stays, &visitors);
            let visits = changed.iter().map(|change| change.visit.clone()).collect();
            reread.histories.insert(person, History { visits, touches: made });
            changes.extend(changed);
        }
        reread.apply(op, network, changes)?;
        Ok(reread)
    }

    /// Returns the change in the number of open visits, by hub.
    pub(crate) fn changes_by_hub(&self) -> BTreeMap<HubId, i64> {
        let mut changes = BTreeMap::new();
        for (hub, _) in &self.arrived {
            *changes.entry(*hub).or_default() += 1;
        }
        for (hub, _) in &self.left {
            *changes.entry(*hub).or_default() -= 1;
        }
        changes.retain(|_, change| *change != 0);
        changes
    }

    /// Returns the hubs whose number of open visits changes, in order.
    pub(crate) fn hubs_that_change(&self) -> Vec<HubId> {
        self.changes_by_hub().into_keys().collect()
    }

    /// Sorts the changes by receiver: the database, the other services, the occupancy cache.
    fn apply(
        &mut self,
        op: &OpContext,
        network: NetworkId,
        changes: Vec<Change>,
    ) -> Result<(), MembershipError> {
        for change in changes {
            debug_assert_eq!(change.visit.network, network, "a visit of another network");
            let person = change.visit.person;
            self.facts.extend(change.to_events(op)?.into_iter().map(|event| (person, event)));
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

    /// Writes the changed visits, the touches that changed them, the seats they take and the events, in one go. An
    /// event about a person belongs to that person's trace. The persons' versions have been raised already.
    pub(crate) async fn write(
        &mut self,
        tx: &Tx,
        network: NetworkId,
        touches: &[&store::touch::Row],
        traces: &HashMap<PersonId, String>,
        taken: &Taken,
    ) -> Result<(), MembershipError> {
        let seats = taken.rows(network, &self.changes_by_hub());
        let Rows { touches, visits, events } = self.rows(touches, traces)?;
        Ok(tx.write_all(vec![touches, visits, seats], events).await?)
    }

    /// Returns the rows to write: the changed visits, the touches that changed them, and the events.
    pub(crate) fn rows(
        &mut self,
        touches: &[&store::touch::Row],
        traces: &HashMap<PersonId, String>,
    ) -> Result<Rows, MembershipError> {
        let changed: Vec<&Visit> = self.changed.iter().filter_map(|id| self.visits.get(id)).collect();
        let in_trace = |(person, mut event): (PersonId, CloudEvent)| {
            event.traceparent = traces.get(&person).cloned();
            event
        };
        Ok(Rows {
            touches: store::touch::rows(touches)?,
            visits: store::visit::rows(&changed)?,
            events: std::mem::take(&mut self.facts).into_iter().map(in_trace).collect(),
        })
    }
}

/// The change of a visit by a reading.
struct Change {
    visit: Visit,
    published: Published,
    was_open: bool,
}

enum Published {
    Unchanged,
    Never,
    /// Published as open; now ended.
    Open,
    /// Published with other facts.
    Otherwise,
}

impl Change {
    fn is_new(&self) -> bool {
        !matches!(self.published, Published::Unchanged)
    }

    /// Returns the events that the other services need.
    fn to_events(&self, op: &OpContext) -> Result<Vec<CloudEvent>, MembershipError> {
        let visit = &self.visit;
        let (network, hub) = (visit.network, Some(visit.stay.hub));
        let ended = |events: &mut Vec<CloudEvent>| -> Result<(), MembershipError> {
            if let Some(fact) = events::VisitEnded::of(visit) {
                events.push(CloudEvent::new(&fact, network, hub, op.world())?);
            }
            Ok(())
        };
        let mut events = Vec::new();
        match self.published {
            Published::Unchanged => {}
            Published::Never => {
                let mut started = events::VisitStarted::from(visit);
                started.revision = FIRST_REVISION;
                events.push(CloudEvent::new(&started, network, hub, op.world())?);
                ended(&mut events)?;
            }
            Published::Open => ended(&mut events)?,
            Published::Otherwise => {
                events.push(CloudEvent::new(&events::VisitCorrected::from(visit), network, hub, op.world())?);
            }
        }
        Ok(events)
    }
}

/// Returns where the reading of a person's touches begins. A new touch never changes visits before the last earlier
/// one with a quiet beginning: those are dropped here, and the reading starts with that visit's own check-in.
fn drop_final(
    known: &mut Vec<Visit>,
    made: &[(Touch, Visitor)],
    new: &[(Touch, Visitor)],
    window: Timestamp,
) -> Timestamp {
    let Some(earliest) = new.iter().map(|(touch, _)| touch.at).min() else { return window };
    let began = |visit: &Visit| visit.stay.started_at;
    let is_final = |visit: &&Visit| {
        let is_before = !visit.annulled && began(visit) < earliest;
        is_before && is_quiet_beginning(began(visit), made.iter().map(|(touch, _)| touch))
    };
    let last_final = known.iter().filter(is_final).map(began).max();
    match last_final.filter(|began| *began >= window) {
        Some(beginning) => {
            known.retain(|visit| began(visit) >= beginning);
            beginning
        }
        None => window,
    }
}

/// Drops ended visits that began at the edge of the window from the comparison: check-outs before the window, which
/// may affect how they ended, are not visible.
fn forget_edge(known: &mut Vec<Visit>, stays: &mut Vec<Stay>, begins: Timestamp) {
    let is_at_edge =
        |stay: &Stay| stay.end.is_some() && (begins..=begins + CLOCK_MAY_LEAD).contains(&stay.started_at);
    let edge: HashSet<VisitId> =
        known.iter().map(|visit| &visit.stay).filter(|stay| is_at_edge(stay)).map(|stay| stay.id).collect();
    known.retain(|visit| !edge.contains(&visit.stay.id));
    stays.retain(|stay| !edge.contains(&stay.id));
}

const FIRST_REVISION: i64 = 1;

/// Compares the published visits with the result of the reading.
fn compare(
    network: NetworkId,
    known: Vec<Visit>,
    stays: Vec<Stay>,
    visitors: &HashMap<VisitId, Visitor>,
) -> Vec<Change> {
    let mut known: HashMap<VisitId, Visit> = known.into_iter().map(|visit| (visit.stay.id, visit)).collect();
    let mut changes: Vec<Change> = stays
        .into_iter()
        .filter_map(|stay| match (known.remove(&stay.id), visitors.get(&stay.id)) {
            (Some(before), _) => Some(change(before, stay, false)),
            (None, Some(visitor)) => Some(first_change(network, stay, *visitor)),
            // Only a stay that was open when the window began has no touch in it, and that one was published.
            (None, None) => None,
        })
        .collect();
    // The remaining visits were published for check-ins that turned out to open nothing.
    changes.extend(known.into_values().map(|before| {
        let stay = before.stay.clone();
        change(before, stay, true)
    }));
    changes
}

fn first_change(network: NetworkId, stay: Stay, visitor: Visitor) -> Change {
    let revision = if stay.end.is_some() { FIRST_REVISION + 1 } else { FIRST_REVISION };
    let Visitor { person, member, home, category } = visitor;
    let visit = Visit { stay, network, person, member, home, category, annulled: false, revision };
    Change { visit, published: Published::Never, was_open: false }
}

fn change(before: Visit, stay: Stay, annulled: bool) -> Change {
    let was_open = before.is_open();
    let is_same = before.stay.end == stay.end && before.annulled == annulled;
    let published = match () {
        () if is_same => Published::Unchanged,
        () if was_open && stay.end.is_some() && !annulled => Published::Open,
        () => Published::Otherwise,
    };
    let revision = before.revision + i64::from(!is_same);
    Change { visit: Visit { stay, annulled, revision, ..before }, published, was_open }
}
