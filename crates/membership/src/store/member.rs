//! Rows of members, their chips and the copy of their roaming passes.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{
    CredentialId, EmailAddress, HubId, MemberId, NetworkId, PageRequest, PassId, PersonId, PersonName,
};
use platform_db::{DbError, Ts, Tx};
use sea_orm::{QueryResult, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{from_text, maybe, person, to_text};
use crate::{Absence, Category, Credential, Member, Standing};

pub(super) const COLUMNS: &str = "m.member_id, m.network_id, m.hub_id, m.person_id, m.category, m.plan_id, m.joined_at, \
                       m.version as member_version, m.left_at, m.returned_at, p.name, p.email, p.language";

pub(super) fn member(row: &QueryResult) -> Result<Member, DbError> {
    let category: String = row.try_get("", "category")?;
    Ok(Member {
        id: row.try_get::<Uuid>("", "member_id")?.into(),
        person: row.try_get::<Uuid>("", "person_id")?.into(),
        network: row.try_get::<Uuid>("", "network_id")?.into(),
        home: row.try_get::<Uuid>("", "hub_id")?.into(),
        category: from_text("member", &category)?,
        plan: row.try_get::<Option<Uuid>>("", "plan_id")?.map(Into::into),
        name: PersonName::stored(row.try_get("", "name")?),
        email: person::address(row.try_get("", "email")?),
        language: row.try_get("", "language")?,
        joined_at: row.try_get::<Ts>("", "joined_at")?.0,
        absence: absence(row)?,
        version: row.try_get("", "member_version")?,
    })
}

fn absence(row: &QueryResult) -> Result<Option<Absence>, DbError> {
    let instant = |column: &str| -> Result<Option<Timestamp>, DbError> {
        Ok(row.try_get::<Option<Ts>>("", column)?.map(|at| at.0))
    };
    let returned_at = instant("returned_at")?;
    Ok(instant("left_at")?.map(|left_at| Absence { left_at, returned_at }))
}

/// Saves when a member leaves and comes back, under the next version. A reason that is not given is deleted.
pub(crate) async fn save_absence(tx: &Tx, member: &Member, reason: Option<&str>) -> Result<(), DbError> {
    let sql = "update member set left_at = $1, returned_at = $2, left_reason = $3, version = $4 \
               where network_id = $5 and member_id = $6";
    let values = [
        maybe(member.absence.map(|absence| Ts(absence.left_at))),
        maybe(member.absence.and_then(|absence| absence.returned_at).map(Ts)),
        maybe(reason),
        member.version.into(),
        Uuid::from(member.network).into(),
        Uuid::from(member.id).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Saves a corrected member under the next version.
pub(crate) async fn correct(tx: &Tx, member: &Member) -> Result<(), DbError> {
    let sql = "update member set category = $1, version = $2 where network_id = $3 and member_id = $4";
    let values = [
        to_text(&member.category)?.into(),
        member.version.into(),
        Uuid::from(member.network).into(),
        Uuid::from(member.id).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

pub(crate) async fn insert(tx: &Tx, member: &Member) -> Result<(), DbError> {
    let sql = "insert into member (member_id, network_id, hub_id, person_id, category, plan_id, joined_at, version, \
               is_searchable) values ($1, $2, $3, $4, $5, $6, $7, $8, true)";
    let values = [
        Uuid::from(member.id).into(),
        Uuid::from(member.network).into(),
        Uuid::from(member.home).into(),
        Uuid::from(member.person).into(),
        to_text(&member.category)?.into(),
        maybe(member.plan.map(Uuid::from)),
        Ts(member.joined_at).into(),
        member.version.into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

pub(crate) async fn find(tx: &Tx, network: NetworkId, ids: &[MemberId]) -> Result<Vec<Member>, DbError> {
    let (which, ids) = tx.among_ids("m.member_id", 2, ids);
    let sql = format!(
        "select {COLUMNS} from member m join person p on p.person_id = m.person_id \
         where m.network_id = $1 and p.erased_at is null and {which}"
    );
    let values = std::iter::once(Uuid::from(network).into()).chain(ids);
    tx.rows(&sql, values).await?.iter().map(member).collect()
}

pub(crate) async fn find_by_email(
    tx: &Tx,
    network: NetworkId,
    email: &EmailAddress,
) -> Result<Option<Member>, DbError> {
    let sql = format!(
        "select {COLUMNS} from member m join person p on p.person_id = m.person_id \
         where m.network_id = $1 and p.email = $2 order by m.member_id"
    );
    tx.row(&sql, [Uuid::from(network).into(), email.as_str().into()]).await?.as_ref().map(member).transpose()
}

/// Lists a hub's members from a cursor on, in order of their ids, ascending or descending.
pub(crate) async fn list(
    tx: &Tx,
    network: NetworkId,
    hub: HubId,
    cursor: Option<MemberId>,
    page: &PageRequest,
) -> Result<Vec<Member>, DbError> {
    let (beyond, order, start) =
        if page.is_backward() { ("<", "desc", Uuid::max()) } else { (">", "asc", Uuid::nil()) };
    let sql = format!(
        "select {COLUMNS} from member m join person p on p.person_id = m.person_id \
         where m.network_id = $1 and p.erased_at is null and m.hub_id = $2 and m.member_id {beyond} $3 \
         order by m.member_id {order} limit $4"
    );
    let cursor = cursor.map_or(start, Uuid::from);
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let values = [Uuid::from(network).into(), Uuid::from(hub).into(), cursor.into(), limit.into()];
    tx.rows(&sql, values).await?.iter().map(member).collect()
}

/// Counts a hub's members.
pub(crate) async fn count_members(tx: &Tx, network: NetworkId, hub: HubId) -> Result<i64, DbError> {
    let sql = "select count(*) as members from member m join person p on p.person_id = m.person_id \
               where m.network_id = $1 and p.erased_at is null and m.hub_id = $2";
    let row = tx.row(sql, [Uuid::from(network).into(), Uuid::from(hub).into()]).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "members")?))
}

pub(crate) async fn insert_credential(
    tx: &Tx,
    member: &Member,
    credential: &Credential,
    number_hash: &str,
) -> Result<(), DbError> {
    let sql = "insert into credential (credential_id, network_id, hub_id, member_id, number_hash, ending, issued_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        Uuid::from(credential.id).into(),
        Uuid::from(member.network).into(),
        Uuid::from(member.home).into(),
        Uuid::from(member.id).into(),
        number_hash.into(),
        credential.ending.clone().into(),
        Ts(credential.issued_at).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

fn credential(row: &QueryResult) -> Result<Credential, DbError> {
    Ok(Credential {
        id: row.try_get::<Uuid>("", "credential_id")?.into(),
        member: row.try_get::<Uuid>("", "member_id")?.into(),
        ending: row.try_get("", "ending")?,
        issued_at: row.try_get::<Ts>("", "issued_at")?.0,
        revoked_at: row.try_get::<Option<Ts>>("", "revoked_at")?.map(|at| at.0),
    })
}

pub(crate) async fn find_credential(
    tx: &Tx,
    network: NetworkId,
    id: CredentialId,
) -> Result<Option<Credential>, DbError> {
    let sql = "select credential_id, member_id, ending, issued_at, revoked_at from credential \
               where network_id = $1 and credential_id = $2";
    let row = tx.row(sql, [Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    row.as_ref().map(credential).transpose()
}

pub(crate) async fn credentials_of(
    tx: &Tx,
    network: NetworkId,
    id: MemberId,
) -> Result<Vec<Credential>, DbError> {
    let sql = "select credential_id, member_id, ending, issued_at, revoked_at from credential \
               where network_id = $1 and member_id = $2 order by credential_id";
    let rows = tx.rows(sql, [Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    rows.iter().map(credential).collect()
}

/// Revokes a chip. Returns false if it was revoked before.
pub(crate) async fn revoke(
    tx: &Tx,
    network: NetworkId,
    id: CredentialId,
    at: Timestamp,
) -> Result<bool, DbError> {
    let sql = "update credential set revoked_at = $1 \
               where network_id = $2 and credential_id = $3 and revoked_at is null";
    let changed = tx.run(sql, [Ts(at).into(), Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    Ok(changed.rows_affected() > 0)
}

/// The bearer of a chip, and their entitlements.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    pub person: PersonId,
    /// The person's version at which this was read; `None` if it changed during the read.
    pub version: Option<i64>,
    pub member: MemberId,
    pub category: Category,
    pub standing: Standing,
}

/// The key by which a bearer is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum BearerKey {
    Chip(String),
    Member(MemberId),
}

/// The length of hash that distinguishes proofs under one event id.
const PROOF_BYTES: usize = 8;

impl BearerKey {
    /// Returns the presented credential as an untraceable hash of the chip or member together with data of this touch
    /// alone.
    pub(crate) fn proof(&self, touch: &[&str]) -> String {
        let mut hash = Sha256::new();
        for part in touch {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        match self {
            Self::Chip(number) => hash.update(number.as_bytes()),
            Self::Member(id) => hash.update(id.to_string().as_bytes()),
        }
        let mut proof = hex::encode(hash.finalize());
        proof.truncate(2 * PROOF_BYTES);
        proof
    }
}

/// Chips may change bearers during a lookup, but not for ever.
const TRIES: usize = 4;

/// Finds the bearers of chips, and of memberships named directly, with their passes. A number that was revoked and
/// issued again returns all its bearers, in no particular order; an erased person bears nothing. On PostgreSQL the
/// persons stay locked until the end of the transaction, in a fixed order: two touches of one person never read each
/// other's past, and nothing about the persons changes until the decision is written.
pub(crate) async fn bearers(
    tx: &Tx,
    network: NetworkId,
    keys: &[BearerKey],
) -> Result<HashMap<BearerKey, Vec<Bearer>>, DbError> {
    for _try in 0..TRIES {
        let found = read_bearers(tx, network, keys).await?;
        // A statement that waited for a lock has read outdated data: everything else about the person is read again,
        // under the lock.
        if found.values().flatten().all(|bearer| bearer.version.is_some()) {
            return Ok(found);
        }
    }
    Err(DbError::inconsistent("person", "changes whenever it is read"))
}

async fn read_bearers(
    tx: &Tx,
    network: NetworkId,
    keys: &[BearerKey],
) -> Result<HashMap<BearerKey, Vec<Bearer>>, DbError> {
    let (mut chips, mut members) = (Vec::<String>::new(), Vec::<MemberId>::new());
    for key in keys {
        match key {
            BearerKey::Chip(hash) => chips.push(hash.clone()),
            BearerKey::Member(id) => members.push(*id),
        }
    }
    let mut found = Bearers::default();
    if !chips.is_empty() {
        let from = "credential c join member m on m.member_id = c.member_id";
        let (which, chips) = tx.among("c.number_hash", 2, &chips);
        let which = format!("c.network_id = $1 and p.erased_at is null and {which}");
        let columns = "c.number_hash, c.issued_at, c.revoked_at, c.credential_id as proof_id";
        let order = "c.issued_at, c.credential_id";
        for row in
            tx.rows(&bearers_sql(tx, columns, from, &which, order), with_network(network, chips)).await?
        {
            found.add(BearerKey::Chip(row.try_get("", "number_hash")?), &row)?;
        }
    }
    if !members.is_empty() {
        let (which, members) = tx.among_ids("m.member_id", 2, &members);
        let which = format!("m.network_id = $1 and p.erased_at is null and {which}");
        let columns = "m.joined_at as issued_at, p.erased_at as revoked_at, m.member_id as proof_id";
        let sql = bearers_sql(tx, columns, "member m", &which, "m.member_id");
        for row in tx.rows(&sql, with_network(network, members)).await? {
            found.add(BearerKey::Member(row.try_get::<Uuid>("", "member_id")?.into()), &row)?;
        }
    }
    Ok(found.by_key)
}

/// Makes the query with one row for each bearer and pass. On PostgreSQL persons are locked in their order: a statement
/// that waits for a lock reads the locked row in its current state, and the rest, including `version_seen`, as of the
/// start of the statement. SQLite locks no rows; sorting by person there would make it read a whole network.
fn bearers_sql(tx: &Tx, columns: &str, from: &str, which: &str, order: &str) -> String {
    let (lock_order, lock) =
        if tx.is_postgres() { ("m.person_id, ", "for no key update of p") } else { ("", "") };
    format!(
        "select {columns}, m.member_id, m.person_id, m.hub_id, m.category, m.joined_at, \
         m.left_at, m.returned_at, r.valid_from as pass_from, r.valid_until as pass_until, p.version, \
         (select s.version from person s where s.person_id = p.person_id) as version_seen \
         from {from} join person p on p.person_id = m.person_id \
         left join roaming_pass_copy r on r.member_id = m.member_id \
         where {which} order by {lock_order}{order} {lock}"
    )
}

fn with_network(network: NetworkId, others: Vec<Value>) -> impl Iterator<Item = Value> {
    std::iter::once(Uuid::from(network).into()).chain(others)
}

/// Collects bearers from their rows; the rows of one bearer's passes are adjacent.
#[derive(Default)]
struct Bearers {
    by_key: HashMap<BearerKey, Vec<Bearer>>,
    last_proof: Option<Uuid>,
}

impl Bearers {
    fn add(&mut self, key: BearerKey, row: &QueryResult) -> Result<(), DbError> {
        let instant = |column: &str| -> Result<Option<Timestamp>, DbError> {
            Ok(row.try_get::<Option<Ts>>("", column)?.map(|at| at.0))
        };
        let bearers = self.by_key.entry(key).or_default();
        let proof = row.try_get("", "proof_id")?;
        if self.last_proof.replace(proof) != Some(proof) || bearers.is_empty() {
            let category: String = row.try_get("", "category")?;
            let version: i64 = row.try_get("", "version")?;
            let standing = Standing {
                home: row.try_get::<Uuid>("", "hub_id")?.into(),
                joined_at: row.try_get::<Ts>("", "joined_at")?.0,
                absence: absence(row)?,
                issued_at: row.try_get::<Ts>("", "issued_at")?.0,
                revoked_at: instant("revoked_at")?,
                passes: Vec::new(),
            };
            bearers.push(Bearer {
                person: row.try_get::<Uuid>("", "person_id")?.into(),
                version: (version == row.try_get::<i64>("", "version_seen")?).then_some(version),
                member: row.try_get::<Uuid>("", "member_id")?.into(),
                category: from_text("member", &category)?,
                standing,
            });
        }
        if let (Some(bearer), Some(from)) = (bearers.last_mut(), instant("pass_from")?) {
            bearer.standing.passes.push((from, instant("pass_until")?));
        }
        Ok(())
    }
}

/// A copy of a roaming pass from the home hub's service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PassCopy {
    pub id: PassId,
    pub member: MemberId,
    pub home: HubId,
    pub valid_from: Timestamp,
    pub valid_until: Option<Timestamp>,
}

/// Stores passes. An end that arrived before its beginning stays.
pub(crate) async fn keep_passes(tx: &Tx, network: NetworkId, passes: &[PassCopy]) -> Result<(), DbError> {
    let rows = passes
        .iter()
        .map(|pass| {
            [
                Uuid::from(pass.id).into(),
                Uuid::from(network).into(),
                Uuid::from(pass.home).into(),
                Uuid::from(pass.member).into(),
                Ts(pass.valid_from).into(),
                maybe(pass.valid_until.map(Ts)),
            ]
        })
        .collect();
    let head =
        "insert into roaming_pass_copy (pass_id, network_id, hub_id, member_id, valid_from, valid_until)";
    tx.insert_rows(head, rows, "on conflict (pass_id) do nothing").await?;
    Ok(())
}

/// Ends a pass. Returns whether it was known.
pub(crate) async fn end_pass(
    tx: &Tx,
    network: NetworkId,
    id: PassId,
    at: Timestamp,
) -> Result<bool, DbError> {
    // A pass that expired before it was ended stays expired.
    let sql = "update roaming_pass_copy set valid_until = case when valid_until < $1 then valid_until else $1 end \
               where network_id = $2 and pass_id = $3";
    let changed = tx.run(sql, [Ts(at).into(), Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    Ok(changed.rows_affected() > 0)
}
