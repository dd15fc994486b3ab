//! Opening the books for some visits: everything their charges depend on, in a handful of statements.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use kernel::{HubId, MemberId, NetworkId, VisitId};
use platform_db::{Day, DbError, Tx};

use super::{charge, facts, get, id, settlement, tariff, uuid};
use crate::{Books, DayKey, DayTotal, Outcome, ToldVisit};

/// Loads what is needed to charge these visits. The network must be locked.
pub(crate) async fn open(tx: &Tx, network: NetworkId, told: &[ToldVisit]) -> Result<Books, DbError> {
    let visits: Vec<VisitId> = unique(told.iter().map(|told| told.visit));
    let away: Vec<&ToldVisit> = told.iter().filter(|told| told.hub != told.home_hub).collect();
    let members: Vec<MemberId> = unique(told.iter().map(|told| told.member));
    let hosts: Vec<HubId> = unique(away.iter().map(|told| told.hub));
    Ok(Books {
        hubs: facts::hubs(tx, network).await?.into_iter().map(|hub| (hub.id, hub)).collect(),
        members: facts::members(tx, network, &members).await?,
        tariffs: tariff::versions(tx, network, &hosts).await?,
        closed: settlement::closed_months(tx, network).await?,
        visits: charge::visits(tx, network, &visits).await?,
        days: day_totals(tx, network, &away).await?,
        ..Books::new(network)
    })
}

/// What the visitors' days, from the first touched to the last, have cost so far; a credit counts against its charge.
async fn day_totals(
    tx: &Tx,
    network: NetworkId,
    away: &[&ToldVisit],
) -> Result<HashMap<DayKey, DayTotal>, DbError> {
    let mut totals = HashMap::new();
    let Some((first, last)) = days_touched(away) else { return Ok(totals) };
    let members: Vec<MemberId> = unique(away.iter().map(|told| told.member));
    for chunk in members.chunks(super::MOST_PLACES) {
        let (which, ids) = tx.among_ids("member_id", 4, chunk);
        let sql = format!(
            "select hub_id, member_id, day, cast(sum(gross_minor) as bigint) as gross_minor, \
             cast(sum(amount_minor) as bigint) as amount_minor from charge_line \
             where network_id = $1 and day >= $2 and day <= $3 and {which} group by hub_id, member_id, day"
        );
        let tenant = [uuid(network), Day(first).into(), Day(last).into()];
        for row in tx.rows(&sql, tenant.into_iter().chain(ids)).await? {
            let day = get::<Day>(&row, "day")?.0;
            let key = DayKey { hub: id(&row, "hub_id")?, member: id(&row, "member_id")?, day };
            let total =
                DayTotal { gross_minor: get(&row, "gross_minor")?, amount_minor: get(&row, "amount_minor")? };
            totals.insert(key, total);
        }
    }
    Ok(totals)
}

/// The first and the last day any of the visits may fall on, in whatever zone.
fn days_touched(away: &[&ToldVisit]) -> Option<(Date, Date)> {
    let day = |at: jiff::Timestamp| kernel::Zone::UTC.day_of(at);
    let end = |told: &&ToldVisit| match told.outcome {
        Outcome::Ended(at) => at,
        Outcome::Open | Outcome::Annulled => told.started_at,
    };
    let first = day(away.iter().map(|told| told.started_at).min()?);
    let last = day(away.iter().map(end).max()?);
    Some((first.yesterday().unwrap_or(first), last.tomorrow().unwrap_or(last)))
}

fn unique<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.collect::<BTreeSet<T>>().into_iter().collect()
}
