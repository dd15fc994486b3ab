//! A role assignment: a person's role at a place, from one instant until another.
//!
//! Always true: an offered role has no effect on any decision (R18); it takes effect from its acceptance on.

use jiff::{SignedDuration, Timestamp};
use kernel::{AssignmentId, Grant, InvalidInput, NetworkId, PersonId, Place, Role};

use crate::CodePurpose;

/// The time in which an offer can be accepted: the same as for an invitation.
pub(crate) const OFFER_LIFETIME: SignedDuration = CodePurpose::Invitation.lifetime();

/// The channel of an offer, which decides what its maker may learn about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferedTo {
    /// To a person who cannot sign in yet: accepting the invitation accepts the role.
    Invitation,
    /// To an e-mail address.
    Address,
    /// To a person known by id.
    Person,
}

kernel::stored_words!(OfferedTo { Invitation = "invitation", Address = "address", Person = "person" });

/// A role assigned or offered to a person at a place.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RoleAssignment {
    /// The stable id.
    pub id: AssignmentId,
    /// The network.
    pub network: NetworkId,
    /// The person.
    pub person: PersonId,
    /// The role and the place.
    pub grant: Grant,
    /// When it begins.
    pub valid_from: Timestamp,
    /// When it ends, if ever.
    pub valid_until: Option<Timestamp>,
    /// When it was assigned.
    pub granted_at: Timestamp,
    /// The assigner; `None` for an assignment on the server's own machine.
    pub granted_by: Option<PersonId>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// The channel of a pending offer; `None` once it is accepted.
    #[serde(default)]
    pub offered_to: Option<OfferedTo>,
    /// When the person accepted it; `None` for an offer, and for roles older than offers.
    #[serde(default)]
    pub accepted_at: Option<Timestamp>,
}

impl RoleAssignment {
    /// Returns whether it is in force at an instant.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.offered_to.is_none()
            && self.revoked_at.is_none_or(|revoked_at| at < revoked_at)
            && self.valid_from <= at
            && self.valid_until.is_none_or(|until| at < until)
    }

    /// Returns whether it is an offer that can be accepted at an instant.
    pub(crate) fn is_open_offer_at(&self, at: Timestamp) -> bool {
        self.offered_to.is_some()
            && self.revoked_at.is_none()
            && at < self.offer_ends_at()
            && self.valid_until.is_none_or(|until| at < until)
    }

    /// Returns until when it can be accepted.
    pub(crate) fn offer_ends_at(&self) -> Timestamp {
        self.granted_at + OFFER_LIFETIME
    }

    /// Returns whether a reader of a place's roles may see the person: not while the role is only offered to an e-mail
    /// address.
    pub(crate) fn shows_person(&self) -> bool {
        self.offered_to != Some(OfferedTo::Address)
    }

    /// Returns whether they may see the person's e-mail: not while the role is only offered to a person known by id.
    pub(crate) fn shows_email(&self) -> bool {
        self.offered_to != Some(OfferedTo::Person)
    }
}

/// Checks that a role can be held at a place: hubs have operators and administrators, networks coordinators and network
/// administrators. A member is enrolled, not assigned a role.
pub(crate) fn check_place(role: Role, at: Place) -> Result<(), InvalidInput> {
    match (role, at) {
        (Role::Operator | Role::Administrator, Place::Hub(_))
        | (Role::Coordinator | Role::NetworkAdministrator, Place::Network(_)) => Ok(()),
        (Role::Operator | Role::Administrator, Place::Network(_)) => {
            Err(InvalidInput::new("hubId", "must say at which hub the role is held"))
        }
        (Role::Coordinator | Role::NetworkAdministrator, Place::Hub(_)) => {
            Err(InvalidInput::new("hubId", "must be left out: the role is held in the whole network"))
        }
        (Role::Member, _) => {
            Err(InvalidInput::new("role", "cannot be given: members are enrolled at their hub"))
        }
    }
}
