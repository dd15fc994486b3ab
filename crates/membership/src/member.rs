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
    /// Their e-mail address, if they have one: personal data.
    pub email: Option<EmailAddress>,
    /// Their preferred language, ISO 639-1.
    pub language: String,
    /// The start of the membership.
    pub joined_at: Timestamp,
    /// The time during which the membership does not hold, if it ended.
    pub absence: Option<Absence>,
    /// Grows with every change of the member's data; a correction names the version that it corrects.
    pub version: i64,
}

impl Member {
    /// Returns whether the membership has ended, and the member has not come back.
    pub fn has_left(&self, at: Timestamp) -> bool {
        self.absence.is_some_and(|absence| absence.covers(at))
    }
}

/// The time between the end of a membership and the return of the member: `[left_at, returned_at)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// The end of the membership; may be in the future.
    pub left_at: Timestamp,
    /// The return; `None` if the member has not come back.
    pub returned_at: Option<Timestamp>,
}

impl Absence {
    /// Returns whether the member is away at an instant.
    pub fn covers(self, at: Timestamp) -> bool {
        self.left_at <= at && self.returned_at.is_none_or(|returned_at| at < returned_at)
    }
}

/// The version of a new member.
pub(crate) const FIRST_VERSION: i64 = 1;

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
