//! Inputs about members: their corrections and the search for them.

use async_graphql::{Enum, Error, ID, InputObject, SimpleObject};
use graph::{Category, DateTime, Given, parse_id, to_id};
use jiff::{Timestamp, civil::Date};
use kernel::{EmailAddress, HubId, PageRequest, PersonName, Slug};

use super::input::invalid_text;
use crate::{
    AddMemberContact, ContactRole, CorrectMember, EndMembership, FindMembers, RecordConsent, WriteMemberNote,
};

/// The corrections of a member's data; what is not given stays as it is.
#[derive(InputObject, Debug, Clone)]
pub struct CorrectMemberInput {
    /// The member.
    pub member_id: ID,
    /// The `version` of the member that the correction was made on. If it is outdated, nothing is written.
    pub expected_version: i32,
    /// The correct name.
    pub name: Option<String>,
    /// The correct e-mail address; unique within a network.
    pub email: Option<String>,
    /// The preferred language: en, cs, pl or uk.
    pub language: Option<String>,
    /// The category from now on. Visits that have begun keep theirs.
    pub category: Option<Category>,
}

impl CorrectMemberInput {
    pub(super) fn command(self) -> Result<CorrectMember, Error> {
        Ok(CorrectMember {
            member: parse_id(&self.member_id, "memberId")?,
            expected_version: self.expected_version.into(),
            name: self.name.as_deref().map(PersonName::parse).transpose().map_err(invalid_text("name"))?,
            email: self
                .email
                .as_deref()
                .map(EmailAddress::parse)
                .transpose()
                .map_err(invalid_text("email"))?,
            language: self.language,
            category: self.category.map(Into::into),
        })
    }
}

/// The membership to end.
#[derive(InputObject, Debug, Clone)]
pub struct EndMembershipInput {
    /// The member.
    pub member_id: ID,
    /// The first day without membership, at the home hub; today means now.
    pub on: Given<Date>,
    /// Why they leave, for the hub's own records. The member sees it in the export of their data.
    pub reason: Option<String>,
}

impl EndMembershipInput {
    pub(super) fn command(self) -> Result<EndMembership, Error> {
        Ok(EndMembership {
            member: parse_id(&self.member_id, "memberId")?,
            on: self.on.of("on")?,
            reason: self.reason,
        })
    }
}

/// The membership to resume.
#[derive(InputObject, Debug, Clone)]
pub struct ResumeMembershipInput {
    /// The member.
    pub member_id: ID,
}

/// The conditions that members must meet; what is not given does not matter.
#[derive(InputObject, Debug, Clone, Default)]
pub struct MemberSearchInput {
    /// Beginnings of words of the name or the e-mail address. Diacritics, script and case do not matter: `zolc`
    /// finds `Żółć`, `olena` finds `Олена`.
    pub text: Option<String>,
    /// The category.
    pub category: Option<Category>,
    /// The plan of the hub.
    pub plan_id: Option<ID>,
    /// Whether only members who are in the hub now are wanted.
    #[graphql(default)]
    pub present_now: bool,
    /// The last four digits of the number of a chip that works.
    pub chip_ending: Option<String>,
    /// Whether they have left.
    pub has_left: Option<bool>,
}

/// The order of a list of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MemberSort {
    /// By name, as the language of the hub sorts names.
    Name,
    /// By the start of the membership, the oldest first.
    JoinedAt,
}

impl MemberSearchInput {
    pub(super) fn command(
        search: Option<Self>,
        sort: Option<MemberSort>,
        hub: HubId,
        page: PageRequest,
    ) -> Result<FindMembers, Error> {
        let search = search.unwrap_or_default();
        Ok(FindMembers {
            hub,
            text: search.text,
            category: search.category.map(Into::into),
            plan: search.plan_id.as_ref().map(|id| parse_id(id, "search.planId")).transpose()?,
            is_present: search.present_now,
            chip_ending: search.chip_ending,
            has_left: search.has_left,
            is_by_joining: sort == Some(MemberSort::JoinedAt),
            page,
        })
    }
}

/// A contact of a member to add: at least a telephone number or an e-mail address.
#[derive(InputObject, Debug, Clone)]
pub struct AddMemberContactInput {
    /// The member.
    pub member_id: ID,
    /// What they are to the member.
    pub role: ContactRole,
    /// Their name.
    pub name: String,
    /// Their telephone number.
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
}

impl AddMemberContactInput {
    pub(super) fn command(self) -> Result<AddMemberContact, Error> {
        Ok(AddMemberContact {
            member: parse_id(&self.member_id, "memberId")?,
            role: self.role,
            name: PersonName::parse(&self.name).map_err(invalid_text("name"))?,
            phone: self.phone,
            email: self
                .email
                .as_deref()
                .map(EmailAddress::parse)
                .transpose()
                .map_err(invalid_text("email"))?,
        })
    }
}

/// The contact to remove.
#[derive(InputObject, Debug, Clone)]
pub struct RemoveMemberContactInput {
    /// The member.
    pub member_id: ID,
    /// The contact.
    pub contact_id: ID,
}

/// A consent to record.
#[derive(InputObject, Debug, Clone)]
pub struct RecordConsentInput {
    /// The member.
    pub member_id: ID,
    /// What is consented to, in a word of the hub: lower-case letters, digits and dashes, such as `photos`.
    pub purpose: String,
    /// The version of the text that was agreed to.
    pub text_version: String,
    /// The guardian who agreed for a minor: a contact of the member.
    pub guardian_id: Option<ID>,
    /// When it was given; now by default, never in the future.
    pub given_at: Option<Given<Timestamp>>,
}

impl RecordConsentInput {
    pub(super) fn command(self) -> Result<RecordConsent, Error> {
        Ok(RecordConsent {
            member: parse_id(&self.member_id, "memberId")?,
            purpose: Slug::parse(&self.purpose).map_err(invalid_text("purpose"))?,
            text_version: self.text_version,
            guardian: self.guardian_id.as_ref().map(|id| parse_id(id, "guardianId")).transpose()?,
            given_at: Given::optional(self.given_at, "givenAt")?,
        })
    }
}

/// The consent to withdraw.
#[derive(InputObject, Debug, Clone)]
pub struct WithdrawConsentInput {
    /// The member.
    pub member_id: ID,
    /// The consent.
    pub consent_id: ID,
}

/// A note about a member to write.
#[derive(InputObject, Debug, Clone)]
pub struct WriteMemberNoteInput {
    /// The member.
    pub member_id: ID,
    /// The text, at most 2,000 characters. The member sees it in the export of their data.
    pub text: String,
}

impl WriteMemberNoteInput {
    pub(super) fn command(self) -> Result<WriteMemberNote, Error> {
        Ok(WriteMemberNote { member: parse_id(&self.member_id, "memberId")?, text: self.text })
    }
}

/// The note to delete.
#[derive(InputObject, Debug, Clone)]
pub struct DeleteMemberNoteInput {
    /// The member.
    pub member_id: ID,
    /// The note.
    pub note_id: ID,
}

/// Somebody whom the hub may call because of a member.
#[derive(SimpleObject, Debug)]
pub struct MemberContact {
    /// The stable id.
    id: ID,
    /// What they are to the member.
    role: ContactRole,
    /// Their name.
    name: String,
    /// Their telephone number.
    phone: Option<String>,
    /// Their e-mail address.
    email: Option<String>,
    /// When the contact was recorded.
    recorded_at: DateTime,
}

impl From<crate::MemberContact> for MemberContact {
    fn from(contact: crate::MemberContact) -> Self {
        Self {
            id: to_id(contact.id),
            role: contact.role,
            name: contact.name.into(),
            phone: contact.phone,
            email: contact.email.map(Into::into),
            recorded_at: contact.recorded_at.into(),
        }
    }
}

/// A member's consent to something.
#[derive(SimpleObject, Debug)]
pub struct MemberConsent {
    /// The stable id.
    id: ID,
    /// What is consented to.
    purpose: String,
    /// The version of the text that was agreed to.
    text_version: String,
    /// The contact who agreed for a minor.
    guardian_id: Option<ID>,
    /// When it was given.
    given_at: DateTime,
    /// When it was withdrawn; null while it holds.
    withdrawn_at: Option<DateTime>,
}

impl From<crate::MemberConsent> for MemberConsent {
    fn from(consent: crate::MemberConsent) -> Self {
        Self {
            id: to_id(consent.id),
            purpose: consent.purpose,
            text_version: consent.text_version,
            guardian_id: consent.guardian.map(to_id),
            given_at: consent.given_at.into(),
            withdrawn_at: consent.withdrawn_at.map(Into::into),
        }
    }
}

/// A note of the staff about a member.
#[derive(SimpleObject, Debug)]
pub struct MemberNote {
    /// The stable id.
    id: ID,
    /// The text.
    text: String,
    /// When it was written.
    written_at: DateTime,
}

impl From<crate::MemberNote> for MemberNote {
    fn from(note: crate::MemberNote) -> Self {
        Self { id: to_id(note.id), text: note.text, written_at: note.written_at.into() }
    }
}
