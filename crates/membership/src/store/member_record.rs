//! Rows of contacts, consents and notes of members.

use jiff::Timestamp;
use kernel::{ConsentId, ContactId, EmailAddress, MemberId, NetworkId, NoteId, PersonName};
use platform_db::{DbError, Ts, Tx};
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{from_text, maybe, to_text};
use crate::{Member, MemberConsent, MemberContact, MemberNote};

/// The tables, which are emptied of a member who is erased.
const TABLES: [&str; 3] = ["member_consent", "member_contact", "member_note"];

/// The newest of a list.
const MOST_SHOWN: i64 = 100;

pub(crate) async fn insert_contact(tx: &Tx, of: &Member, contact: &MemberContact) -> Result<(), DbError> {
    let sql = "insert into member_contact (contact_id, network_id, hub_id, member_id, role, name, phone, email, \
               recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        Uuid::from(contact.id).into(),
        Uuid::from(of.network).into(),
        Uuid::from(of.home).into(),
        Uuid::from(of.id).into(),
        to_text(&contact.role)?.into(),
        contact.name.as_str().into(),
        maybe(contact.phone.clone()),
        maybe(contact.email.as_ref().map(|email| email.as_str().to_owned())),
        Ts(contact.recorded_at).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

pub(crate) async fn contacts(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
) -> Result<Vec<MemberContact>, DbError> {
    let sql = "select * from member_contact where network_id = $1 and member_id = $2 order by contact_id";
    tx.rows(sql, [Uuid::from(network).into(), Uuid::from(member).into()]).await?.iter().map(contact).collect()
}

/// Finds a contact of anybody in a network.
pub(crate) async fn find_contact(
    tx: &Tx,
    network: NetworkId,
    id: ContactId,
) -> Result<Option<MemberContact>, DbError> {
    let sql = "select * from member_contact where network_id = $1 and contact_id = $2";
    let row = tx.row(sql, [Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    row.as_ref().map(contact).transpose()
}

/// Deletes a contact of a member. Returns whether there was one.
pub(crate) async fn delete_contact(tx: &Tx, of: &Member, id: ContactId) -> Result<bool, DbError> {
    let sql = "delete from member_contact where network_id = $1 and member_id = $2 and contact_id = $3";
    let values = [Uuid::from(of.network).into(), Uuid::from(of.id).into(), Uuid::from(id).into()];
    Ok(tx.run(sql, values).await?.rows_affected() > 0)
}

fn contact(row: &QueryResult) -> Result<MemberContact, DbError> {
    let role: String = row.try_get("", "role")?;
    Ok(MemberContact {
        id: row.try_get::<Uuid>("", "contact_id")?.into(),
        member: row.try_get::<Uuid>("", "member_id")?.into(),
        role: from_text("member_contact", &role)?,
        name: PersonName::stored(row.try_get("", "name")?),
        phone: row.try_get("", "phone")?,
        email: row.try_get::<Option<String>>("", "email")?.map(EmailAddress::stored),
        recorded_at: row.try_get::<Ts>("", "recorded_at")?.0,
    })
}

pub(crate) async fn insert_consent(tx: &Tx, of: &Member, consent: &MemberConsent) -> Result<(), DbError> {
    let sql = "insert into member_consent (consent_id, network_id, hub_id, member_id, purpose, text_version, \
               guardian_id, given_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        Uuid::from(consent.id).into(),
        Uuid::from(of.network).into(),
        Uuid::from(of.home).into(),
        Uuid::from(of.id).into(),
        consent.purpose.clone().into(),
        consent.text_version.clone().into(),
        maybe(consent.guardian.map(Uuid::from)),
        Ts(consent.given_at).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns the consents of a member, the latest first.
pub(crate) async fn consents(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
) -> Result<Vec<MemberConsent>, DbError> {
    let sql = "select * from member_consent where network_id = $1 and member_id = $2 \
               order by consent_id desc limit $3";
    let values = [Uuid::from(network).into(), Uuid::from(member).into(), MOST_SHOWN.into()];
    tx.rows(sql, values).await?.iter().map(consent).collect()
}

/// Finds a consent of anybody in a network.
pub(crate) async fn find_consent(
    tx: &Tx,
    network: NetworkId,
    id: ConsentId,
) -> Result<Option<MemberConsent>, DbError> {
    let sql = "select * from member_consent where network_id = $1 and consent_id = $2";
    let row = tx.row(sql, [Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    row.as_ref().map(consent).transpose()
}

/// Records that a consent is withdrawn. Returns false if it was before.
pub(crate) async fn withdraw_consent(
    tx: &Tx,
    network: NetworkId,
    id: ConsentId,
    at: Timestamp,
) -> Result<bool, DbError> {
    let sql = "update member_consent set withdrawn_at = $1 \
               where network_id = $2 and consent_id = $3 and withdrawn_at is null";
    let changed = tx.run(sql, [Ts(at).into(), Uuid::from(network).into(), Uuid::from(id).into()]).await?;
    Ok(changed.rows_affected() > 0)
}

fn consent(row: &QueryResult) -> Result<MemberConsent, DbError> {
    Ok(MemberConsent {
        id: row.try_get::<Uuid>("", "consent_id")?.into(),
        member: row.try_get::<Uuid>("", "member_id")?.into(),
        purpose: row.try_get("", "purpose")?,
        text_version: row.try_get("", "text_version")?,
        guardian: row.try_get::<Option<Uuid>>("", "guardian_id")?.map(Into::into),
        given_at: row.try_get::<Ts>("", "given_at")?.0,
        withdrawn_at: row.try_get::<Option<Ts>>("", "withdrawn_at")?.map(|at| at.0),
    })
}

pub(crate) async fn insert_note(tx: &Tx, of: &Member, note: &MemberNote) -> Result<(), DbError> {
    let sql = "insert into member_note (note_id, network_id, hub_id, member_id, body, written_at) \
               values ($1, $2, $3, $4, $5, $6)";
    let values = [
        Uuid::from(note.id).into(),
        Uuid::from(of.network).into(),
        Uuid::from(of.home).into(),
        Uuid::from(of.id).into(),
        note.text.clone().into(),
        Ts(note.written_at).into(),
    ];
    tx.run(sql, values).await?;
    Ok(())
}

/// Returns the notes about a member, the latest first.
pub(crate) async fn notes(tx: &Tx, network: NetworkId, member: MemberId) -> Result<Vec<MemberNote>, DbError> {
    let sql =
        "select * from member_note where network_id = $1 and member_id = $2 order by note_id desc limit $3";
    let values = [Uuid::from(network).into(), Uuid::from(member).into(), MOST_SHOWN.into()];
    tx.rows(sql, values).await?.iter().map(note).collect()
}

/// Deletes a note of a member. Returns whether there was one.
pub(crate) async fn delete_note(tx: &Tx, of: &Member, id: NoteId) -> Result<bool, DbError> {
    let sql = "delete from member_note where network_id = $1 and member_id = $2 and note_id = $3";
    let values = [Uuid::from(of.network).into(), Uuid::from(of.id).into(), Uuid::from(id).into()];
    Ok(tx.run(sql, values).await?.rows_affected() > 0)
}

fn note(row: &QueryResult) -> Result<MemberNote, DbError> {
    Ok(MemberNote {
        id: row.try_get::<Uuid>("", "note_id")?.into(),
        member: row.try_get::<Uuid>("", "member_id")?.into(),
        text: row.try_get("", "body")?,
        written_at: row.try_get::<Ts>("", "written_at")?.0,
    })
}

/// Deletes everything kept beside a membership.
pub(crate) async fn forget(tx: &Tx, network: NetworkId, member: MemberId) -> Result<(), DbError> {
    for table in TABLES {
        let sql = format!("delete from {table} where network_id = $1 and member_id = $2");
        tx.run(&sql, [Uuid::from(network).into(), Uuid::from(member).into()]).await?;
    }
    Ok(())
}
