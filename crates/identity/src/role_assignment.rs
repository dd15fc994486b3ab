//! A role assignment: somebody is something somewhere, from an instant until another.
//!
//! Always true: a role that is only offered counts for nothing (R18), whoever asks; it counts from its acceptance on.

use jiff::{SignedDuration, Timestamp};
use kernel::{AssignmentId, Grant, NetworkId, PersonId, Place, Role};

use crate::{CodePurpose, InvalidField};

/// For how long an offer can be accepted: as long as an invitation.
pub(crate) const OFFER_LIFETIME: SignedDuration = CodePurpose::Invitation.lifetime();

/// How an offer reached the person, and so what the one who offers knows of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferedTo {
    /// To somebody without a way in yet: accepting the invitation accepts the role.
    Invitation,
    /// To whoever has an e-mail address.
    Address,
    /// To a person who is known by their id.
    Person,
}

impl OfferedTo {
    const ALL: [Self; 3] = [Self::Invitation, Self::Address, Self::Person];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Address => "address",
            Self::Person => "person",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|offered| offered.word() == word)
    }
}

/// A role given to a person at a place, or offered to them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RoleAssignment {
    /// The stable id.
    pub id: AssignmentId,
    /// In which network.
    pub network: NetworkId,
    /// Who has it.
    pub person: PersonId,
    /// What, and where.
    pub grant: Grant,
    /// From when on.
    pub valid_from: Timestamp,
    /// Until when, if that was said.
    pub valid_until: Option<Timestamp>,
    /// When it was given.
    pub granted_at: Timestamp,
    /// By whom; nobody means on the server's own machine.
    pub granted_by: Option<PersonId>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
    /// How it was offered, while it waits to be accepted; nothing once it counts.
    #[serde(default)]
    pub offered_to: Option<OfferedTo>,
    /// When the person accepted it; nothing for an offer, and for roles from before there were offers.
    #[serde(default)]
    pub accepted_at: Option<Timestamp>,
}

impl RoleAssignment {
    /// Whether it counts at an instant.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.offered_to.is_none()
            && self.revoked_at.is_none_or(|revoked_at| at < revoked_at)
            && self.valid_from <= at
            && self.valid_until.is_none_or(|until| at < until)
    }

    /// Whether it waits to be accepted, and can be.
    pub(crate) fn is_open_offer_at(&self, at: Timestamp) -> bool {
        self.offered_to.is_some()
            && self.revoked_at.is_none()
            && at < self.offer_ends_at()
            && self.valid_until.is_none_or(|until| at < until)
    }

    /// Until when it can be accepted.
    pub(crate) fn offer_ends_at(&self) -> Timestamp {
        self.granted_at + OFFER_LIFETIME
    }

    /// Whether whoever reads a place's roles may see which person this is: not while the role was only offered to an
    /// address that somebody turned out to have.
    pub(crate) fn shows_person(&self) -> bool {
        self.offered_to != Some(OfferedTo::Address)
    }

    /// Whether they may see the person's e-mail: not while the role was only offered to somebody known by their id.
    pub(crate) fn shows_email(&self) -> bool {
        self.offered_to != Some(OfferedTo::Person)
    }
}

/// Checks that a role can be held at a place: hubs have operators and administrators, networks coordinators and
/// network administrators. A member is made by enrolling them, not by a role.
pub(crate) fn check_place(role: Role, at: Place) -> Result<(), InvalidField> {
    match (role, at) {
        (Role::Operator | Role::Administrator, Place::Hub(_))
        | (Role::Coordinator | Role::NetworkAdministrator, Place::Network(_)) => Ok(()),
        (Role::Operator | Role::Administrator, Place::Network(_)) => {
            Err(InvalidField::new("hubId", "must say at which hub the role is held"))
        }
        (Role::Coordinator | Role::NetworkAdministrator, Place::Hub(_)) => {
            Err(InvalidField::new("hubId", "must be left out: the role is held in the whole network"))
        }
        (Role::Member, _) => {
            Err(InvalidField::new("role", "cannot be given: members are enrolled at their hub"))
        }
    }
}
