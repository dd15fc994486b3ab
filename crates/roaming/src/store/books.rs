//! Opens the books for some visits: loads everything their charges depend on, in a few statements.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use kernel::{HubId, MemberId, NetworkId, VisitId};
use platform_db::{DbError, Tx};

use super::{charge, facts, settlement, tariff};
use crate::{Books, Charge, Outcome, VisitEvent, VisitRecord};

/// Loads the data needed to charge these visits, including the other visits of their days. The network must be
/// locked.
pub(crate) async fn open(tx: &Tx, network: NetworkId, visit: &[VisitEvent]) -> Result<Books, DbError> {
    let visits: Vec<VisitId> = unique(visit.iter().map(|visit| visit.visit));
    let away: Vec<&VisitEvent> = visit.iter().filter(|visit| visit.hub != visit.home_hub).collect();
    let members: Vec<MemberId> = unique(visit.iter().map(|visit| visit.member));
    let hosts: Vec<HubId> = unique(away.iter().map(|visit| visit.hub));
    let mut books = Books::new(network);
    books.hubs = facts::hubs(tx, network).await?.into_iter().map(|hub| (hub.id, hub)).collect();
    books.members = facts::members(tx, network, &members).await?;
    books.tariffs = tariff::versions(tx, network, &hosts).await?;
    books.closed = settlement::closed_months(tx, network).await?;
    let records = charge::visits(tx, network, &visits).await?;
    let before = records.values().filter_map(|record| record.charge.as_ref());
    if let Some((first, last)) = days_touched(&away, before) {
        let members: Vec<MemberId> = unique(away.iter().map(|visit| visit.member));
        for charge in charge::of_days(tx, network, &members, first, last).await? {
            let record = VisitRecord { revision: charge.revision, charge: Some(charge.clone()) };
            books.enter(charge.visit, record);
        }
    }
    for (visit, record) in records {
        books.enter(visit, record);
    }
    Ok(books)
}

/// Returns the first and the last day any of the visits may fall on, in any zone, by their earlier and current times.
fn days_touched<'c>(away: &[&VisitEvent], before: impl Iterator<Item = &'c Charge>) -> Option<(Date, Date)> {
    let day = |at: Timestamp| kernel::Zone::UTC.day_of(at);
    let now = away.iter().map(|visit| match visit.outcome {
        Outcome::Ended(at) => (visit.started_at, at),
        Outcome::Open | Outcome::Annulled => (visit.started_at, visit.started_at),
    });
    let before = before.filter(|charge| charge.is_roaming());
    let stretches: Vec<_> = now.chain(before.map(|charge| (charge.started_at, charge.ended_at))).collect();
    let first = day(stretches.iter().map(|(from, _)| *from).min()?);
    let last = day(stretches.iter().map(|(_, until)| *until).max()?);
    Some((first.yesterday().unwrap_or(first), last.tomorrow().unwrap_or(last)))
}

fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<BTreeSet<T>>().into_iter().collect()
}
