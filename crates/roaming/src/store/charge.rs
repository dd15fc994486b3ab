//! Rows of charges and their lines, and the records of visits. Charges are only ever added.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use jiff::{SignedDuration, Timestamp, civil::Date};
use kernel::{ChargeId, Currency, HubId, Id, MemberId, Money, Month, NetworkId, PageRequest, VisitId};
use platform_db::{
    Day, DbError, Ts, Tx,
    column::{id, maybe_id, read, read_currency, read_id, read_maybe_id, read_money, read_month, read_word},
};
use sea_orm::{QueryResult, Value};

use crate::{Charge, ChargeLine, ChargeReason, KnownHub, VisitRecord, model::netting::GrossAmount};

const COLUMNS: &str = "c.network_id, c.charge_id, c.visit_id, c.revision, c.hub_id, c.home_hub_id, c.member_id, \
     c.tariff_id, c.credits, c.reason, c.started_at, c.ended_at, c.minutes, c.amount_minor, c.currency, c.period, \
     c.posted_at, c.rating";

pub(crate) async fn insert(tx: &Tx, charges: &[Charge]) -> Result<(), DbError> {
    let head = "insert into charge (network_id, charge_id, visit_id, revision, hub_id, home_hub_id, member_id, \
         tariff_id, credits, reason, started_at, ended_at, minutes, amount_minor, currency, period, posted_at, \
         rating)";
    tx.insert_rows(head, charges.iter().map(row).collect(), "").await?;
    let lines = charges.iter().flat_map(|charge| charge.lines.iter().map(|line| line_row(charge, line)));
    let head = "insert into charge_line \
         (network_id, charge_id, day, hub_id, member_id, billed_seconds, gross_minor, amount_minor)";
    tx.insert_rows(head, lines.collect(), "").await?;
    Ok(())
}

/// Saves the highest revision of visits and their effective charges.
pub(crate) async fn save_visits<'v>(
    tx: &Tx,
    network: NetworkId,
    visits: impl Iterator<Item = (VisitId, &'v VisitRecord)>,
) -> Result<(), DbError> {
    let rows = visits.map(|(visit, record)| {
        let charge = record.charge.as_ref().map(|charge| charge.id);
        [id(network), id(visit), record.revision.into(), maybe_id(charge)]
    });
    let head = "insert into roaming_visit (network_id, visit_id, revision, charge_id)";
    let tail = "on conflict (network_id, visit_id) do update set \
         revision = excluded.revision, charge_id = excluded.charge_id";
    tx.insert_rows(head, rows.collect(), tail).await?;
    Ok(())
}

/// Returns the records of some visits.
pub(crate) async fn visits(
    tx: &Tx,
    network: NetworkId,
    visits: &[VisitId],
) -> Result<HashMap<VisitId, VisitRecord>, DbError> {
    let mut records = HashMap::new();
    for chunk in visits.chunks(super::MOST_PLACES) {
        let (wanted, ids) = tx.among_ids("v.visit_id", 2, chunk);
        let values = || std::iter::once(id(network)).chain(ids.iter().cloned());
        let sql = format!(
            "select v.visit_id, v.revision from roaming_visit v where v.network_id = $1 and {wanted}"
        );
        for row in tx.rows(&sql, values()).await? {
            records.insert(
                read_id(&row, "visit_id")?,
                VisitRecord { revision: read(&row, "revision")?, charge: None },
            );
        }
        if records.is_empty() {
            continue;
        }
        let sql = format!(
            "select {COLUMNS} from roaming_visit v join charge c \
             on c.network_id = v.network_id and c.charge_id = v.charge_id \
             where v.network_id = $1 and {wanted}"
        );
        for charge in with_lines(tx, network, &tx.rows(&sql, values()).await?).await? {
            if let Some(record) = records.get_mut(&charge.visit) {
                record.charge = Some(charge);
            }
        }
    }
    Ok(records)
}

/// Returns the effective charges of some members that have a line on one of the days. The lines of the members' days
/// are looked up first, whatever the planner's statistics: SQLite keeps the order of a cross join.
pub(crate) async fn of_days(
    tx: &Tx,
    network: NetworkId,
    members: &[MemberId],
    first: Date,
    last: Date,
) -> Result<Vec<Charge>, DbError> {
    let mut charges: BTreeMap<ChargeId, Charge> = BTreeMap::new();
    for chunk in members.chunks(super::MOST_PLACES) {
        let (which, ids) = tx.among_ids("d.member_id", 4, chunk);
        let sql = format!(
            "select {COLUMNS}, l.day as line_day, l.billed_seconds as line_seconds, \
             l.gross_minor as line_gross, l.amount_minor as line_amount \
             from (select distinct d.member_id, d.charge_id from charge_line d \
                 where d.network_id = $1 and d.day >= $2 and d.day <= $3 and {which}) as sought \
             cross join charge c cross join roaming_visit v cross join charge_line l \
             where c.network_id = $1 and c.charge_id = sought.charge_id \
                 and v.network_id = $1 and v.visit_id = c.visit_id and v.charge_id = c.charge_id \
                 and l.network_id = $1 and l.charge_id = c.charge_id"
        );
        let tenant = [id(network), Day(first).into(), Day(last).into()];
        for row in tx.rows(&sql, tenant.into_iter().chain(ids)).await? {
            let id: ChargeId = read_id(&row, "charge_id")?;
            let charge = match charges.entry(id) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => entry.insert(read_charge(&row)?),
            };
            let currency = charge.amount.currency;
            charge.lines.push(ChargeLine {
                day: read::<Day>(&row, "line_day")?.0,
                billed_seconds: read(&row, "line_seconds")?,
                gross: read_money(&row, "line_gross", currency)?,
                amount: read_money(&row, "line_amount", currency)?,
            });
        }
    }
    let mut charges: Vec<Charge> = charges.into_values().collect();
    for charge in &mut charges {
        charge.lines.sort_unstable_by_key(|line| line.day);
    }
    Ok(charges)
}

/// Returns whether a guest's visit that began at an instant or later is charged at a hub. Ids are ordered by creation
/// time: a hub's charges are younger than the hub, and a charge is at most one day older than its visit.
pub(crate) async fn exists_since(tx: &Tx, hub: &KnownHub, since: Timestamp) -> Result<bool, DbError> {
    let since_then = hub.id.born_at().max(since - SignedDuration::from_hours(24));
    let sql = "select c.charge_id from charge c \
         join roaming_visit v on v.network_id = c.network_id and v.visit_id = c.visit_id \
             and v.charge_id = c.charge_id \
         where c.network_id = $1 and c.charge_id >= $2 and c.hub_id = $3 and c.home_hub_id <> c.hub_id \
             and c.started_at >= $4 limit 1";
    let oldest = ChargeId::first_of(since_then);
    let row = tx.row(sql, [id(hub.network), id(oldest), id(hub.id), Ts(since).into()]).await?;
    Ok(row.is_some())
}

/// Returns a page of a member's charges, latest first, or in reverse. `cursor` is the id of the last one seen.
pub(crate) async fn of_member(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
    cursor: Option<ChargeId>,
    page: &PageRequest,
) -> Result<Vec<Charge>, DbError> {
    let mut values = vec![id(network), id(member), page.fetch().into()];
    let (beyond, order) = if page.is_backward() { (">", "asc") } else { ("<", "desc") };
    let further = cursor.map(|_| format!("and c.charge_id {beyond} $4")).unwrap_or_default();
    values.extend(cursor.map(id));
    let sql = format!(
        "select {COLUMNS} from charge c where c.network_id = $1 and c.member_id = $2 {further} \
         order by c.charge_id {order} limit $3"
    );
    with_lines(tx, network, &tx.rows(&sql, values).await?).await
}

/// Sums a month's charges between each home hub and host.
pub(crate) async fn gross_amounts(
    tx: &Tx,
    network: NetworkId,
    period: Month,
) -> Result<Vec<GrossAmount>, DbError> {
    let sql = "select home_hub_id, hub_id, currency, cast(sum(amount_minor) as bigint) as gross_minor from charge \
         where network_id = $1 and period = $2 and hub_id <> home_hub_id \
         group by home_hub_id, hub_id, currency having sum(amount_minor) <> 0 order by home_hub_id, hub_id";
    let rows = tx.rows(sql, [id(network), period.to_string().into()]).await?;
    rows.iter()
        .map(|row| {
            let currency = read_currency(row, "charge", "currency")?;
            let (home_hub, host_hub) = (read_id(row, "home_hub_id")?, read_id(row, "hub_id")?);
            Ok(GrossAmount { home_hub, host_hub, gross: read_money(row, "gross_minor", currency)? })
        })
        .collect()
}

fn row(charge: &Charge) -> [Value; 18] {
    [
        id(charge.network),
        id(charge.id),
        id(charge.visit),
        charge.revision.into(),
        id(charge.hub),
        id(charge.home_hub),
        id(charge.member),
        maybe_id(charge.tariff),
        maybe_id(charge.credits),
        charge.reason.word().into(),
        Ts(charge.started_at).into(),
        Ts(charge.ended_at).into(),
        charge.minutes.into(),
        charge.amount.minor.into(),
        charge.amount.currency.code().into(),
        charge.period.to_string().into(),
        Ts(charge.posted_at).into(),
        charge.rating.into(),
    ]
}

fn line_row(charge: &Charge, line: &ChargeLine) -> [Value; 8] {
    [
        id(charge.network),
        id(charge.id),
        Day(line.day).into(),
        id(charge.hub),
        id(charge.member),
        line.billed_seconds.into(),
        line.gross.minor.into(),
        line.amount.minor.into(),
    ]
}

async fn with_lines(tx: &Tx, network: NetworkId, rows: &[QueryResult]) -> Result<Vec<Charge>, DbError> {
    let mut charges = rows.iter().map(read_charge).collect::<Result<Vec<Charge>, _>>()?;
    let mut place: BTreeMap<ChargeId, usize> = BTreeMap::new();
    place.extend(charges.iter().enumerate().map(|(index, charge)| (charge.id, index)));
    let ids: Vec<ChargeId> = place.keys().copied().collect();
    for chunk in ids.chunks(super::MOST_PLACES) {
        let (which, ids) = tx.among_ids("charge_id", 2, chunk);
        let sql = format!(
            "select charge_id, day, billed_seconds, gross_minor, amount_minor from charge_line \
             where network_id = $1 and {which} order by charge_id, day"
        );
        for row in tx.rows(&sql, std::iter::once(id(network)).chain(ids)).await? {
            if let Some(charge) =
                place.get(&read_id(&row, "charge_id")?).and_then(|index| charges.get_mut(*index))
            {
                let line = read_line(&row, charge.amount.currency)?;
                charge.lines.push(line);
            }
        }
    }
    Ok(charges)
}

fn read_charge(row: &QueryResult) -> Result<Charge, DbError> {
    let hub: HubId = read_id(row, "hub_id")?;
    let amount: Money = read_money(row, "amount_minor", read_currency(row, "charge", "currency")?)?;
    Ok(Charge {
        id: read_id(row, "charge_id")?,
        network: read_id(row, "network_id")?,
        visit: read_id(row, "visit_id")?,
        revision: read(row, "revision")?,
        rating: read(row, "rating")?,
        hub,
        home_hub: read_id(row, "home_hub_id")?,
        member: read_id(row, "member_id")?,
        tariff: read_maybe_id(row, "tariff_id")?,
        credits: read_maybe_id(row, "credits")?,
        reason: read_word(row, "charge", "reason", ChargeReason::from_word)?,
        started_at: read::<Ts>(row, "started_at")?.0,
        ended_at: read::<Ts>(row, "ended_at")?.0,
        minutes: read(row, "minutes")?,
        amount,
        lines: Vec::new(),
        period: read_month(row, "charge", "period")?,
        posted_at: read::<Ts>(row, "posted_at")?.0,
    })
}

fn read_line(row: &QueryResult, currency: Currency) -> Result<ChargeLine, DbError> {
    Ok(ChargeLine {
        day: read::<Day>(row, "day")?.0,
        billed_seconds: read(row, "billed_seconds")?,
        gross: read_money(row, "gross_minor", currency)?,
        amount: read_money(row, "amount_minor", currency)?,
    })
}
