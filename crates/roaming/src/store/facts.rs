//! Rows copied from membership's events: networks, hubs, members.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId};
use platform_db::{
    DbError, Tx,
    column::{id, maybe_at, narrow, read, read_currency, read_id, read_maybe_at, read_parsed, read_word},
};
use sea_orm::QueryResult;

use crate::{KnownHub, KnownMember, KnownNetwork, MemberPlan};

const NETWORK: &str = "select network_id, clearing_currency, time_zone, home_commission_bp, network_commission_bp from roaming_network";
const HUB: &str = "select network_id, hub_id, time_zone, currency from roaming_hub";

pub(crate) async fn save_networks(tx: &Tx, networks: &[KnownNetwork]) -> Result<(), DbError> {
    let rows = networks.iter().map(|network| {
        [
            id(network.id),
            network.clearing_currency.code().into(),
            network.zone.name().into(),
            i64::from(network.home_commission_bp).into(),
            i64::from(network.network_commission_bp).into(),
        ]
    });
    let head = "insert into roaming_network \
         (network_id, clearing_currency, time_zone, home_commission_bp, network_commission_bp)";
    let tail = "on conflict (network_id) do update set clearing_currency = excluded.clearing_currency, \
         time_zone = excluded.time_zone, home_commission_bp = excluded.home_commission_bp, \
         network_commission_bp = excluded.network_commission_bp";
    tx.insert_rows(head, rows.collect(), tail).await?;
    Ok(())
}

pub(crate) async fn save_hubs(tx: &Tx, hubs: &[KnownHub]) -> Result<(), DbError> {
    // A batch may state one hub several times, and one statement writes each row once.
    let once: HashMap<HubId, &KnownHub> = hubs.iter().map(|hub| (hub.id, hub)).collect();
    let rows = once
        .values()
        .map(|hub| [id(hub.network), id(hub.id), hub.zone.name().into(), hub.currency.code().into()]);
    let head = "insert into roaming_hub (network_id, hub_id, time_zone, currency)";
    let tail =
        "on conflict (hub_id) do update set time_zone = excluded.time_zone, currency = excluded.currency";
    tx.insert_rows(head, rows.collect(), tail).await?;
    Ok(())
}

pub(crate) async fn save_members(tx: &Tx, members: &[KnownMember]) -> Result<(), DbError> {
    let rows = members
        .iter()
        .map(|member| [id(member.network), id(member.id), id(member.home_hub), member.plan.word().into()]);
    let head = "insert into roaming_member (network_id, member_id, home_hub_id, plan)";
    // A redelivered old event does not contain the plan.
    let tail = "on conflict (network_id, member_id) do update set home_hub_id = excluded.home_hub_id, \
         plan = case when excluded.plan = 'unknown' then roaming_member.plan else excluded.plan end";
    tx.insert_rows(head, rows.collect(), tail).await?;
    Ok(())
}

/// Loads a network and locks it until the transaction ends: transactions that charge or settle in it run one after
/// another. On SQLite writing transactions do so anyway.
pub(crate) async fn lock_network(tx: &Tx, network: NetworkId) -> Result<Option<KnownNetwork>, DbError> {
    let hold = if tx.is_postgres() { "for update" } else { "" };
    let row = tx.row(&format!("{NETWORK} where network_id = $1 {hold}"), [id(network)]).await?;
    row.as_ref().map(read_network).transpose()
}

pub(crate) async fn find_network(tx: &Tx, network: NetworkId) -> Result<Option<KnownNetwork>, DbError> {
    let row = tx.row(&format!("{NETWORK} where network_id = $1"), [id(network)]).await?;
    row.as_ref().map(read_network).transpose()
}

/// Returns the ids of all networks.
pub(crate) async fn networks(tx: &Tx) -> Result<Vec<NetworkId>, DbError> {
    let rows = tx.rows("select network_id from roaming_network order by network_id", []).await?;
    rows.iter().map(|row| read_id(row, "network_id")).collect()
}

pub(crate) async fn find_hub(tx: &Tx, hub: HubId) -> Result<Option<KnownHub>, DbError> {
    let row = tx.row(&format!("{HUB} where hub_id = $1"), [id(hub)]).await?;
    row.as_ref().map(read_hub).transpose()
}

/// Locks a hub until the transaction ends: its tariff versions are numbered one after the other.
pub(crate) async fn lock_hub(tx: &Tx, hub: &KnownHub) -> Result<(), DbError> {
    if tx.is_postgres() {
        let sql = "select hub_id from roaming_hub where network_id = $1 and hub_id = $2 for update";
        tx.row(sql, [id(hub.network), id(hub.id)]).await?;
    }
    Ok(())
}

/// Returns all hubs of a network, the oldest first.
pub(crate) async fn hubs(tx: &Tx, network: NetworkId) -> Result<Vec<KnownHub>, DbError> {
    let rows = tx.rows(&format!("{HUB} where network_id = $1 order by hub_id"), [id(network)]).await?;
    rows.iter().map(read_hub).collect()
}

/// Returns those of the members that are known in a network.
pub(crate) async fn members(
    tx: &Tx,
    network: NetworkId,
    members: &[MemberId],
) -> Result<HashMap<MemberId, KnownMember>, DbError> {
    let mut known = HashMap::new();
    for chunk in members.chunks(super::MOST_PLACES) {
        let (which, ids) = tx.among_ids("member_id", 2, chunk);
        let sql = format!(
            "select network_id, member_id, home_hub_id, plan from roaming_member where network_id = $1 and {which}"
        );
        for row in tx.rows(&sql, std::iter::once(id(network)).chain(ids)).await? {
            let member = read_member(&row)?;
            known.insert(member.id, member);
        }
    }
    Ok(known)
}

/// Records when a member leaves, or that they are back, unless a later event did. Returns whether it did.
pub(crate) async fn save_absence(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
    left_at: Option<Timestamp>,
    version: i64,
) -> Result<bool, DbError> {
    let sql = "update roaming_member set left_at = $1, version = $2 \
               where network_id = $3 and member_id = $4 and version < $2";
    let values = [maybe_at(left_at), version.into(), id(network), id(member)];
    Ok(tx.run(sql, values).await?.rows_affected() > 0)
}

/// Returns when a member leaves, if they do.
pub(crate) async fn find_left_at(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
) -> Result<Option<Timestamp>, DbError> {
    let sql = "select left_at from roaming_member where network_id = $1 and member_id = $2";
    let row = tx.row(sql, [id(network), id(member)]).await?;
    row.map_or(Ok(None), |row| read_maybe_at(&row, "left_at"))
}

fn read_network(row: &QueryResult) -> Result<KnownNetwork, DbError> {
    Ok(KnownNetwork {
        id: read_id(row, "network_id")?,
        clearing_currency: read_currency(row, "roaming_network", "clearing_currency")?,
        zone: read_parsed(row, "roaming_network", "time_zone")?,
        home_commission_bp: narrow("roaming_network", read(row, "home_commission_bp")?)?,
        network_commission_bp: narrow("roaming_network", read(row, "network_commission_bp")?)?,
    })
}

fn read_hub(row: &QueryResult) -> Result<KnownHub, DbError> {
    Ok(KnownHub {
        id: read_id(row, "hub_id")?,
        network: read_id(row, "network_id")?,
        zone: read_parsed(row, "roaming_hub", "time_zone")?,
        currency: read_currency(row, "roaming_hub", "currency")?,
    })
}

fn read_member(row: &QueryResult) -> Result<KnownMember, DbError> {
    Ok(KnownMember {
        id: read_id(row, "member_id")?,
        network: read_id(row, "network_id")?,
        home_hub: read_id(row, "home_hub_id")?,
        plan: read_word(row, "roaming_member", "plan", MemberPlan::from_word)?,
    })
}
