//! Copies of membership's facts: the networks, their hubs, and the zone in which a hub's days are cut.
//!
//! Always true: these facts do not change, so the first event wins.

use std::collections::HashMap;

use kernel::{HubId, NetworkId, Zone};
use platform_db::{
    DbError, Tx,
    column::{id, read_id},
};
use uuid::Uuid;

use crate::model::rollup::Zones;

pub(crate) async fn keep_networks(tx: &Tx, networks: &[NetworkId]) -> Result<(), DbError> {
    let rows = networks.iter().map(|network| [id(*network)]).collect();
    tx.insert_rows("insert into monitoring_network (network_id)", rows, "on conflict do nothing").await?;
    Ok(())
}

pub(crate) async fn keep_hubs(tx: &Tx, network: NetworkId, hubs: &[(HubId, Zone)]) -> Result<(), DbError> {
    let row = |(hub, zone): &(HubId, Zone)| [id(*hub), id(network), zone.name().into()];
    let head = "insert into monitoring_hub (hub_id, network_id, time_zone)";
    tx.insert_rows(head, hubs.iter().map(row).collect(), "on conflict do nothing").await?;
    Ok(())
}

pub(crate) async fn list_networks(tx: &Tx) -> Result<Vec<NetworkId>, DbError> {
    let rows = tx.rows("select network_id from monitoring_network order by network_id", []).await?;
    rows.iter().map(|row| read_id(row, "network_id")).collect()
}

/// Returns the networks of those hubs that are known.
pub(crate) async fn networks_of_hubs(tx: &Tx, hubs: &[HubId]) -> Result<HashMap<HubId, NetworkId>, DbError> {
    if hubs.is_empty() {
        return Ok(HashMap::new());
    }
    let (which, ids) = tx.among_ids("hub_id", 1, hubs);
    let rows = tx.rows(&format!("select hub_id, network_id from monitoring_hub where {which}"), ids).await?;
    rows.iter()
        .map(|row| {
            let (hub, network): (Uuid, Uuid) = (row.try_get("", "hub_id")?, row.try_get("", "network_id")?);
            Ok((hub.into(), network.into()))
        })
        .collect()
}

/// Returns the zones of all hubs of a network.
pub(crate) async fn zones_of_network(tx: &Tx, network: NetworkId) -> Result<Zones, DbError> {
    let sql = "select hub_id, time_zone from monitoring_hub where network_id = $1";
    let rows = tx.rows(sql, [id(network)]).await?;
    rows.iter()
        .map(|row| {
            let (hub, zone): (Uuid, String) = (row.try_get("", "hub_id")?, row.try_get("", "time_zone")?);
            let zone = zone.parse().map_err(|unknown| DbError::inconsistent("monitoring_hub", unknown))?;
            Ok((hub.into(), zone))
        })
        .collect()
}
