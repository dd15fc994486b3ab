//! Roll-ups: figures summed by hub and day, by hub and month, and by network and month.
//!
//! Always true: a visit adds the same figures to one cell of each roll-up, those of the day it began on in its hub's
//! zone; so the months of a network's hubs add up to the network's, and a hub's days to its months.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use kernel::{HubId, Month, Zone};

use crate::{Figures, model::revisions::Change, model::visit_fact::VisitFact};

/// A cell: one sum of a roll-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// A hub on a day.
    HubDay(HubId, Date),
    /// A hub in a month.
    HubMonth(HubId, Month),
    /// A network in a month.
    NetworkMonth(Month),
}

/// The zones of the hubs that figures are summed for.
pub(crate) type Zones = HashMap<HubId, Zone>;

/// The zone of the hub is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not known here yet")]
pub(crate) struct UnknownHub(pub(crate) HubId);

/// Figures by cell, of one network: sums, or differences of sums. Cells with zero figures may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rollups(BTreeMap<Cell, Figures>);

impl Rollups {
    /// Returns by how much changed visits change the sums.
    ///
    /// # Errors
    /// Fails if a visit was at a hub whose zone is not known yet.
    pub(crate) fn difference(changes: &[Change], zones: &Zones) -> Result<Self, UnknownHub> {
        let mut difference = Self::default();
        for change in changes {
            if let Some(before) = &change.before {
                for cell in cells(before, zones)? {
                    *difference.0.entry(cell).or_default() -= before.figures();
                }
            }
            difference.count(&change.after, zones)?;
        }
        Ok(difference)
    }

    /// Counts a visit.
    ///
    /// # Errors
    /// Fails if it was at a hub whose zone is not known yet.
    pub(crate) fn count(&mut self, visit: &VisitFact, zones: &Zones) -> Result<(), UnknownHub> {
        for cell in cells(visit, zones)? {
            *self.0.entry(cell).or_default() += visit.figures();
        }
        Ok(())
    }

    pub(crate) fn add(&mut self, cell: Cell, figures: Figures) {
        *self.0.entry(cell).or_default() += figures;
    }

    pub(crate) fn subtract(&mut self, cell: Cell, figures: Figures) {
        *self.0.entry(cell).or_default() -= figures;
    }

    pub(crate) fn get(&self, cell: Cell) -> Figures {
        self.0.get(&cell).copied().unwrap_or_default()
    }

    /// Returns the cells with non-zero figures, in order.
    pub(crate) fn filled(&self) -> impl Iterator<Item = (Cell, Figures)> + '_ {
        self.0.iter().filter(|(_, figures)| !figures.is_zero()).map(|(cell, figures)| (*cell, *figures))
    }
}

fn cells(visit: &VisitFact, zones: &Zones) -> Result<[Cell; 3], UnknownHub> {
    let hub = visit.hub_id;
    let day = zones.get(&hub).ok_or(UnknownHub(hub))?.day_of(visit.started_at);
    let month = Month::of(day);
    Ok([Cell::HubDay(hub, day), Cell::HubMonth(hub, month), Cell::NetworkMonth(month)])
}

#[cfg(test)]
mod tests {
    use kernel::{Id, VisitId, World};
    use proptest::prelude::*;

    use super::*;
    use crate::{model::revisions::changes, model::visit_fact::VisitState};

    fn hubs() -> (HubId, HubId, Zones) {
        let world = World::for_test(1);
        let (prague, kyiv) = (HubId::generate(&world), HubId::generate(&world));
        let zones = [(prague, "Europe/Prague"), (kyiv, "Europe/Kyiv")];
        (prague, kyiv, zones.into_iter().map(|(hub, zone)| (hub, zone.parse().expect("a zone"))).collect())
    }

    #[test]
    fn a_visit_counts_on_the_day_it_began_at_the_hub() {
        let (prague, kyiv, zones) = hubs();
        let started_at = "2026-10-31T22:30:00Z".parse().expect("an instant");
        let world = World::for_test(2);
        let at = |hub_id| VisitFact {
            visit_id: VisitId::generate(&world),
            hub_id,
            home_hub_id: prague,
            started_at,
            state: VisitState::Open,
            revision: 1,
        };
        let days = |hub| cells(&at(hub), &zones).map(|cells| cells[0]);
        assert_eq!(days(prague), Ok(Cell::HubDay(prague, "2026-10-31".parse().expect("a day"))));
        assert_eq!(days(kyiv), Ok(Cell::HubDay(kyiv, "2026-11-01".parse().expect("a day"))));
    }

    #[test]
    fn a_visit_at_an_unknown_hub_waits() {
        let (prague, _, zones) = hubs();
        let world = World::for_test(3);
        let stranger = HubId::generate(&world);
        let visit = VisitFact {
            visit_id: VisitId::generate(&world),
            hub_id: stranger,
            home_hub_id: prague,
            started_at: world.now(),
            state: VisitState::Open,
            revision: 1,
        };
        let change = Change { before: None, after: visit };
        assert_eq!(Rollups::difference(&[change], &zones), Err(UnknownHub(stranger)));
    }

    /// Generates events of a few visits, in any order, some of them repeated, cut into batches.
    fn history() -> impl Strategy<Value = Vec<Vec<VisitFact>>> {
        let (prague, kyiv, _) = hubs();
        let numbers = (0_u8..6, 1_i64..5, any::<[bool; 2]>(), 0_i64..5_000_000, 0_i64..40_000, 0_u8..4);
        let fact = move |(visit, revision, [at_kyiv, from_kyiv], start, seconds, state): (
            u8,
            _,
            [bool; 2],
            _,
            _,
            _,
        )| {
            let started_at = jiff::Timestamp::from_second(1_790_000_000 + start).expect("in range");
            let ended_at = jiff::Timestamp::from_second(1_790_000_000 + start + seconds).expect("in range");
            VisitFact {
                visit_id: uuid::Uuid::from_u128(u128::from(visit)).into(),
                hub_id: if at_kyiv { kyiv } else { prague },
                home_hub_id: if from_kyiv { kyiv } else { prague },
                started_at,
                state: match state {
                    0 => VisitState::Open,
                    1 => VisitState::Annulled,
                    _ => VisitState::Ended(ended_at),
                },
                revision,
            }
        };
        prop::collection::vec(prop::collection::vec(numbers.prop_map(fact), 0..8), 0..8)
    }

    proptest! {
        /// R17, without a database: the differences of any history add up to the figures of its last revisions.
        #[test]
        fn differences_add_up_to_the_whole(history in history()) {
            let (_, _, zones) = hubs();
            let mut known = BTreeMap::new();
            let mut kept = Rollups::default();
            for batch in &history {
                let changes = changes(&known, batch);
                for (cell, figures) in Rollups::difference(&changes, &zones).expect("known hubs").filled() {
                    kept.add(cell, figures);
                }
                known.extend(changes.iter().map(|change| (change.after.visit_id, change.after)));
            }
            let mut recomputed = Rollups::default();
            for visit in known.values() {
                recomputed.count(visit, &zones).expect("known hubs");
            }
            prop_assert!(kept.filled().eq(recomputed.filled()));
        }

        #[test]
        fn the_highest_revision_stands(history in history()) {
            let mut known = BTreeMap::new();
            for batch in &history {
                let changes = changes(&known, batch);
                known.extend(changes.iter().map(|change| (change.after.visit_id, change.after)));
            }
            for (visit, fact) in known {
                let events = history.iter().flatten().filter(|event| event.visit_id == visit);
                prop_assert_eq!(Some(fact.revision), events.map(|event| event.revision).max());
            }
        }
    }
}
