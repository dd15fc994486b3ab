//! Visit revisions: membership publishes several events about a visit, and they may arrive in any order.
//!
//! Always true: of several events about a visit the one with the highest revision wins, whenever it arrives; an older
//! or repeated one changes nothing.

use std::collections::BTreeMap;

use kernel::VisitId;

use crate::model::visit_fact::VisitFact;

/// A visit with a new or newer fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) before: Option<VisitFact>,
    pub(crate) after: VisitFact,
}

/// Returns the changes that visit events make to the known facts: at most one per visit, in order of the ids.
pub(crate) fn changes(known: &BTreeMap<VisitId, VisitFact>, facts: &[VisitFact]) -> Vec<Change> {
    let mut latest: BTreeMap<VisitId, VisitFact> = BTreeMap::new();
    for fact in facts {
        let standing = latest.get(&fact.visit_id).or_else(|| known.get(&fact.visit_id));
        if standing.is_none_or(|standing| standing.revision < fact.revision) {
            latest.insert(fact.visit_id, *fact);
        }
    }
    let change = |after: VisitFact| Change { before: known.get(&after.visit_id).copied(), after };
    latest.into_values().map(change).collect()
}
