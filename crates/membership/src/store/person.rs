//! Rows of persons: the only table with names and addresses of people.

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId, PersonId};
use platform_db::{DbError, Ts, Tx};
use uuid::Uuid;

use crate::Member;

/// Writes the person behind a new member. An e-mail stands for one human in a network: a second one is a duplicate.
pub(crate) async fn insert(tx: &Tx, member: &Member) -> Result<(), DbError> {
    let sql = "insert into person (person_id, network_id, name, email, language) values ($1, $2, $3, $4, $5)";
    let values = [
        Uuid::from(member.person).into(),
        Uuid::from(member.network).into(),
        member.name.clone().into(),
        member.email.clone().into(),
        member.language.clone().into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// A person as an erasure finds them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Erasable {
    pub person: PersonId,
    pub home: HubId,
    pub erased_at: Option<Timestamp>,
}

/// The person behind a member, erased or not.
pub(crate) async fn find(tx: &Tx, network: NetworkId, id: MemberId) -> Result<Option<Erasable>, DbError> {
    read(tx, network, id, "").await
}

/// The same, and nobody else touches them until the end of the transaction.
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

/// Says that where these persons are has changed: what was known of them by heart is not true any more.
pub(crate) async fn raise_versions(tx: &Tx, network: NetworkId, persons: &[PersonId]) -> Result<(), DbError> {
    if persons.is_empty() {
        return Ok(());
    }
    let (which, ids) = tx.among_ids("person_id", 2, persons);
    let sql = format!("update person set version = version + 1 where network_id = $1 and {which}");
    tx.run(&sql, std::iter::once(Uuid::from(network).into()).chain(ids)).await?;
    Ok(())
}

/// Removes what says who a person was, from every row of theirs: name, address, language, category, plan, the chips'
/// numbers, and whatever a reader wrote into the ids of their touches.
pub(crate) async fn erase(
    tx: &Tx,
    network: NetworkId,
    person: PersonId,
    member: MemberId,
    at: Timestamp,
) -> Result<(), DbError> {
    let (network, person, member): (Uuid, Uuid, Uuid) = (network.into(), person.into(), member.into());
    // An id as text; SQLite keeps it as bytes.
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
        (
            person,
            format!(
                "update touch set event_id = 'erased:' || {} \
                 where $1 is not null and network_id = $2 and person_id = $3",
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
            "update member set category = 'resident', plan_id = null \
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
    Ok(())
}
