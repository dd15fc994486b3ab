//! What a hub keeps beside a membership: contacts of the member, consents, and notes of the staff.
//!
//! Always true:
//! - Each is personal data of the member: shown in their export, erased with their name.
//! - A consent names the version of the text that was agreed to, and for a minor the guardian who agreed. It is never
//!   edited: withdrawing it records when.
//! - Notes are for the staff of the home hub; the member sees them in the export of their data.

use jiff::Timestamp;
use kernel::{ConsentId, ContactId, EmailAddress, MemberId, NoteId, PersonName};

/// What a contact is to the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactRole {
    /// Answers for a minor, and consents in their place.
    Guardian,
    /// Is called in an emergency.
    Emergency,
}

/// Somebody whom the hub may call because of a member.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct MemberContact {
    /// The stable id.
    pub id: ContactId,
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
    /// When the contact was recorded.
    pub recorded_at: Timestamp,
}

/// A member's consent to something.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct MemberConsent {
    /// The stable id.
    pub id: ConsentId,
    /// The member.
    pub member: MemberId,
    /// What is consented to, in the hub's own word: `photos`, `newsletter`.
    pub purpose: String,
    /// The version of the text that was agreed to.
    pub text_version: String,
    /// The guardian who agreed for a minor.
    pub guardian: Option<ContactId>,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it was withdrawn; `None` while it holds.
    pub withdrawn_at: Option<Timestamp>,
}

/// A note of the staff about a member.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct MemberNote {
    /// The stable id.
    pub id: NoteId,
    /// The member.
    pub member: MemberId,
    /// The text.
    pub text: String,
    /// When it was written.
    pub written_at: Timestamp,
}
