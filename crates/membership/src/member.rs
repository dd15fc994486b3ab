//! Person and member: one human, and their membership at a home hub. Always true: a person is one within a network
//! however many hubs they visit; the category selects prices and nothing else; the plan, if any, covers presence at
//! home and decides whether the member may roam.

use jiff::Timestamp;
use kernel::{
    Category, CredentialId, EmailAddress, HubId, MemberId, NetworkId, PersonId, PersonName, PlanId,
};

/// A person's membership at their home hub.
#[derive(Debug, Clone)]
pub struct Member {
    /// The stable id.
    pub id: MemberId,
    /// The person.
    pub person: PersonId,
    /// The network.
    pub network: NetworkId,
    /// The home hub.
    pub home: HubId,
    /// The category.
    pub category: Category,
    /// The plan of the home hub taken at enrolment; `None` if none was taken.
    pub plan: Option<PlanId>,
    /// Their name: personal data.
    pub name: PersonName,
    /// Their e-mail address: personal data.
    pub email: EmailAddress,
    /// Their preferred language, ISO 639-1.
    pub language: String,
    /// The start of the membership.
    pub joined_at: Timestamp,
}

/// A credential that proves presence: an RFID or NFC chip.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Credential {
    /// The stable id.
    pub id: CredentialId,
    /// The member who bears the chip.
    pub member: MemberId,
    /// The last four digits, to distinguish chips; the number itself is stored only as a hash.
    pub ending: String,
    /// The time from which the chip works.
    pub issued_at: Timestamp,
    /// The time of revocation; `None` while the chip works.
    pub revoked_at: Option<Timestamp>,
}
