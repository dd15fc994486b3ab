//! Sign-in links: the table and its rows.

use jiff::Timestamp;
use kernel::{NetworkId, PersonId, SignInLinkId};
use platform_db::{
    DbError, Tx,
    column::{at, for_update, id, read_at, read_id},
};
use sea_orm::QueryResult;

use crate::SignInLink;

pub(crate) async fn insert(tx: &Tx, link: &SignInLink) -> Result<(), DbError> {
    let sql = "insert into sign_in_link (link_id, network_id, person_id, issuer, subject, linked_at, used_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        id(link.id),
        id(link.network),
        id(link.person),
        link.issuer.clone().into(),
        link.subject.clone().into(),
        at(link.linked_at),
        at(link.used_at),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns the link of an account at a provider.
pub(crate) async fn find_by_subject(
    tx: &Tx,
    network: NetworkId,
    issuer: &str,
    subject: &str,
) -> Result<Option<SignInLink>, DbError> {
    let sql = "select * from sign_in_link where network_id = $1 and issuer = $2 and subject = $3";
    let row = tx.row(sql, [id(network), issuer.into(), subject.into()]).await?;
    row.map(|row| link(&row)).transpose()
}

/// Returns a person's links, the oldest first.
pub(crate) async fn list(tx: &Tx, network: NetworkId, person: PersonId) -> Result<Vec<SignInLink>, DbError> {
    let sql =
        "select * from sign_in_link where network_id = $1 and person_id = $2 order by linked_at, link_id";
    tx.rows(sql, [id(network), id(person)]).await?.iter().map(link).collect()
}

/// Returns a link, locked until the commit.
pub(crate) async fn hold(
    tx: &Tx,
    network: NetworkId,
    link_id: SignInLinkId,
) -> Result<Option<SignInLink>, DbError> {
    let lock = for_update(tx);
    let sql = format!("select * from sign_in_link where network_id = $1 and link_id = $2 {lock}");
    tx.row(&sql, [id(network), id(link_id)]).await?.map(|row| link(&row)).transpose()
}

/// Records the last sign-in by a link.
pub(crate) async fn note_use(
    tx: &Tx,
    network: NetworkId,
    link: SignInLinkId,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "update sign_in_link set used_at = $3 where network_id = $1 and link_id = $2";
    tx.run(sql, [id(network), id(link), at(now)]).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &Tx, network: NetworkId, link: SignInLinkId) -> Result<(), DbError> {
    let sql = "delete from sign_in_link where network_id = $1 and link_id = $2";
    tx.run(sql, [id(network), id(link)]).await?;
    Ok(())
}

fn link(row: &QueryResult) -> Result<SignInLink, DbError> {
    Ok(SignInLink {
        id: read_id(row, "link_id")?,
        person: read_id(row, "person_id")?,
        network: read_id(row, "network_id")?,
        issuer: row.try_get("", "issuer")?,
        subject: row.try_get("", "subject")?,
        linked_at: read_at(row, "linked_at")?,
        used_at: read_at(row, "used_at")?,
    })
}
