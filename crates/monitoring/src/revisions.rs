//! Tellings: what membership says about visits, again and again, in any order.
//!
//! Always true: of several tellings of a visit the one with the highest revision stands, whenever it comes; what was
//! told before changes nothing.

use std::collections::BTreeMap;

use kernel::VisitId;

use crate::visit_fact::VisitFact;

/// A visit of which we now know more, or know at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) before: Option<VisitFact>,
    pub(crate) after: VisitFact,
}

/// What tellings change, given what is known: each visit at most once, in order of the ids.
pub(crate) fn changes(known: &BTreeMap<VisitId, VisitFact>, told: &[VisitFact]) -> Vec<Change> {
    let mut latest: BTreeMap<VisitId, VisitFact> = BTreeMap::new();
    for telling in told {
        let standing = latest.get(&telling.visit_id).or_else(|| known.get(&telling.visit_id));
        if standing.is_none_or(|standing| standing.revision < telling.revision) {
            latest.insert(telling.visit_id, *telling);
        }
    }
    let change = |after: VisitFact| Change { before: known.get(&after.visit_id).copied(), after };
    latest.into_values().map(change).collect()
}
