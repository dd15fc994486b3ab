//! The caller in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, Enum, Error, ID, Object};
use graph::{DateTime, Entity, Graph, OpContextExt, coded, to_id};
use kernel::{Caller, Grant, Place};

use super::{RoleOffer, SecondFactor, Session, SignInLink, service};
use crate::Account;

/// The caller.
pub struct Me<G> {
    caller: Caller,
    graph: PhantomData<fn() -> G>,
}

impl<G> Me<G> {
    /// Returns the caller, if authenticated.
    pub(super) fn of(caller: &Caller) -> Option<Self> {
        let is_somebody = !matches!(caller, Caller::Anonymous | Caller::System);
        is_somebody.then(|| Self { caller: caller.clone(), graph: PhantomData })
    }
}

impl<G> std::fmt::Debug for Me<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.caller.fmt(f)
    }
}

/// The authenticated caller: a person, a device or a program.
#[Object(name = "Me")]
impl<G: Graph> Me<G> {
    /// The stable id of the person, device or key.
    async fn id(&self) -> Option<ID> {
        match &self.caller {
            Caller::Person { person, .. } => Some(to_id(*person)),
            Caller::Device { device, .. } => Some(to_id(*device)),
            Caller::Program { key, .. } => Some(to_id(*key)),
            Caller::Anonymous | Caller::System => None,
        }
    }

    /// The network of the caller.
    async fn network(&self) -> Option<G::Network> {
        match &self.caller {
            Caller::Person { network, .. }
            | Caller::Device { network, .. }
            | Caller::Program { network, .. } => Some(G::Network::from_key(*network)),
            Caller::Anonymous | Caller::System => None,
        }
    }

    /// The person's membership, if any.
    async fn member(&self) -> Option<G::Member> {
        match &self.caller {
            Caller::Person { member, .. } => member.map(G::Member::from_key),
            _ => None,
        }
    }

    /// The person's roles.
    async fn roles(&self) -> Vec<RoleHeld<G>> {
        let Caller::Person { grants, .. } = &self.caller else { return Vec::new() };
        grants.iter().map(|grant| RoleHeld { grant: *grant, graph: PhantomData }).collect()
    }

    /// The roles offered to the person, the oldest offer first; null for devices and programs.
    async fn offered_roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<RoleOffer<G>>>, Error> {
        if !matches!(self.caller, Caller::Person { .. }) {
            return Ok(Some(Vec::new()));
        }
        let offers = service(ctx)?.list_offered_roles(ctx.op()?).await.map_err(coded)?;
        Ok(Some(offers.into_iter().map(|offer| RoleOffer(offer, PhantomData)).collect()))
    }

    /// The e-mail with which the person signs in; null for devices, programs and tokens from the command line.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>, Error> {
        Ok(self.account(ctx).await?.map(|account| account.email.as_str().to_owned()))
    }

    /// When the person verified the e-mail; null until then.
    async fn email_verified_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>, Error> {
        Ok(self.account(ctx).await?.and_then(|account| account.email_verified_at).map(Into::into))
    }

    /// The person's second factor; null if none is in force, and for devices and programs.
    async fn second_factor(&self, ctx: &Context<'_>) -> Result<Option<SecondFactor>, Error> {
        if !matches!(self.caller, Caller::Person { .. }) {
            return Ok(None);
        }
        let found = service(ctx)?.find_own_second_factor(ctx.op()?).await.map_err(coded)?;
        Ok(found.and_then(SecondFactor::of))
    }

    /// The accounts at providers with which the person signs in, the oldest link first; null for devices and programs.
    async fn sign_in_links(&self, ctx: &Context<'_>) -> Result<Option<Vec<SignInLink>>, Error> {
        if !matches!(self.caller, Caller::Person { .. }) {
            return Ok(Some(Vec::new()));
        }
        let links = service(ctx)?.list_sign_in_links(ctx.op()?).await.map_err(coded)?;
        Ok(Some(links.into_iter().map(Into::into).collect()))
    }

    /// The person's running sessions, the newest first; null for devices and programs.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>, Error> {
        if !matches!(self.caller, Caller::Person { .. }) {
            return Ok(Some(Vec::new()));
        }
        let op = ctx.op()?;
        let sessions = service(ctx)?.list_sessions(op).await.map_err(coded)?;
        Ok(Some(sessions.into_iter().map(|session| Session::of(session, op.session())).collect()))
    }
}

impl<G> Me<G> {
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>, Error> {
        if !matches!(self.caller, Caller::Person { .. }) {
            return Ok(None);
        }
        service(ctx)?.find_own_account(ctx.op()?).await.map_err(coded)
    }
}

/// A role at a place.
pub struct RoleHeld<G> {
    grant: Grant,
    graph: PhantomData<fn() -> G>,
}

/// A role at a hub or in a whole network.
#[Object(name = "RoleHeld")]
impl<G: Graph> RoleHeld<G> {
    /// The role.
    async fn role(&self) -> Role {
        self.grant.role.into()
    }

    /// The hub, if the role is held at one.
    async fn hub(&self) -> Option<G::Hub> {
        match self.grant.at {
            Place::Hub(hub) => Some(G::Hub::from_key(hub)),
            Place::Network(_) => None,
        }
    }

    /// The network, if the role is held in all of it.
    async fn network(&self) -> Option<G::Network> {
        match self.grant.at {
            Place::Network(network) => Some(G::Network::from_key(network)),
            Place::Hub(_) => None,
        }
    }
}

/// A person's role at a place.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "kernel::Role")]
pub enum Role {
    /// Is a member of the hub.
    Member,
    /// Runs a hub day by day.
    Operator,
    /// Decides a hub's plans, tariffs, roles and devices.
    Administrator,
    /// Reads a network's indicators and settles its months.
    Coordinator,
    /// Brings hubs into a network and assigns its roles; has no access to a hub's members and daily work.
    NetworkAdministrator,
}
