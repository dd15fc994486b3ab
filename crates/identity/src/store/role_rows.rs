//! Role assignments: the table and its rows.
//!
//! Always true: a list of a person's roles contains no offers, and the list of offers no roles.

use jiff::Timestamp;
use kernel::{AssignmentId, Grant, HubId, NetworkId, PersonId, Place, Role};
use platform_db::{
    DbError, Tx,
    column::{
        at, for_update, id, maybe_at, maybe_id, read, read_at, read_id, read_maybe_at, read_maybe_id,
        read_word,
    },
};
use sea_orm::QueryResult;

use crate::{OfferedTo, RoleAssignment};

pub(crate) async fn insert(tx: &Tx, role: &RoleAssignment) -> Result<(), DbError> {
    let sql = "insert into role_assignment (assignment_id, network_id, person_id, role, hub_id, valid_from, \
               valid_until, granted_at, granted_by, offered_to) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let hub = match role.grant.at {
        Place::Hub(hub) => Some(hub),
        Place::Network(_) => None,
    };
    let values = [
        id(role.id),
        id(role.network),
        id(role.person),
        role.grant.role.word().into(),
        maybe_id(hub),
        at(role.valid_from),
        maybe_at(role.valid_until),
        at(role.granted_at),
        maybe_id(role.granted_by),
        role.offered_to.map(OfferedTo::word).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns an assignment.
pub(crate) async fn find(
    tx: &Tx,
    network: NetworkId,
    assignment: AssignmentId,
) -> Result<Option<RoleAssignment>, DbError> {
    let sql = "select * from role_assignment where network_id = $1 and assignment_id = $2";
    tx.row(sql, [id(network), id(assignment)]).await?.map(|row| assignment_of(&row)).transpose()
}

/// Returns an assignment, locked until the commit.
pub(crate) async fn hold(
    tx: &Tx,
    network: NetworkId,
    assignment: AssignmentId,
) -> Result<Option<RoleAssignment>, DbError> {
    let sql = format!(
        "select * from role_assignment where network_id = $1 and assignment_id = $2 {}",
        for_update(tx)
    );
    tx.row(&sql, [id(network), id(assignment)]).await?.map(|row| assignment_of(&row)).transpose()
}

pub(crate) async fn revoke(
    tx: &Tx,
    network: NetworkId,
    assignment: AssignmentId,
    by: Option<PersonId>,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update role_assignment set revoked_at = $3, revoked_by = $4 \
               where network_id = $1 and assignment_id = $2 and revoked_at is null";
    tx.run(sql, [id(network), id(assignment), at(now), maybe_id(by)]).await?;
    Ok(())
}

/// Accepts an offer: the role is in force from now on.
pub(crate) async fn accept(
    tx: &Tx,
    network: NetworkId,
    assignment: AssignmentId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update role_assignment set offered_to = null, accepted_at = $3 \
               where network_id = $1 and assignment_id = $2 and offered_to is not null and revoked_at is null";
    tx.run(sql, [id(network), id(assignment), at(now)]).await?;
    Ok(())
}

/// Returns the unrevoked offers to a person.
pub(crate) async fn list_offers(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<RoleAssignment>, DbError> {
    let sql = "select * from role_assignment where network_id = $1 and person_id = $2 and revoked_at is null \
               and offered_to is not null order by assignment_id";
    let all = tx.rows(sql, [id(network), id(person)]).await?;
    let all: Vec<_> = all.iter().map(assignment_of).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|offer| offer.is_open_offer_at(now)).collect())
}

/// Returns a person's roles that were accepted, not revoked, and have not ended.
pub(crate) async fn list_of_person(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<RoleAssignment>, DbError> {
    let sql = "select * from role_assignment where network_id = $1 and person_id = $2 and revoked_at is null \
               and offered_to is null and (valid_until is null or valid_until > $3) order by assignment_id";
    tx.rows(sql, [id(network), id(person), at(now)]).await?.iter().map(assignment_of).collect()
}

/// Returns the roles at a hub, or in the whole network, that were not revoked and have not ended; includes offers.
pub(crate) async fn list_at(
    tx: &Tx,
    network: NetworkId,
    hub: Option<HubId>,
    now: Timestamp,
) -> Result<Vec<RoleAssignment>, DbError> {
    let place = if hub.is_some() { "hub_id = $3" } else { "hub_id is null" };
    let sql = format!(
        "select * from role_assignment where network_id = $1 and {place} and revoked_at is null \
         and (valid_until is null or valid_until > $2) order by assignment_id limit 500"
    );
    let values = [id(network), at(now)].into_iter().chain(hub.map(id));
    tx.rows(&sql, values).await?.iter().map(assignment_of).collect()
}

fn assignment_of(row: &QueryResult) -> Result<RoleAssignment, DbError> {
    let offered_to: Option<String> = read(row, "offered_to")?;
    let network: NetworkId = read_id(row, "network_id")?;
    let unknown = || DbError::inconsistent("role_assignment", "offered_to");
    let place = read_maybe_id::<HubId>(row, "hub_id")?.map_or(Place::Network(network), Place::Hub);
    Ok(RoleAssignment {
        id: read_id(row, "assignment_id")?,
        network,
        person: read_id(row, "person_id")?,
        grant: Grant { role: read_word(row, "role_assignment", "role", Role::from_word)?, at: place },
        valid_from: read_at(row, "valid_from")?,
        valid_until: read_maybe_at(row, "valid_until")?,
        granted_at: read_at(row, "granted_at")?,
        granted_by: read_maybe_id(row, "granted_by")?,
        revoked_at: read_maybe_at(row, "revoked_at")?,
        offered_to: offered_to.map(|word| OfferedTo::from_word(&word).ok_or_else(unknown)).transpose()?,
        accepted_at: read_maybe_at(row, "accepted_at")?,
    })
}
