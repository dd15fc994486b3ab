//! Copies of membership's facts: networks, hubs, memberships, and hubs' devices.
//!
//! Always true: of a hub and its devices the highest version counts, in whatever order the events arrive; a member may
//! leave and come back; none of the other facts ever changes, so the first event is kept, until the member is erased.

use jiff::Timestamp;
use kernel::{DeviceId, HubId, MemberId, NetworkId, PersonId};
use platform_db::{
    DbError, Tx,
    column::{at, id, maybe_at, read_at, read_id, read_maybe_at},
};

/// A copy of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberCopy {
    pub(crate) member: MemberId,
    pub(crate) person: PersonId,
    pub(crate) home: HubId,
    pub(crate) joined_at: Timestamp,
    pub(crate) left_at: Option<Timestamp>,
}

impl MemberCopy {
    /// Returns whether the membership holds.
    pub(crate) fn holds_at(&self, now: Timestamp) -> bool {
        self.left_at.is_none_or(|left_at| now < left_at)
    }
}

/// A device of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceCopy {
    pub(crate) device: DeviceId,
    pub(crate) code: String,
    pub(crate) retired_at: Option<Timestamp>,
}

const ONCE: &str = "on conflict do nothing";

pub(crate) async fn keep_network(
    tx: &Tx,
    network: NetworkId,
    slug: Option<String>,
    demonstration: bool,
) -> Result<(), DbError> {
    let sql =
        format!("insert into identity_network (network_id, slug, demonstration) values ($1, $2, $3) {ONCE}");
    tx.run(&sql, [id(network), slug.into(), demonstration.into()]).await?;
    Ok(())
}

/// Returns a network by its slug or its id.
pub(crate) async fn find_network(tx: &Tx, named: &str) -> Result<Option<NetworkId>, DbError> {
    let row = match named.parse::<NetworkId>() {
        Ok(network) => {
            tx.row("select network_id from identity_network where network_id = $1", [id(network)]).await?
        }
        Err(_slug) => {
            tx.row("select network_id from identity_network where slug = $1", [named.into()]).await?
        }
    };
    row.map(|row| read_id(&row, "network_id")).transpose()
}

/// Returns whether any network is a demonstration.
pub(crate) async fn has_demonstration(tx: &Tx) -> Result<bool, DbError> {
    Ok(tx.row("select network_id from identity_network where demonstration limit 1", []).await?.is_some())
}

/// Keeps a version of a hub and its devices. Returns false, and changes nothing, if a newer one is known.
pub(crate) async fn keep_hub(
    tx: &Tx,
    network: NetworkId,
    hub: HubId,
    version: i64,
    devices: &[DeviceCopy],
) -> Result<bool, DbError> {
    let sql = "insert into identity_hub (hub_id, network_id, version) values ($1, $2, $3) \
               on conflict (hub_id) do update set version = excluded.version \
               where identity_hub.version <= excluded.version";
    if tx.run(sql, [id(hub), id(network), version.into()]).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let row = |device: &DeviceCopy| [id(network), id(hub), id(device.device), device.code.clone().into()];
    let head = "insert into identity_device (network_id, hub_id, device_id, code)";
    let tail = "on conflict (network_id, device_id) do update set code = excluded.code";
    tx.insert_rows(head, devices.iter().map(row).collect(), tail).await?;
    Ok(true)
}

/// Marks a device as retired. Returns whether it was not yet.
pub(crate) async fn retire_device(
    tx: &Tx,
    network: NetworkId,
    device: DeviceId,
    retired_at: Timestamp,
) -> Result<bool, DbError> {
    let sql = "update identity_device set retired_at = $3 \
               where network_id = $1 and device_id = $2 and retired_at is null";
    Ok(tx.run(sql, [id(network), id(device), at(retired_at)]).await?.rows_affected() == 1)
}

pub(crate) async fn keep_members(tx: &Tx, network: NetworkId, members: &[MemberCopy]) -> Result<(), DbError> {
    let row = |it: &MemberCopy| [id(network), id(it.member), id(it.person), id(it.home), at(it.joined_at)];
    let head = "insert into identity_member (network_id, member_id, person_id, home_hub_id, joined_at)";
    tx.insert_rows(head, members.iter().map(row).collect(), ONCE).await?;
    Ok(())
}

/// Records when a member leaves, or that they are back, unless a later event did. Returns whether it did.
pub(crate) async fn save_absence(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
    left_at: Option<Timestamp>,
    version: i64,
) -> Result<bool, DbError> {
    let sql = "update identity_member set left_at = $1, version = $2 \
               where network_id = $3 and member_id = $4 and version < $2";
    let values = [maybe_at(left_at), version.into(), id(network), id(member)];
    Ok(tx.run(sql, values).await?.rows_affected() > 0)
}

/// Deletes the person of a membership.
pub(crate) async fn forget_member(tx: &Tx, network: NetworkId, member: MemberId) -> Result<(), DbError> {
    let sql = "delete from identity_member where network_id = $1 and member_id = $2";
    tx.run(sql, [id(network), id(member)]).await?;
    Ok(())
}

/// Returns at most two networks of the installation: callers only distinguish one from several.
pub(crate) async fn list_networks(tx: &Tx) -> Result<Vec<NetworkId>, DbError> {
    let rows = tx.rows("select network_id from identity_network limit 2", []).await?;
    rows.iter().map(|row| read_id(row, "network_id")).collect()
}

/// Returns every network of the installation.
pub(crate) async fn list_all_networks(tx: &Tx) -> Result<Vec<NetworkId>, DbError> {
    let rows = tx.rows("select network_id from identity_network order by network_id", []).await?;
    rows.iter().map(|row| read_id(row, "network_id")).collect()
}

pub(crate) async fn find_network_of_hub(tx: &Tx, hub: HubId) -> Result<Option<NetworkId>, DbError> {
    let row = tx.row("select network_id from identity_hub where hub_id = $1", [id(hub)]).await?;
    row.map(|row| read_id(&row, "network_id")).transpose()
}

/// Returns the hub of a device that is not retired.
pub(crate) async fn find_hub_of_device(
    tx: &Tx,
    network: NetworkId,
    device: DeviceId,
) -> Result<Option<HubId>, DbError> {
    let sql = "select hub_id from identity_device \
               where network_id = $1 and device_id = $2 and retired_at is null";
    tx.row(sql, [id(network), id(device)]).await?.map(|row| read_id(&row, "hub_id")).transpose()
}

pub(crate) async fn find_member(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
) -> Result<Option<MemberCopy>, DbError> {
    let sql = "select * from identity_member where network_id = $1 and member_id = $2";
    tx.row(sql, [id(network), id(member)]).await?.map(|row| member_of(&row)).transpose()
}

/// Returns a person's memberships, the oldest first.
pub(crate) async fn list_memberships(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
) -> Result<Vec<MemberCopy>, DbError> {
    let sql = "select * from identity_member where network_id = $1 and person_id = $2 order by joined_at, member_id";
    tx.rows(sql, [id(network), id(person)]).await?.iter().map(member_of).collect()
}

fn member_of(row: &sea_orm::QueryResult) -> Result<MemberCopy, DbError> {
    Ok(MemberCopy {
        member: read_id(row, "member_id")?,
        person: read_id(row, "person_id")?,
        home: read_id(row, "home_hub_id")?,
        joined_at: read_at(row, "joined_at")?,
        left_at: read_maybe_at(row, "left_at")?,
    })
}
