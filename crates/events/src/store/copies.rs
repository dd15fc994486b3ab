//! Copies of membership's facts: the network of a hub and whether it is closed, and the home hub of a member.
//!
//! Always true: of a hub the highest version counts, in whatever order the events arrive; a member may leave and
//! come back; the other facts never change, so the first event wins.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId};
use platform_db::{
    DbError, Tx,
    column::{id, maybe_at, read_maybe_at},
};
use uuid::Uuid;

/// A member and their home hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberCopy {
    pub(crate) member_id: MemberId,
    pub(crate) home_hub_id: HubId,
}

/// A hub at one of its versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HubCopy {
    pub(crate) hub_id: HubId,
    pub(crate) version: i64,
    pub(crate) is_closed: bool,
}

pub(crate) async fn keep_hubs(tx: &Tx, network: NetworkId, hubs: &[HubCopy]) -> Result<(), DbError> {
    // A batch may state one hub at several versions, and one statement writes each row once.
    let mut latest: HashMap<HubId, &HubCopy> = HashMap::new();
    for hub in hubs {
        let known = latest.entry(hub.hub_id).or_insert(hub);
        if known.version < hub.version {
            *known = hub;
        }
    }
    let network = Uuid::from(network);
    let row = |hub: &&HubCopy| {
        [Uuid::from(hub.hub_id).into(), network.into(), hub.version.into(), hub.is_closed.into()]
    };
    let head = "insert into events_hub (hub_id, network_id, version, is_closed)";
    let tail = "on conflict (hub_id) do update set version = excluded.version, is_closed = excluded.is_closed \
                where events_hub.version < excluded.version";
    tx.insert_rows(head, latest.values().map(row).collect(), tail).await?;
    Ok(())
}

/// Returns whether a hub is closed for good.
pub(crate) async fn is_closed(tx: &Tx, hub: HubId) -> Result<bool, DbError> {
    let row = tx.row("select is_closed from events_hub where hub_id = $1", [Uuid::from(hub).into()]).await?;
    row.map_or(Ok(false), |row| Ok(row.try_get("", "is_closed")?))
}

pub(crate) async fn keep_members(tx: &Tx, network: NetworkId, members: &[MemberCopy]) -> Result<(), DbError> {
    let network = Uuid::from(network);
    let row = |member: &MemberCopy| [network.into(), id(member.member_id), id(member.home_hub_id)];
    let head = "insert into events_member (network_id, member_id, home_hub_id)";
    tx.insert_rows(head, members.iter().map(row).collect(), "on conflict do nothing").await?;
    Ok(())
}

/// Deletes the copy of a member.
pub(crate) async fn forget_member(tx: &Tx, network: NetworkId, member: MemberId) -> Result<(), DbError> {
    let sql = "delete from events_member where network_id = $1 and member_id = $2";
    tx.run(sql, [id(network), id(member)]).await?;
    Ok(())
}

/// A member who was locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The end of the membership, if it ends.
    pub(crate) left_at: Option<Timestamp>,
}

/// Returns a member if known, and locks them until the end of the transaction: an erasure waits for it.
pub(crate) async fn hold_member(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
) -> Result<Option<Held>, DbError> {
    lock_member(tx, network, member, "for share").await
}

/// Records when a member leaves, or that they are back, unless a later event did. Returns whether it did.
pub(crate) async fn save_absence(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
    left_at: Option<Timestamp>,
    version: i64,
) -> Result<bool, DbError> {
    let sql = "update events_member set left_at = $1, version = $2 \
               where network_id = $3 and member_id = $4 and version < $2";
    let values = [maybe_at(left_at), version.into(), id(network), id(member)];
    Ok(tx.run(sql, values).await?.rows_affected() > 0)
}

/// Waits for transactions that hold a member, and keeps others from holding them.
pub(crate) async fn claim_member(tx: &Tx, network: NetworkId, member: MemberId) -> Result<bool, DbError> {
    Ok(lock_member(tx, network, member, "for update").await?.is_some())
}

async fn lock_member(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
    how: &str,
) -> Result<Option<Held>, DbError> {
    let lock = if tx.is_postgres() { how } else { "" };
    let sql = format!("select left_at from events_member where network_id = $1 and member_id = $2 {lock}");
    let row = tx.row(&sql, [id(network), id(member)]).await?;
    row.map(|row| Ok(Held { left_at: read_maybe_at(&row, "left_at")? })).transpose()
}

/// Returns the network of a hub.
pub(crate) async fn find_network_of_hub(tx: &Tx, hub: HubId) -> Result<Option<NetworkId>, DbError> {
    let row = tx.row("select network_id from events_hub where hub_id = $1", [id(hub)]).await?;
    Ok(row.map(|row| row.try_get::<Uuid>("", "network_id")).transpose()?.map(NetworkId::from))
}

/// Returns those of the members that are known in the network.
pub(crate) async fn list_members(
    tx: &Tx,
    network: NetworkId,
    members: &[MemberId],
) -> Result<Vec<MemberCopy>, DbError> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let (which, ids) = tx.among_ids("member_id", 2, members);
    let sql = format!("select member_id, home_hub_id from events_member where network_id = $1 and {which}");
    let values = std::iter::once(id(network)).chain(ids);
    let rows = tx.rows(&sql, values).await?;
    rows.iter()
        .map(|row| {
            let member_id: Uuid = row.try_get("", "member_id")?;
            let home_hub_id: Uuid = row.try_get("", "home_hub_id")?;
            Ok(MemberCopy { member_id: member_id.into(), home_hub_id: home_hub_id.into() })
        })
        .collect()
}
