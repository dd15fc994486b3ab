//! A role assignment: somebody is something somewhere, from an instant until another.

use jiff::Timestamp;
use kernel::{AssignmentId, Grant, NetworkId, PersonId, Place, Role};

use crate::InvalidField;

/// A role given to a person at a place.
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
}

impl RoleAssignment {
    /// Whether it counts at an instant.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none_or(|revoked_at| at < revoked_at)
            && self.valid_from <= at
            && self.valid_until.is_none_or(|until| at < until)
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
