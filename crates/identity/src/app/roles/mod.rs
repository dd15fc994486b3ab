//! Invitations, offers and role assignments.

pub(crate) mod accept_invitation;
pub(crate) mod giver;
pub(crate) mod grant_role;
pub(crate) mod invite;
pub(crate) mod list_roles;
pub(crate) mod offers;
pub(crate) mod place;
pub(crate) mod revoke_role;
