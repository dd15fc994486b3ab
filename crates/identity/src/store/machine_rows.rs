//! Secrets of devices and keys of programs: the tables and their rows.

use jiff::Timestamp;
use kernel::{ApiKeyId, DeviceId, DeviceSecretId, HubId, Label, NetworkId, Permission, PersonId, Place};
use platform_db::{
    DbError, Tx,
    column::{at, id, maybe_at, maybe_id, read_at, read_id, read_maybe_at, read_maybe_id},
};
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::{ApiKey, DeviceSecret};

/// The hash of a secret and its issuer; `None` means the installation itself.
pub(crate) struct Issued {
    pub(crate) secret_hash: String,
    pub(crate) by: Option<PersonId>,
}

pub(crate) async fn insert_device_secret(
    tx: &Tx,
    secret: &DeviceSecret,
    issued: Issued,
) -> Result<(), DbError> {
    let sql = "insert into device_secret (secret_id, network_id, hub_id, device_id, capability, secret_hash, \
               issued_at, issued_by) values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        id(secret.id),
        id(secret.network),
        id(secret.hub),
        id(secret.device),
        secret.capability.word().into(),
        issued.secret_hash.into(),
        at(secret.issued_at),
        maybe_id(issued.by),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns the keys and devices whose secrets a person issued.
pub(crate) async fn list_given_by(
    tx: &Tx,
    network: NetworkId,
    giver: PersonId,
) -> Result<Vec<Uuid>, DbError> {
    let sql = "select key_id as subject from api_key \
               where network_id = $1 and issued_by = $2 and revoked_at is null \
               union all select device_id as subject from device_secret \
               where network_id = $1 and issued_by = $2 and revoked_at is null";
    let rows = tx.rows(sql, [id(network), id(giver)]).await?;
    rows.iter().map(|row| read_id(row, "subject")).collect()
}

/// Returns a device's working secret with its hash and its issuer.
pub(crate) async fn find_device_secret(
    tx: &Tx,
    network: NetworkId,
    secret: DeviceSecretId,
) -> Result<Option<(DeviceSecret, Issued)>, DbError> {
    let sql = "select * from device_secret where network_id = $1 and secret_id = $2";
    let Some(row) = tx.row(sql, [id(network), id(secret)]).await? else { return Ok(None) };
    Ok(Some((device_secret_of(&row)?, issued_of(&row)?)))
}

/// Revokes a device's working secret.
pub(crate) async fn revoke_device_secrets(
    tx: &Tx,
    network: NetworkId,
    device: DeviceId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update device_secret set revoked_at = $3 \
               where network_id = $1 and device_id = $2 and revoked_at is null";
    tx.run(sql, [id(network), id(device), at(now)]).await?;
    Ok(())
}

/// Returns the working secrets of a hub's devices.
pub(crate) async fn list_device_secrets(
    tx: &Tx,
    network: NetworkId,
    hub: HubId,
) -> Result<Vec<DeviceSecret>, DbError> {
    let sql = "select * from device_secret where network_id = $1 and hub_id = $2 and revoked_at is null \
               order by secret_id limit 500";
    tx.rows(sql, [id(network), id(hub)]).await?.iter().map(device_secret_of).collect()
}

pub(crate) async fn insert_api_key(tx: &Tx, key: &ApiKey, issued: Issued) -> Result<(), DbError> {
    let sql = "insert into api_key (key_id, network_id, hub_id, name, scopes, secret_hash, issued_at, issued_by, \
               expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let hub = match key.at {
        Place::Hub(hub) => Some(hub),
        Place::Network(_) => None,
    };
    let scopes =
        serde_json::to_string(&key.scopes).map_err(|error| DbError::inconsistent("api_key", error))?;
    let values = [
        id(key.id),
        id(key.network),
        maybe_id(hub),
        key.name.as_str().into(),
        scopes.into(),
        issued.secret_hash.into(),
        at(key.issued_at),
        maybe_id(issued.by),
        maybe_at(key.expires_at),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns a key with its hash and its issuer.
pub(crate) async fn find_api_key(
    tx: &Tx,
    network: NetworkId,
    key: ApiKeyId,
) -> Result<Option<(ApiKey, Issued)>, DbError> {
    let sql = "select * from api_key where network_id = $1 and key_id = $2";
    let Some(row) = tx.row(sql, [id(network), id(key)]).await? else { return Ok(None) };
    Ok(Some((api_key_of(&row)?, issued_of(&row)?)))
}

pub(crate) async fn revoke_api_key(
    tx: &Tx,
    network: NetworkId,
    key: ApiKeyId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql =
        "update api_key set revoked_at = $3 where network_id = $1 and key_id = $2 and revoked_at is null";
    tx.run(sql, [id(network), id(key), at(now)]).await?;
    Ok(())
}

/// Returns the unrevoked keys of a hub, or of the whole network.
pub(crate) async fn list_api_keys(
    tx: &Tx,
    network: NetworkId,
    hub: Option<HubId>,
) -> Result<Vec<ApiKey>, DbError> {
    let place = if hub.is_some() { "hub_id = $2" } else { "hub_id is null" };
    let sql = format!(
        "select * from api_key where network_id = $1 and {place} and revoked_at is null order by key_id limit 500"
    );
    let values = std::iter::once(id(network)).chain(hub.map(id));
    tx.rows(&sql, values).await?.iter().map(api_key_of).collect()
}

/// Records the use of a secret or key.
pub(crate) async fn touch_device_secret(
    tx: &Tx,
    secret: &DeviceSecret,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update device_secret set used_at = $3 where network_id = $1 and secret_id = $2";
    tx.run(sql, [id(secret.network), id(secret.id), at(now)]).await?;
    Ok(())
}

pub(crate) async fn touch_api_key(tx: &Tx, key: &ApiKey, now: Timestamp) -> Result<(), DbError> {
    let sql = "update api_key set used_at = $3 where network_id = $1 and key_id = $2";
    tx.run(sql, [id(key.network), id(key.id), at(now)]).await?;
    Ok(())
}

fn issued_of(row: &QueryResult) -> Result<Issued, DbError> {
    Ok(Issued { secret_hash: row.try_get("", "secret_hash")?, by: read_maybe_id(row, "issued_by")? })
}

fn device_secret_of(row: &QueryResult) -> Result<DeviceSecret, DbError> {
    let word: String = row.try_get("", "capability")?;
    let capability: Permission =
        serde_json::from_value(word.into()).map_err(|error| DbError::inconsistent("device_secret", error))?;
    Ok(DeviceSecret {
        id: read_id(row, "secret_id")?,
        network: read_id(row, "network_id")?,
        hub: read_id(row, "hub_id")?,
        device: read_id(row, "device_id")?,
        capability,
        issued_at: read_at(row, "issued_at")?,
        used_at: read_maybe_at(row, "used_at")?,
        revoked_at: read_maybe_at(row, "revoked_at")?,
    })
}

fn api_key_of(row: &QueryResult) -> Result<ApiKey, DbError> {
    let network: NetworkId = read_id(row, "network_id")?;
    let scopes: String = row.try_get("", "scopes")?;
    let scopes = serde_json::from_str(&scopes).map_err(|error| DbError::inconsistent("api_key", error))?;
    Ok(ApiKey {
        id: read_id(row, "key_id")?,
        network,
        at: read_maybe_id::<HubId>(row, "hub_id")?.map_or(Place::Network(network), Place::Hub),
        name: Label::stored(row.try_get("", "name")?),
        scopes,
        issued_at: read_at(row, "issued_at")?,
        expires_at: read_maybe_at(row, "expires_at")?,
        used_at: read_maybe_at(row, "used_at")?,
        revoked_at: read_maybe_at(row, "revoked_at")?,
    })
}
