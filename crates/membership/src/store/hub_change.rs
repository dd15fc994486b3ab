//! Changing a hub: reads the whole place under a lock, and writes what has changed.
//!
//! Always true: a hub's row is locked before its seats, and its version on `hub_seats` is raised in the same transaction,
//! so that an admission which was decided under an earlier version is not written (`store/seats.rs`).

use jiff::Timestamp;
use kernel::{HubId, NetworkId};
use platform_db::{DbError, Ts, Tx};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait, QueryFilter,
    QuerySelect, Value, sea_query::LockType,
};
use uuid::Uuid;

use super::{hub, seats::UNCOUNTED};
use crate::{Device, Hub, Space};

/// The hubs of the directory that are read at once.
const DIRECTORY_PAGE: i64 = 500;

/// A hub with everything that is in it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub hub: Hub,
    pub spaces: Vec<Space>,
    pub devices: Vec<Device>,
}

/// One version of a hub as it was.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    pub version: i64,
    pub valid_from: Timestamp,
    /// The facts, as they were published.
    pub facts: String,
}

/// Reads a place, locked until the end of the transaction.
pub(crate) async fn lock(tx: &Tx, network: NetworkId, id: HubId) -> Result<Option<Place>, DbError> {
    let mut query = hub::Entity::find().filter(hub::Column::HubId.eq(Uuid::from(id)));
    if tx.is_postgres() {
        // Not for update: a visit that begins there refers to the hub and must not wait.
        query = query.lock(LockType::NoKeyUpdate);
    }
    let Some(row) = query.one(tx.conn()).await? else { return Ok(None) };
    let hub = Hub::try_from(row)?;
    let spaces = hub::spaces(tx, &[id]).await?.remove(&id).unwrap_or_default();
    let devices = hub::devices(tx, network, id).await?;
    Ok(Some(Place { hub, spaces, devices }))
}

/// Writes what differs.
pub(crate) async fn save(tx: &Tx, before: &Place, after: &Place) -> Result<(), DbError> {
    let (was, is) = (hub::Model::try_from(&before.hub)?, hub::Model::try_from(&after.hub)?);
    let mut row = was.clone().into_active_model();
    // A key that is written, even as it was, makes the database look up every row that refers to it.
    for column in hub::Column::iter() {
        let value = is.get(column);
        if was.get(column) != value {
            row.set(column, value);
        }
    }
    row.update(tx.conn()).await?;
    let spaces = after.spaces.iter().filter(|space| !before.spaces.contains(space));
    hub::save_spaces(tx, &after.hub, spaces).await?;
    let devices = after.devices.iter().filter(|device| !before.devices.contains(device));
    hub::save_devices(tx, &after.hub, devices).await?;
    let sql = "insert into hub_seats (hub_id, network_id, taken, hub_version) values ($1, $2, $3, $4) \
               on conflict (hub_id) do update set hub_version = excluded.hub_version";
    let Hub { id, network, version, .. } = &after.hub;
    let values = [Uuid::from(*id).into(), Uuid::from(*network).into(), UNCOUNTED.into(), (*version).into()];
    tx.run(sql, values).await?;
    Ok(())
}

/// Keeps a version of a hub. One that is kept already stays.
pub(crate) async fn keep_version(tx: &Tx, hub: &Hub, version: &Past) -> Result<(), DbError> {
    let sql = "insert into hub_history (hub_id, network_id, version, valid_from, facts) \
               values ($1, $2, $3, $4, $5) on conflict (hub_id, version) do nothing";
    let values = [
        Uuid::from(hub.id).into(),
        Uuid::from(hub.network).into(),
        version.version.into(),
        Ts(version.valid_from).into(),
        version.facts.clone().into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Lists the last versions of a hub, the latest first.
pub(crate) async fn versions(
    tx: &Tx,
    network: NetworkId,
    hub: HubId,
    most: u32,
) -> Result<Vec<Past>, DbError> {
    let sql = "select version, valid_from, facts from hub_history where network_id = $1 and hub_id = $2 \
               order by version desc limit $3";
    let values = [Uuid::from(network).into(), Uuid::from(hub).into(), i64::from(most).into()];
    let rows = tx.rows(sql, values).await?;
    rows.iter()
        .map(|row| {
            Ok(Past {
                version: row.try_get("", "version")?,
                valid_from: row.try_get::<Ts>("", "valid_from")?.0,
                facts: row.try_get("", "facts")?,
            })
        })
        .collect()
}

/// Returns the present version of a hub.
pub(crate) async fn version(tx: &Tx, hub: HubId) -> Result<Option<i64>, DbError> {
    let row = tx.row("select version from hub where hub_id = $1", [Uuid::from(hub).into()]).await?;
    row.map(|row| Ok(row.try_get("", "version")?)).transpose()
}

/// Returns the hubs that the directory lists, of a network or of all, with their versions, in order of their slugs.
pub(crate) async fn directory(tx: &Tx, network: Option<NetworkId>) -> Result<Vec<(HubId, i64)>, DbError> {
    let of_network = if network.is_some() { "and network_id = $3" } else { "" };
    let sql = format!(
        "select hub_id, version, slug from hub where state <> 'draft' and slug > $1 {of_network} \
         order by slug limit $2"
    );
    let (mut listed, mut last) = (Vec::new(), String::new());
    loop {
        let mut values: Vec<Value> = vec![last.clone().into(), DIRECTORY_PAGE.into()];
        values.extend(network.map(|network| Uuid::from(network).into()));
        let rows = tx.rows(&sql, values).await?;
        for row in &rows {
            listed.push((row.try_get::<Uuid>("", "hub_id")?.into(), row.try_get("", "version")?));
        }
        match rows.last() {
            Some(row) if i64::try_from(rows.len()) == Ok(DIRECTORY_PAGE) => last = row.try_get("", "slug")?,
            _ => return Ok(listed),
        }
    }
}
