//! Rows of persons: the only table with people's names and e-mail addresses.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{EmailAddress, HubId, MemberId, NetworkId, PassId, PersonId};
use platform_db::{DbError, Ts, Tx};
use uuid::Uuid;

use crate::Member;

/// Inserts the person behind a new member. An e-mail address identifies one person in a network: a second one is a
/// duplicate.
pub(crate) async fn insert(tx: &Tx, member: &Member) -> Result<(), DbError> {
    let sql = "insert into person (person_id, network_id, name, email, language) values ($1, $2, $3, $4, $5)";
    let values = [
        Uuid::from(member.person).into(),
        Uuid::from(member.network).into(),
        member.name.as_str().into(),
        stored_address(member).into(),
        member.language.clone().into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns the stored form of a member's address. Addresses are unique and required by the table, so somebody without
/// one has the own id in that place; it has no `@`.
fn stored_address(member: &Member) -> String {
    let none = || format!("none:{}", Uuid::from(member.person));
    member.email.as_ref().map_or_else(none, |email| email.as_str().to_owned())
}

/// Returns a stored address; `None` for somebody without one.
pub(super) fn address(stored: String) -> Option<EmailAddress> {
    stored.contains('@').then(|| EmailAddress::stored(stored))
}

/// Saves the corrected name, e-mail address and language of a member's person. An e-mail address of somebody else is a
/// duplicate.
pub(crate) async fn correct(tx: &Tx, member: &Member) -> Result<(), DbError> {
    let sql =
        "update person set name = $1, email = $2, language = $3 where network_id = $4 and person_id = $5";
    let values = [
        member.name.as_str().into(),
        stored_address(member).into(),
        member.language.clone().into(),
        Uuid::from(member.network).into(),
        Uuid::from(member.person).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// A person to erase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Erasable {
    pub person: PersonId,
    pub home: HubId,
    pub erased_at: Option<Timestamp>,
}

/// Finds the person behind a member, erased or not.
pub(crate) async fn find(tx: &Tx, network: NetworkId, id: MemberId) -> Result<Option<Erasable>, DbError> {
    read(tx, network, id, "").await
}

/// Finds the person and locks them until the end of the transaction.
pub(crate) async fn lock(tx: &Tx, network: NetworkId, id: MemberId) -> Result<Option<Erasable>, DbError> {
    read(tx, network, id, if tx.is_postgres() { "for update of p" } else { "" }).await
}

async fn read(tx: &Tx, network: NetworkId, id: MemberId, lock: &str) -> Result<Option<Erasable>, DbError> {
    let sql = format!(
        "select p.person_id, p.erased_at, m.hub_id from member m join person p on p.person_id = m.person_id \
         where m.network_id = $1 and m.member_id = $2 {lock}"
    );
    let row = tx.row(&sql, [Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    let erasable = |row: sea_orm::QueryResult| -> Result<Erasable, DbError> {
        Ok(Erasable {
            person: row.try_get::<Uuid>("", "person_id")?.into(),
            home: row.try_get::<Uuid>("", "hub_id")?.into(),
            erased_at: row.try_get::<Option<Ts>>("", "erased_at")?.map(|at| at.0),
        })
    };
    row.map(erasable).transpose()
}

/// Locks the persons behind members, and behind the members of passes, until the end of the transaction and in a
/// fixed order. Nobody else changes a person while a decision about them is made.
pub(crate) async fn lock_all(
    tx: &Tx,
    network: NetworkId,
    members: &[MemberId],
    passes: &[PassId],
) -> Result<(), DbError> {
    if !tx.is_postgres() || members.is_empty() && passes.is_empty() {
        return Ok(());
    }
    let (of_members, member_ids) = tx.among_ids("m.member_id", 2, members);
    let (of_passes, pass_ids) = tx.among_ids("r.pass_id", 3, passes);
    let sql = format!(
        "select p.person_id from person p where p.network_id = $1 and p.person_id in \
         (select m.person_id from member m where m.network_id = $1 and {of_members} \
         union select m.person_id from roaming_pass_copy r join member m on m.member_id = r.member_id \
         where r.network_id = $1 and {of_passes}) order by p.person_id for no key update of p"
    );
    let values = std::iter::once(Uuid::from(network).into()).chain(member_ids).chain(pass_ids);
    tx.rows(&sql, values).await?;
    Ok(())
}

/// Returns the erased ones of these members, with the time of erasure.
pub(crate) async fn erased(
    tx: &Tx,
    network: NetworkId,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Timestamp>, DbError> {
    if members.is_empty() {
        return Ok(HashMap::new());
    }
    let (which, ids) = tx.among_ids("m.member_id", 2, members);
    let sql = format!(
        "select m.member_id, p.erased_at from member m join person p on p.person_id = m.person_id \
         where m.network_id = $1 and p.erased_at is not null and {which}"
    );
    let rows = tx.rows(&sql, std::iter::once(Uuid::from(network).into()).chain(ids)).await?;
    rows.iter()
        .map(|row| Ok((row.try_get::<Uuid>("", "member_id")?.into(), row.try_get::<Ts>("", "erased_at")?.0)))
        .collect()
}

/// Removes identifying data from every row of a person: name, e-mail address, language, category, plan, the chips'
/// numbers, the words by which they are found, and the event ids that a reader wrote for their touches.
pub(crate) async fn erase(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    member: MemberId,
    at: Timestamp,
) -> Result<(), DbError> {
    let (network, person, member): (Uuid, Uuid, Uuid) = (network.into(), person.into(), member.into());
    // An id as text; SQLite stores it as bytes.
    let text = |id: &str| if tx.is_postgres() { format!("cast({id} as text)") } else { format!("hex({id})") };
    let statements = [
        (
            person,
            format!(
                "update person set name = '', email = 'erased:' || {}, language = 'en', erased_at = $1 \
                 where network_id = $2 and person_id = $3",
                text("person_id")
            ),
        ),
        // Admitted and denied touches each have an index of their own by person.
        (
            person,
            format!(
                "update touch set event_id = 'erased:' || {}, proof = null \
                 where $1 is not null and network_id = $2 and person_id = $3 and denied is null",
                text("touch_id")
            ),
        ),
        (
            person,
            format!(
                "update touch set event_id = 'erased:' || {}, proof = null \
                 where $1 is not null and network_id = $2 and person_id = $3 and denied is not null",
                text("touch_id")
            ),
        ),
        (
            person,
            "update visit set category = 'resident' where $1 is not null and network_id = $2 and person_id = $3"
                .into(),
        ),
        (
            member,
            "update member set category = 'resident', plan_id = null, left_reason = null \
             where $1 is not null and network_id = $2 and member_id = $3"
                .into(),
        ),
        (
            member,
            format!(
                "update credential set number_hash = 'erased:' || {}, ending = '', \
                 revoked_at = coalesce(revoked_at, $1) where network_id = $2 and member_id = $3",
                text("credential_id")
            ),
        ),
        (
            member,
            "update roaming_pass_copy set valid_until = case when valid_until < $1 then valid_until else $1 end \
             where network_id = $2 and member_id = $3"
                .into(),
        ),
    ];
    for (whose, sql) in statements {
        tx.run(&sql, [Ts(at).into(), network.into(), whose.into()]).await?;
    }
    super::member_record::forget(tx, network.into(), member.into()).await?;
    super::member_search::forget(tx, &[member.into()]).await
}
