//! Person and member: one human, and their membership at a home hub. Always true: a person is one within a network
//! however many hubs they visit; the category selects prices and nothing else; the plan, if they took one, covers their
//! presence at home and says whether they may roam.

use jiff::Timestamp;
use kernel::{
    Category, CredentialId, EmailAddress, HubId, MemberId, NetworkId, PersonId, PersonName, PlanId,
};

/// A person's membership at their home hub.
#[derive(Debug, Clone)]
pub struct Member {
    /// The stable id.
    pub id: MemberId,
    /// Whose membership.
    pub person: PersonId,
    /// The network.
    pub network: NetworkId,
    /// The home hub.
    pub home: HubId,
    /// The category.
    pub category: Category,
    /// The plan of the home hub they took when they were enrolled; none if they took none.
    pub plan: Option<PlanId>,
    /// Their name: personal data.
    pub name: PersonName,
    /// Their e-mail: personal data.
    pub email: EmailAddress,
    /// The language they read, ISO 639-1.
    pub language: String,
    /// Since when.
    pub joined_at: Timestamp,
}

/// What proves presence: an RFID or NFC chip.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Credential {
    /// The stable id.
    pub id: CredentialId,
    /// Whose.
    pub member: MemberId,
    /// The last four digits, to tell chips apart; the number itself is kept only as a hash.
    pub ending: String,
    /// Since when it works.
    pub issued_at: Timestamp,
    /// Since when it does not.
    pub revoked_at: Option<Timestamp>,
}
