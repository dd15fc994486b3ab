//! The roll-ups: `hub_day`, `hub_month`, `network_month`.
//!
//! Always true: they change by differences only, one statement per table for a whole batch, in the order of their
//! keys.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::{HubId, Month, NetworkId};
use platform_db::{
    Day, DbError, Tx,
    column::{id, read_id},
};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::{Cell, Figures, MetricsPeriod, Periods, model::rollup::Rollups};

const FIGURES: &str = "visits, minutes, roaming_visits, roaming_minutes";

/// Adds differences to the sums.
pub(crate) async fn add(tx: &Tx, network: NetworkId, difference: &Rollups) -> Result<(), DbError> {
    let (mut hub_days, mut hub_months, mut network_months) = (Vec::new(), Vec::new(), Vec::new());
    for (cell, figures) in difference.filled() {
        match cell {
            Cell::HubDay(hub, day) => hub_days.push(hub_row(network, hub, day, figures)),
            Cell::HubMonth(hub, month) => hub_months.push(hub_row(network, hub, month.first_day(), figures)),
            Cell::NetworkMonth(month) => {
                network_months.push(network_row(network, month.first_day(), figures));
            }
        }
    }
    upsert(tx, "hub_day", "network_id, hub_id, day", hub_days).await?;
    upsert(tx, "hub_month", "network_id, hub_id, month", hub_months).await?;
    upsert(tx, "network_month", "network_id, month", network_months).await
}

fn hub_row(network: NetworkId, hub: HubId, first_day: Date, of: Figures) -> [Value; 7] {
    let [network, first_day, visits, minutes, roaming_visits, roaming_minutes] =
        network_row(network, first_day, of);
    [network, id(hub), first_day, visits, minutes, roaming_visits, roaming_minutes]
}

fn network_row(network: NetworkId, first_day: Date, of: Figures) -> [Value; 6] {
    let Figures { visits, minutes, roaming_visits, roaming_minutes } = of;
    let sums = [visits, minutes, roaming_visits, roaming_minutes].map(Value::from);
    let [visits, minutes, roaming_visits, roaming_minutes] = sums;
    [id(network), Day(first_day).into(), visits, minutes, roaming_visits, roaming_minutes]
}

async fn upsert<const N: usize>(
    tx: &Tx,
    table: &str,
    key: &str,
    rows: Vec<[Value; N]>,
) -> Result<(), DbError> {
    let sums = FIGURES.split(", ").map(|figure| format!("{figure} = {table}.{figure} + excluded.{figure}"));
    let sums: Vec<String> = sums.collect();
    let head = format!("insert into {table} ({key}, {FIGURES})");
    let tail = format!("on conflict ({key}) do update set {}", sums.join(", "));
    tx.insert_rows(&head, rows, &tail).await?;
    Ok(())
}

/// Returns the figures of each hub by the first day of the period; every requested hub has an entry.
pub(crate) async fn list_of_hubs(
    tx: &Tx,
    network: NetworkId,
    hubs: &[HubId],
    periods: Periods,
) -> Result<HashMap<HubId, HashMap<Date, Figures>>, DbError> {
    let (table, period) = match periods.by() {
        MetricsPeriod::Day => ("hub_day", "day"),
        MetricsPeriod::Month => ("hub_month", "month"),
    };
    let (which, ids) = tx.among_ids("hub_id", 4, hubs);
    let sql = format!(
        "select hub_id, {period} as period, {FIGURES} from {table} \
         where network_id = $1 and {period} >= $2 and {period} < $3 and {which}"
    );
    let rows = tx.rows(&sql, bounds(network, periods).into_iter().chain(ids)).await?;
    let mut series: HashMap<HubId, HashMap<Date, Figures>> =
        hubs.iter().map(|hub| (*hub, HashMap::new())).collect();
    for row in &rows {
        let hub: Uuid = row.try_get("", "hub_id")?;
        series.entry(hub.into()).or_default().insert(first_day(row)?, figures(row)?);
    }
    Ok(series)
}

/// Returns the figures of a whole network by the first day of the period. No roll-up stores a network's days: the
/// days of its hubs are few enough to sum.
pub(crate) async fn list_of_network(
    tx: &Tx,
    network: NetworkId,
    periods: Periods,
) -> Result<HashMap<Date, Figures>, DbError> {
    let sql = match periods.by() {
        MetricsPeriod::Month => {
            format!(
                "select month as period, {FIGURES} from network_month where network_id = $1 and month >= $2 and month < $3"
            )
        }
        MetricsPeriod::Day => {
            let sums = FIGURES.split(", ").map(|figure| format!("cast(sum({figure}) as bigint) as {figure}"));
            let sums: Vec<String> = sums.collect();
            let sums = sums.join(", ");
            format!(
                "select day as period, {sums} from hub_day where network_id = $1 and day >= $2 and day < $3 group by day"
            )
        }
    };
    let rows = tx.rows(&sql, bounds(network, periods)).await?;
    rows.iter().map(|row| Ok((first_day(row)?, figures(row)?))).collect()
}

/// Returns all stored figures of a network.
pub(crate) async fn list_all(tx: &Tx, network: NetworkId) -> Result<Rollups, DbError> {
    let mut kept = Rollups::default();
    for (table, period) in [("hub_day", "day"), ("hub_month", "month")] {
        let sql = format!("select hub_id, {period} as period, {FIGURES} from {table} where network_id = $1");
        for row in tx.rows(&sql, [id(network)]).await? {
            let hub = read_id(&row, "hub_id")?;
            let day = first_day(&row)?;
            let cell =
                if period == "day" { Cell::HubDay(hub, day) } else { Cell::HubMonth(hub, Month::of(day)) };
            kept.add(cell, figures(&row)?);
        }
    }
    let sql = format!("select month as period, {FIGURES} from network_month where network_id = $1");
    for row in tx.rows(&sql, [id(network)]).await? {
        kept.add(Cell::NetworkMonth(Month::of(first_day(&row)?)), figures(&row)?);
    }
    Ok(kept)
}

fn bounds(network: NetworkId, periods: Periods) -> [Value; 3] {
    [id(network), Day(periods.from()).into(), Day(periods.until()).into()]
}

fn first_day(row: &QueryResult) -> Result<Date, DbError> {
    Ok(row.try_get::<Day>("", "period")?.0)
}

fn figures(row: &QueryResult) -> Result<Figures, DbError> {
    Ok(Figures {
        visits: row.try_get("", "visits")?,
        minutes: row.try_get("", "minutes")?,
        roaming_visits: row.try_get("", "roaming_visits")?,
        roaming_minutes: row.try_get("", "roaming_minutes")?,
    })
}
