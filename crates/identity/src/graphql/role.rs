//! Role assignments in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, InputObject, Object};
use graph::{DateTime, Entity, Given, Graph, parse_id, to_id};
use jiff::Timestamp;
use kernel::Place;

use super::{Role, invitation::place};
use crate::{Account, GrantRole};

/// A role to offer.
#[derive(InputObject, Debug)]
pub struct GrantRoleInput {
    /// The id of the person.
    person_id: ID,
    /// The role.
    role: Role,
    /// The hub of the role, for operators and administrators.
    hub_id: Option<ID>,
    /// The network of the role, for coordinators and network administrators. Default: the caller's network.
    network_id: Option<ID>,
    /// When the role begins. Default: now.
    valid_from: Option<Given<Timestamp>>,
    /// When the role ends. Default: never.
    valid_until: Option<Given<Timestamp>>,
}

impl GrantRoleInput {
    pub(super) async fn command(self, ctx: &Context<'_>) -> Result<GrantRole, Error> {
        Ok(GrantRole {
            person: parse_id(&self.person_id, "personId")?,
            role: self.role.into(),
            at: place(ctx, self.hub_id.as_ref(), self.network_id.as_ref()).await?,
            valid_from: Given::optional(self.valid_from, "validFrom")?,
            valid_until: Given::optional(self.valid_until, "validUntil")?,
        })
    }
}

/// A role assignment in the graph.
#[derive(Debug, Clone)]
pub struct RoleAssignment<G> {
    assignment: crate::RoleAssignment,
    account: Option<Account>,
    graph: PhantomData<fn() -> G>,
}

impl<G> RoleAssignment<G> {
    pub(super) fn of(assignment: crate::RoleAssignment, account: Option<Account>) -> Self {
        Self { assignment, account, graph: PhantomData }
    }
}

/// A person's role at a place, for a period. Visible to those who decide about roles there.
#[Object(name = "RoleAssignment")]
impl<G: Graph> RoleAssignment<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.assignment.id)
    }

    /// The id of the person; null while the role is only offered to an e-mail address.
    async fn person_id(&self) -> Option<ID> {
        self.assignment.shows_person().then(|| to_id(self.assignment.person))
    }

    /// The e-mail with which they sign in; null right after a change, and while the role is only offered to a person by
    /// their id.
    async fn email(&self) -> Option<&str> {
        let account = self.account.as_ref().filter(|_| self.assignment.shows_email());
        account.map(|account| account.email.as_str())
    }

    /// The role.
    async fn role(&self) -> Role {
        self.assignment.grant.role.into()
    }

    /// The hub of the role; null if it is held in the whole network.
    async fn hub(&self) -> Option<G::Hub> {
        match self.assignment.grant.at {
            Place::Hub(hub) => Some(G::Hub::from_key(hub)),
            Place::Network(_) => None,
        }
    }

    /// When the role begins.
    async fn valid_from(&self) -> DateTime {
        self.assignment.valid_from.into()
    }

    /// When the role ends; null if never.
    async fn valid_until(&self) -> Option<DateTime> {
        self.assignment.valid_until.map(Into::into)
    }

    /// Whether the person has accepted the role. It has no effect before.
    async fn is_accepted(&self) -> bool {
        self.assignment.offered_to.is_none()
    }

    /// When it was assigned or offered.
    async fn granted_at(&self) -> DateTime {
        self.assignment.granted_at.into()
    }

    /// The id of the person who assigned it; null if it was assigned on the server's own machine.
    async fn granted_by(&self) -> Option<ID> {
        self.assignment.granted_by.map(to_id)
    }

    /// When it was revoked; null if it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.assignment.revoked_at.map(Into::into)
    }
}

/// A role offered to the signed-in person.
#[derive(Debug, Clone)]
pub struct RoleOffer<G>(pub(super) crate::RoleAssignment, pub(super) PhantomData<fn() -> G>);

/// A role offered to the signed-in person. It takes effect once they accept it with `acceptRole`.
#[Object(name = "RoleOffer")]
impl<G: Graph> RoleOffer<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The offered role.
    async fn role(&self) -> Role {
        self.0.grant.role.into()
    }

    /// The hub of the role; null if it is for the whole network.
    async fn hub(&self) -> Option<G::Hub> {
        match self.0.grant.at {
            Place::Hub(hub) => Some(G::Hub::from_key(hub)),
            Place::Network(_) => None,
        }
    }

    /// When the role begins.
    async fn valid_from(&self) -> DateTime {
        self.0.valid_from.into()
    }

    /// When the role ends; null if never.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.valid_until.map(Into::into)
    }

    /// When it was offered.
    async fn offered_at(&self) -> DateTime {
        self.0.granted_at.into()
    }

    /// When the offer expires.
    async fn expires_at(&self) -> DateTime {
        self.0.offer_ends_at().into()
    }
}

/// A role after a change.
#[derive(Debug, Clone)]
pub struct RolePayload<G>(pub(super) crate::RoleAssignment, pub(super) PhantomData<fn() -> G>);

/// The result of a change to a role.
#[Object(name = "RolePayload")]
impl<G: Graph> RolePayload<G> {
    /// The role after the change.
    async fn role(&self) -> RoleAssignment<G> {
        RoleAssignment::of(self.0.clone(), None)
    }
}
