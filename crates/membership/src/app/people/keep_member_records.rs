//! Keeps contacts, consents and notes of members.
//!
//! Always true: the staff of the home hub keep them; a member reads their own contacts and consents, and withdraws a
//! consent as easily as it was given; nobody but the staff reads notes. The person is locked, so nothing is kept about
//! somebody who is erased at this moment.

use jiff::Timestamp;
use kernel::{
    ConsentId, ContactId, EmailAddress, FreeText, Label, MemberId, NoteId, OpContext, Permission, PersonName,
    Slug,
};
use platform_db::{Idempotent, Reach};

use crate::{
    ContactRole, Member, MemberConsent, MemberContact, MemberNote, Membership, MembershipError, audit, store,
};

const MOST_CONTACTS: usize = 20;
const LONGEST_PHONE: usize = 40;
const LONGEST_VERSION: usize = 60;
const LONGEST_NOTE: usize = 2_000;

/// The input of a contact.
#[derive(Debug, Clone, serde::Serialize)]
pub struct AddMemberContact {
    /// The member.
    pub member: MemberId,
    /// What they are to the member.
    pub role: ContactRole,
    /// Their name.
    pub name: PersonName,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<EmailAddress>,
}

/// The input of a consent.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RecordConsent {
    /// The member.
    pub member: MemberId,
    /// What is consented to.
    pub purpose: Slug,
    /// The version of the text that was agreed to.
    pub text_version: String,
    /// The guardian who agreed for a minor.
    pub guardian: Option<ContactId>,
    /// When it was given; now if `None`. Never in the future.
    pub given_at: Option<Timestamp>,
}

/// The input of a note.
#[derive(Debug, Clone, serde::Serialize)]
pub struct WriteMemberNote {
    /// The member.
    pub member: MemberId,
    /// The text.
    pub text: String,
}

impl Membership {
    /// Adds a contact of a member.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `INVALID_INPUT`.
    #[tracing::instrument(name = "membership.add_member_contact", skip_all)]
    pub async fn add_member_contact(
        &self,
        op: &OpContext,
        cmd: AddMemberContact,
    ) -> Result<MemberId, MembershipError> {
        let member = self.member_for(op, Permission::ManageMembers, cmd.member).await?;
        let phone = cmd.phone.as_deref().map(|phone| text::<LONGEST_PHONE>("phone", phone)).transpose()?;
        if phone.is_none() && cmd.email.is_none() {
            return Err(MembershipError::invalid("phone", "a telephone number or an e-mail address"));
        }
        let tx = match self.keep(op, &member, "addMemberContact", &cmd).await? {
            Idempotent::Replayed(kept) => return Ok(kept),
            Idempotent::New(tx) => tx,
        };
        let contacts = store::member_record::contacts(&tx, member.network, member.id).await?;
        if contacts.len() >= MOST_CONTACTS {
            return Err(MembershipError::invalid("memberId", format!("at most {MOST_CONTACTS} contacts")));
        }
        let contact = MemberContact {
            id: op.new_id(),
            member: member.id,
            role: cmd.role,
            name: cmd.name,
            phone,
            email: cmd.email,
            recorded_at: op.now(),
        };
        store::member_record::insert_contact(&tx, &member, &contact).await?;
        tx.audit(op, audit::about_record(audit::CONTACT_ADDED, &member, contact.id)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }

    /// Removes a contact of a member. A consent that they gave as a guardian stays.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a contact of another tenant's member.
    #[tracing::instrument(name = "membership.remove_member_contact", skip_all)]
    pub async fn remove_member_contact(
        &self,
        op: &OpContext,
        member: MemberId,
        id: ContactId,
    ) -> Result<MemberId, MembershipError> {
        let member = self.member_for(op, Permission::ManageMembers, member).await?;
        let tx = match self.keep(op, &member, "removeMemberContact", &(member.id, id)).await? {
            Idempotent::Replayed(kept) => return Ok(kept),
            Idempotent::New(tx) => tx,
        };
        if !store::member_record::delete_contact(&tx, &member, id).await? {
            return Err(MembershipError::NotFound("contact"));
        }
        tx.audit(op, audit::about_record(audit::CONTACT_REMOVED, &member, id)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }

    /// Records a consent, of the member or of their guardian.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `INVALID_INPUT` if the guardian is none of this member.
    #[tracing::instrument(name = "membership.record_consent", skip_all)]
    pub async fn record_consent(
        &self,
        op: &OpContext,
        cmd: RecordConsent,
    ) -> Result<MemberId, MembershipError> {
        let member = self.member_for(op, Permission::ManageMembers, cmd.member).await?;
        let text_version = text::<LONGEST_VERSION>("textVersion", &cmd.text_version)?;
        let given_at = cmd.given_at.unwrap_or_else(|| op.now());
        if given_at > op.now() {
            return Err(MembershipError::invalid("givenAt", "not in the future"));
        }
        let tx = match self.keep(op, &member, "recordConsent", &cmd).await? {
            Idempotent::Replayed(kept) => return Ok(kept),
            Idempotent::New(tx) => tx,
        };
        if let Some(guardian) = cmd.guardian {
            let found = store::member_record::find_contact(&tx, member.network, guardian).await?;
            let is_theirs =
                found.is_some_and(|found| found.member == member.id && found.role == ContactRole::Guardian);
            if !is_theirs {
                return Err(MembershipError::invalid("guardianId", "no guardian of this member"));
            }
        }
        let consent = MemberConsent {
            id: op.new_id(),
            member: member.id,
            purpose: cmd.purpose.into(),
            text_version,
            guardian: cmd.guardian,
            given_at,
            withdrawn_at: None,
        };
        store::member_record::insert_consent(&tx, &member, &consent).await?;
        tx.audit(op, audit::about_record(audit::CONSENT_RECORDED, &member, consent.id)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }

    /// Withdraws a consent from now on, for the staff of the home hub and for the member. A second time changes nothing.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a consent of another tenant's member.
    #[tracing::instrument(name = "membership.withdraw_consent", skip_all)]
    pub async fn withdraw_consent(
        &self,
        op: &OpContext,
        member: MemberId,
        id: ConsentId,
    ) -> Result<MemberId, MembershipError> {
        let permission =
            if op.is_member(member) { Permission::ReadMembers } else { Permission::ManageMembers };
        let member = self.member_for(op, permission, member).await?;
        let tx = match self.keep(op, &member, "withdrawConsent", &(member.id, id)).await? {
            Idempotent::Replayed(kept) => return Ok(kept),
            Idempotent::New(tx) => tx,
        };
        let found = store::member_record::find_consent(&tx, member.network, id).await?;
        if found.is_none_or(|found| found.member != member.id) {
            return Err(MembershipError::NotFound("consent"));
        }
        if store::member_record::withdraw_consent(&tx, member.network, id, op.now()).await? {
            tx.audit(op, audit::about_record(audit::CONSENT_WITHDRAWN, &member, id)).await?;
        }
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }

    /// Writes a note about a member.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for another tenant's member, `INVALID_INPUT`.
    #[tracing::instrument(name = "membership.write_member_note", skip_all)]
    pub async fn write_member_note(
        &self,
        op: &OpContext,
        cmd: WriteMemberNote,
    ) -> Result<MemberId, MembershipError> {
        let member = self.member_for(op, Permission::ManageMembers, cmd.member).await?;
        let text: String = FreeText::<LONGEST_NOTE>::parse(&cmd.text)
            .map_err(|error| MembershipError::invalid("text", error))?
            .into();
        if text.is_empty() {
            return Err(MembershipError::invalid("text", "must not be empty"));
        }
        let tx = match self.keep(op, &member, "writeMemberNote", &cmd).await? {
            Idempotent::Replayed(kept) => return Ok(kept),
            Idempotent::New(tx) => tx,
        };
        let note = MemberNote { id: op.new_id(), member: member.id, text, written_at: op.now() };
        store::member_record::insert_note(&tx, &member, &note).await?;
        tx.audit(op, audit::about_record(audit::NOTE_WRITTEN, &member, note.id)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }

    /// Deletes a note about a member.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` for a note about another tenant's member.
    #[tracing::instrument(name = "membership.delete_member_note", skip_all)]
    pub async fn delete_member_note(
        &self,
        op: &OpContext,
        member: MemberId,
        id: NoteId,
    ) -> Result<MemberId, MembershipError> {
        let member = self.member_for(op, Permission::ManageMembers, member).await?;
        let tx = match self.keep(op, &member, "deleteMemberNote", &(member.id, id)).await? {
            Idempotent::Replayed(kept) => return Ok(kept),
            Idempotent::New(tx) => tx,
        };
        if !store::member_record::delete_note(&tx, &member, id).await? {
            return Err(MembershipError::NotFound("note"));
        }
        tx.audit(op, audit::about_record(audit::NOTE_DELETED, &member, id)).await?;
        tx.commit_with_outcome(&member.id).await?;
        Ok(member.id)
    }

    /// Lists the contacts of a member, for the staff of the home hub and for the member.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if the caller may not see the member.
    pub async fn list_member_contacts(
        &self,
        op: &OpContext,
        id: MemberId,
    ) -> Result<Vec<MemberContact>, MembershipError> {
        let member = self.member_for(op, Permission::ReadMembers, id).await?;
        let tx = self.db.read(Reach::Network(member.network)).await?;
        Ok(store::member_record::contacts(&tx, member.network, id).await?)
    }

    /// Lists the consents of a member, the latest first, for the staff of the home hub and for the member.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if the caller may not see the member.
    pub async fn list_member_consents(
        &self,
        op: &OpContext,
        id: MemberId,
    ) -> Result<Vec<MemberConsent>, MembershipError> {
        let member = self.member_for(op, Permission::ReadMembers, id).await?;
        let tx = self.db.read(Reach::Network(member.network)).await?;
        Ok(store::member_record::consents(&tx, member.network, id).await?)
    }

    /// Lists the notes about a member, the latest first; `None` for everybody but the staff of the home hub.
    ///
    /// # Errors
    /// Fails if the database is unavailable.
    pub async fn list_member_notes(
        &self,
        op: &OpContext,
        member: &Member,
    ) -> Result<Option<Vec<MemberNote>>, MembershipError> {
        if !op.may_at_hub(Permission::ReadMembers, member.home, member.network) {
            return Ok(None);
        }
        let tx = self.db.read(Reach::Network(member.network)).await?;
        Ok(Some(store::member_record::notes(&tx, member.network, member.id).await?))
    }

    /// Opens the transaction of a change of what is kept beside a membership, with the person locked.
    async fn keep<C: serde::Serialize + Sync>(
        &self,
        op: &OpContext,
        member: &Member,
        mutation: &'static str,
        cmd: &C,
    ) -> Result<Idempotent<MemberId>, MembershipError> {
        let opened = self.db.idempotent(op, Reach::Network(member.network), mutation, cmd).await?;
        if let Idempotent::New(tx) = &opened {
            let person = store::person::lock(tx, member.network, member.id).await?;
            if person.is_none_or(|person| person.erased_at.is_some()) {
                return Err(MembershipError::NotFound("member"));
            }
        }
        Ok(opened)
    }
}

fn text<const LONGEST: usize>(field: &str, text: &str) -> Result<String, MembershipError> {
    let line = Label::<LONGEST>::parse(text);
    line.map(Into::into).map_err(|error| MembershipError::invalid(field, error))
}
