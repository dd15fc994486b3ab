//! Mail on its way out: the table and its rows.

use jiff::Timestamp;
use kernel::NetworkId;
use platform_db::{
    DbError, Tx,
    column::{at, id, read_at, read_id, read_maybe_at},
};
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::{app::WaitingMail, mail_text::Occasion, outgoing_mail::OutgoingMail};

/// Puts a message into the queue; one about the same thing that waits already is enough. For somebody without an account
/// the same statements run and nothing is queued.
pub(crate) async fn queue(tx: &Tx, mail: &OutgoingMail) -> Result<(), DbError> {
    let sql = "delete from outgoing_mail where network_id = $1 and person_id = $2 and purpose = $3";
    tx.run(sql, [id(mail.network), id(mail.person), mail.about.word().into()]).await?;
    let sql = "insert into outgoing_mail (mail_id, network_id, person_id, purpose, queued_at, due_at, tries) \
               select $1, network_id, person_id, $4, $5, $5, 0 from sign_in_account \
               where network_id = $2 and person_id = $3";
    let values = [id(mail.id), id(mail.network), id(mail.person), mail.about.word().into(), at(mail.due_at)];
    tx.run(sql, values).await?;
    Ok(())
}

/// Mails that are due, the longest waiting first.
pub(crate) async fn list_due(
    tx: &Tx,
    network: NetworkId,
    now: Timestamp,
) -> Result<Vec<OutgoingMail>, DbError> {
    let sql = "select * from outgoing_mail where network_id = $1 and due_at <= $2 and given_up_at is null \
               order by due_at limit 20";
    tx.rows(sql, [id(network), at(now)]).await?.iter().map(mail_of).collect()
}

/// How many messages of a network wait, since when the first does, and how many were given up.
pub(crate) async fn count(tx: &Tx, network: NetworkId) -> Result<WaitingMail, DbError> {
    let sql = "select count(*) - count(given_up_at) as waiting, count(given_up_at) as given_up, \
               min(case when given_up_at is null then queued_at end) as since \
               from outgoing_mail where network_id = $1";
    let Some(row) = tx.row(sql, [id(network)]).await? else { return Ok(WaitingMail::default()) };
    Ok(WaitingMail {
        waiting: row.try_get("", "waiting")?,
        given_up: row.try_get("", "given_up")?,
        since: read_maybe_at(&row, "since")?,
    })
}

/// Takes a mail on, unless somebody else did meanwhile.
pub(crate) async fn claim(tx: &Tx, mail: &OutgoingMail, until: Timestamp) -> Result<bool, DbError> {
    let sql = "update outgoing_mail set due_at = $4 where network_id = $1 and mail_id = $2 and due_at = $3";
    let claimed = tx.run(sql, [id(mail.network), id(mail.id), at(mail.due_at), at(until)]).await?;
    Ok(claimed.rows_affected() == 1)
}

pub(crate) async fn put_off(tx: &Tx, mail: &OutgoingMail, until: Timestamp) -> Result<(), DbError> {
    let sql =
        "update outgoing_mail set due_at = $3, tries = tries + 1 where network_id = $1 and mail_id = $2";
    tx.run(sql, [id(mail.network), id(mail.id), at(until)]).await?;
    Ok(())
}

pub(crate) async fn give_up(tx: &Tx, mail: &OutgoingMail, why: &str, now: Timestamp) -> Result<(), DbError> {
    let sql = "update outgoing_mail set given_up_at = $3, given_up_why = $4, tries = tries + 1 \
               where network_id = $1 and mail_id = $2";
    tx.run(sql, [id(mail.network), id(mail.id), at(now), why.into()]).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &Tx, mail: &OutgoingMail) -> Result<(), DbError> {
    tx.run(
        "delete from outgoing_mail where network_id = $1 and mail_id = $2",
        [id(mail.network), id(mail.id)],
    )
    .await?;
    Ok(())
}

fn mail_of(row: &QueryResult) -> Result<OutgoingMail, DbError> {
    let purpose: String = row.try_get("", "purpose")?;
    let unknown = || DbError::inconsistent("outgoing_mail", format!("purpose {purpose:?}"));
    Ok(OutgoingMail {
        id: read_id::<Uuid>(row, "mail_id")?,
        network: read_id(row, "network_id")?,
        person: read_id(row, "person_id")?,
        about: Occasion::from_word(&purpose).ok_or_else(unknown)?,
        due_at: read_at(row, "due_at")?,
        tries: row.try_get("", "tries")?,
    })
}
