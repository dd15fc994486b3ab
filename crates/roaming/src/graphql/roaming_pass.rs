//! A roaming pass in the graph.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Object, Result};
use graph::{DateTime, Entity, Graph, OpContextExt, to_id};

use crate::{PassStatus, RoamingPass};

/// A roaming pass.
#[derive(Debug, Clone, Copy)]
pub struct RoamingPassNode<G>(RoamingPass, PhantomData<fn() -> G>);

impl<G> From<RoamingPass> for RoamingPassNode<G> {
    fn from(pass: RoamingPass) -> Self {
        Self(pass, PhantomData)
    }
}

/// The right, granted by the home hub, to use the other hubs of the network.
#[Object(name = "RoamingPass")]
impl<G: Graph> RoamingPassNode<G> {
    /// The stable id.
    async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The member who may roam.
    async fn member(&self) -> G::Member {
        G::Member::from_key(self.0.member)
    }

    /// The hub that issued the pass and pays the hosts.
    async fn home_hub(&self) -> Option<G::Hub> {
        Some(G::Hub::from_key(self.0.home_hub))
    }

    /// The current status.
    async fn status(&self, ctx: &Context<'_>) -> Result<PassStatus> {
        Ok(self.0.status(ctx.op()?.now()))
    }

    /// The start of validity (inclusive).
    async fn valid_from(&self) -> DateTime {
        self.0.valid_from.into()
    }

    /// The end of validity (exclusive); null if open.
    async fn valid_until(&self) -> Option<DateTime> {
        self.0.valid_until.map(Into::into)
    }

    /// The time at which the hub ended the pass; null if it did not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(Into::into)
    }
}
