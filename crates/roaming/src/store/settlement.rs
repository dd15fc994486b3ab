//! Rows of settlements. Written once, never changed.

use std::collections::HashMap;

use kernel::{Money, Month, NetworkId, PageRequest, SettlementId};
use platform_db::{
    DbError, Ts, Tx,
    column::{id, read, read_currency, read_id, read_money, read_month},
};
use sea_orm::{QueryResult, Value};

use crate::{ClosedMonths, DatedRate, GrossPosition, Settlement, SettlementPosition};

const COLUMNS: &str =
    "network_id, settlement_id, month, closed_at, rates, clearing_currency, network_commission_minor";

pub(crate) async fn insert(tx: &Tx, settlement: &Settlement, commission: Money) -> Result<(), DbError> {
    let rates = serde_json::to_string(&settlement.rates);
    let row = [
        id(settlement.network),
        id(settlement.id),
        settlement.month.to_string().into(),
        Ts(settlement.closed_at).into(),
        rates.map_err(|error| DbError::inconsistent("settlement", error))?.into(),
        commission.currency.code().into(),
        commission.minor.into(),
    ];
    tx.insert_rows(&format!("insert into settlement ({COLUMNS})"), vec![row], "").await?;
    let tenant = || (id(settlement.network), id(settlement.id));
    let positions = settlement.positions.iter().map(|position| {
        let (network, settlement) = tenant();
        position_row(network, settlement, position)
    });
    let head = "insert into settlement_position (network_id, settlement_id, hub_id, currency, earned_minor, \
         owed_minor, commission_minor, net_minor)";
    tx.insert_rows(head, positions.collect(), "").await?;
    let pairs = settlement.gross_positions.iter().map(|pair| {
        let (network, settlement) = tenant();
        pair_row(network, settlement, pair)
    });
    let head = "insert into gross_position (network_id, settlement_id, home_hub_id, host_hub_id, currency, \
         gross_minor, home_commission_minor, network_commission_minor)";
    tx.insert_rows(head, pairs.collect(), "").await?;
    Ok(())
}

/// Returns the settled months of a network.
pub(crate) async fn closed_months(tx: &Tx, network: NetworkId) -> Result<ClosedMonths, DbError> {
    let rows = tx.rows("select month from settlement where network_id = $1", [id(network)]).await?;
    rows.iter().map(|row| read_month(row, "settlement", "month")).collect()
}

/// The months up to one with charges between hubs that are not settled, oldest first.
pub(crate) async fn open_months(tx: &Tx, network: NetworkId, through: Month) -> Result<Vec<Month>, DbError> {
    let sql = "select distinct period from charge where network_id = $1 and period <= $2 \
               and hub_id <> home_hub_id and period not in (select month from settlement where network_id = $1) \
               order by period";
    let rows = tx.rows(sql, [id(network), through.to_string().into()]).await?;
    rows.iter().map(|row| read_month(row, "charge", "period")).collect()
}

pub(crate) async fn find(tx: &Tx, network: NetworkId, month: Month) -> Result<Option<Settlement>, DbError> {
    let sql = format!("select {COLUMNS} from settlement where network_id = $1 and month = $2");
    let rows = tx.rows(&sql, [id(network), month.to_string().into()]).await?;
    Ok(whole(tx, network, &rows).await?.pop())
}

/// Returns a page of a network's settlements, latest month first, or in reverse. `cursor` is the last month seen.
pub(crate) async fn list(
    tx: &Tx,
    network: NetworkId,
    cursor: Option<Month>,
    page: &PageRequest,
) -> Result<Vec<Settlement>, DbError> {
    let mut values = vec![id(network), page.fetch().into()];
    let (beyond, order) = if page.is_backward() { (">", "asc") } else { ("<", "desc") };
    let further = cursor.map(|_| format!("and month {beyond} $3")).unwrap_or_default();
    values.extend(cursor.map(|month| Value::from(month.to_string())));
    let sql = format!(
        "select {COLUMNS} from settlement where network_id = $1 {further} order by month {order} limit $2"
    );
    let rows = tx.rows(&sql, values).await?;
    whole(tx, network, &rows).await
}

/// Reads settlements with their positions.
async fn whole(tx: &Tx, network: NetworkId, rows: &[QueryResult]) -> Result<Vec<Settlement>, DbError> {
    let mut settlements = rows.iter().map(read_settlement).collect::<Result<Vec<Settlement>, _>>()?;
    if settlements.is_empty() {
        return Ok(settlements);
    }
    let ids: Vec<SettlementId> = settlements.iter().map(|settlement| settlement.id).collect();
    let (wanted, ids) = tx.among_ids("settlement_id", 2, &ids);
    let place: HashMap<SettlementId, usize> =
        settlements.iter().enumerate().map(|(index, settlement)| (settlement.id, index)).collect();
    let values = || std::iter::once(id(network)).chain(ids.iter().cloned());
    let sql = format!("select * from settlement_position where network_id = $1 and {wanted} order by hub_id");
    for row in tx.rows(&sql, values()).await? {
        if let Some(settlement) =
            place.get(&read_id(&row, "settlement_id")?).and_then(|at| settlements.get_mut(*at))
        {
            settlement.positions.push(read_position(&row)?);
        }
    }
    let sql = format!(
        "select * from gross_position where network_id = $1 and {wanted} \
         order by home_hub_id, host_hub_id"
    );
    for row in tx.rows(&sql, values()).await? {
        if let Some(settlement) =
            place.get(&read_id(&row, "settlement_id")?).and_then(|at| settlements.get_mut(*at))
        {
            settlement.gross_positions.push(read_pair(&row)?);
        }
    }
    Ok(settlements)
}

fn position_row(network: Value, settlement: Value, position: &SettlementPosition) -> [Value; 8] {
    [
        network,
        settlement,
        id(position.hub),
        position.net.currency.code().into(),
        position.earned.minor.into(),
        position.owed.minor.into(),
        position.commission.minor.into(),
        position.net.minor.into(),
    ]
}

fn pair_row(network: Value, settlement: Value, pair: &GrossPosition) -> [Value; 8] {
    [
        network,
        settlement,
        id(pair.home_hub),
        id(pair.host_hub),
        pair.gross.currency.code().into(),
        pair.gross.minor.into(),
        pair.home_commission.minor.into(),
        pair.network_commission.minor.into(),
    ]
}

fn read_settlement(row: &QueryResult) -> Result<Settlement, DbError> {
    let rates: String = read(row, "rates")?;
    let rates: Result<Vec<DatedRate>, _> = serde_json::from_str(&rates);
    let clearing_currency = read_currency(row, "settlement", "clearing_currency")?;
    Ok(Settlement {
        id: read_id(row, "settlement_id")?,
        network: read_id(row, "network_id")?,
        month: read_month(row, "settlement", "month")?,
        closed_at: read::<Ts>(row, "closed_at")?.0,
        clearing_currency,
        rates: rates.map_err(|error| DbError::inconsistent("settlement", error))?,
        network_commission: Some(read_money(row, "network_commission_minor", clearing_currency)?),
        positions: Vec::new(),
        gross_positions: Vec::new(),
    })
}

fn read_position(row: &QueryResult) -> Result<SettlementPosition, DbError> {
    let currency = read_currency(row, "settlement_position", "currency")?;
    Ok(SettlementPosition {
        hub: read_id(row, "hub_id")?,
        earned: read_money(row, "earned_minor", currency)?,
        owed: read_money(row, "owed_minor", currency)?,
        commission: read_money(row, "commission_minor", currency)?,
        net: read_money(row, "net_minor", currency)?,
    })
}

fn read_pair(row: &QueryResult) -> Result<GrossPosition, DbError> {
    let currency = read_currency(row, "gross_position", "currency")?;
    Ok(GrossPosition {
        home_hub: read_id(row, "home_hub_id")?,
        host_hub: read_id(row, "host_hub_id")?,
        gross: read_money(row, "gross_minor", currency)?,
        home_commission: read_money(row, "home_commission_minor", currency)?,
        network_commission: read_money(row, "network_commission_minor", currency)?,
    })
}
