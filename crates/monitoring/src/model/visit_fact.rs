//! A visit as monitoring knows it: hub, start and end, and whether the visitor roams; never the visitor.
//!
//! Always true: an ended visit ends no earlier than it began; a later revision replaces an earlier one as a whole.

use jiff::Timestamp;
use kernel::{HubId, Interval, VisitId};

use crate::Figures;

/// The state of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VisitState {
    Open,
    /// The visit ended at this time.
    Ended(Timestamp),
    /// The visit never happened.
    Annulled,
}

/// The latest known fact about a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VisitFact {
    pub(crate) visit_id: VisitId,
    pub(crate) hub_id: HubId,
    pub(crate) home_hub_id: HubId,
    pub(crate) started_at: Timestamp,
    pub(crate) state: VisitState,
    /// Increases with every event about the visit.
    pub(crate) revision: i64,
}

impl VisitFact {
    /// Returns what this visit adds to the figures of its day, its months and its network.
    pub(crate) fn figures(&self) -> Figures {
        let minutes = match self.state {
            VisitState::Annulled => return Figures::ZERO,
            VisitState::Open => 0,
            VisitState::Ended(at) => whole_minutes(self.started_at, at),
        };
        let is_roaming = self.home_hub_id != self.hub_id;
        Figures {
            visits: 1,
            minutes,
            roaming_visits: i64::from(is_roaming),
            roaming_minutes: if is_roaming { minutes } else { 0 },
        }
    }
}

fn whole_minutes(from: Timestamp, until: Timestamp) -> i64 {
    Interval::new(from, until).map_or(0, |stay| stay.seconds().div_euclid(60))
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use kernel::{Id, World};

    use super::*;

    fn visit(state: impl Fn(Timestamp) -> VisitState, is_roaming: bool) -> Figures {
        let world = World::for_test(1);
        let hub_id = HubId::generate(&world);
        let home_hub_id = if is_roaming { HubId::generate(&world) } else { hub_id };
        let started_at = world.now();
        let state = state(started_at);
        let visit_id = VisitId::generate(&world);
        VisitFact { visit_id, hub_id, home_hub_id, started_at, state, revision: 1 }.figures()
    }

    #[test]
    fn an_open_visit_counts_and_has_no_minutes_yet() {
        let figures = visit(|_| VisitState::Open, false);
        assert_eq!(figures, Figures { visits: 1, ..Figures::ZERO });
    }

    #[test]
    fn an_ended_visit_has_its_whole_minutes() {
        let figures = visit(|from| VisitState::Ended(from + 59.minutes() + 59.seconds()), false);
        assert_eq!(figures, Figures { visits: 1, minutes: 59, ..Figures::ZERO });
    }

    #[test]
    fn a_visit_from_another_hub_counts_as_roaming_too() {
        let figures = visit(|from| VisitState::Ended(from + 90.minutes()), true);
        assert_eq!(figures, Figures { visits: 1, minutes: 90, roaming_visits: 1, roaming_minutes: 90 });
    }

    #[test]
    fn an_annulled_visit_counts_for_nothing() {
        assert_eq!(visit(|_| VisitState::Annulled, true), Figures::ZERO);
    }
}
