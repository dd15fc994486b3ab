//! Role assignments in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, Error, ID, InputObject, Object};
use graph::{DateTime, Entity, Given, Graph, parse_id, to_id};
use jiff::Timestamp;
use kernel::Place;

use super::{Role, invitation::place};
use crate::{Account, GrantRole};

/// A role to give.
#[derive(InputObject, Debug)]
pub struct GrantRoleInput {
    /// To whom.
    person_id: ID,
    /// What they will be.
    role: Role,
    /// At which hub: for operators and administrators.
    hub_id: Option<ID>,
    /// In which network: for coordinators and network administrators; left out, the caller's own.
    network_id: Option<ID>,
    /// From when on; left out, from now on.
    valid_from: Option<Given<Timestamp>>,
    /// Until when; left out, for good.
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

/// A role given to a person, as the graph shows it.
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

/// A role given to a person, from when until when. Seen by those who decide about roles there.
#[Object(name = "RoleAssignment")]
impl<G: Graph> RoleAssignment<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.assignment.id)
    }

    /// Who has it; null while it is only offered to an e-mail address.
    async fn person_id(&self) -> Option<ID> {
        self.assignment.shows_person().then(|| to_id(self.assignment.person))
    }

    /// The e-mail they sign in with; null right after a change, and while it is only offered to a person by their id.
    async fn email(&self) -> Option<&str> {
        let account = self.account.as_ref().filter(|_| self.assignment.shows_email());
        account.map(|account| account.email.as_str())
    }

    /// What they are.
    async fn role(&self) -> Role {
        self.assignment.grant.role.into()
    }

    /// At which hub, if at one.
    async fn hub(&self) -> Option<G::Hub> {
        match self.assignment.grant.at {
            Place::Hub(hub) => Some(G::Hub::from_key(hub)),
            Place::Network(_) => None,
        }
    }

    /// From when on.
    async fn valid_from(&self) -> DateTime {
        self.assignment.valid_from.into()
    }

    /// Until when; null means for good.
    async fn valid_until(&self) -> Option<DateTime> {
        self.assignment.valid_until.map(Into::into)
    }

    /// Whether the person has accepted it: until then it counts for nothing.
    async fn is_accepted(&self) -> bool {
        self.assignment.offered_to.is_none()
    }

    /// When it was given, or offered.
    async fn granted_at(&self) -> DateTime {
        self.assignment.granted_at.into()
    }

    /// Who gave it; null means on the server's own machine.
    async fn granted_by(&self) -> Option<ID> {
        self.assignment.granted_by.map(to_id)
    }

    /// When it was taken back, if it was.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.assignment.revoked_at.map(Into::into)
    }
}

/// A role that is offered to the signed-in person.
#[derive(Debug, Clone)]
pub struct RoleOffer<G>(pub(super) crate::RoleAssignment, pub(super) PhantomData<fn() -> G>);

/// A role that is offered to the signed-in person: it counts once they accept it with `acceptRole`.
#[Object(name = "RoleOffer")]
impl<G: Graph> RoleOffer<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// What they would be.
    async fn role(&self) -> Role {
        self.0.grant.role.into()
    }

    /// At which hub, if at one; else in the whole network.
    async fn hub(&self) -> Option<G::Hub> {
        match self.0.grant.at {
            Place::Hub(hub) => Some(G::Hub::from_key(hub)),
            Place::Network(_) => None,
        }
    }

    /// From when on.
    async fn valid_from(&self) -> DateTime {
        self.0.valid_from.into()
    }

    /// Until when; null means for good.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.valid_until.map(Into::into)
    }

    /// When it was offered.
    async fn offered_at(&self) -> DateTime {
        self.0.granted_at.into()
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> DateTime {
        self.0.offer_ends_at().into()
    }
}

/// The role as it is now.
#[derive(Debug, Clone)]
pub struct RolePayload<G>(pub(super) crate::RoleAssignment, pub(super) PhantomData<fn() -> G>);

/// What became of a role.
#[Object(name = "RolePayload")]
impl<G: Graph> RolePayload<G> {
    /// The role as it is now.
    async fn role(&self) -> RoleAssignment<G> {
        RoleAssignment::of(self.0.clone(), None)
    }
}
