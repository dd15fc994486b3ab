//! Membership's subscriptions.

use std::marker::PhantomData;

use async_graphql::{Context, ID, Result, Subscription as Subscribe};
use futures_util::{Stream, StreamExt};
use graph::{Graph, parse_id};
use kernel::HubId;

use super::{hub::Occupancy, refuse, service};

/// Membership's part of the subscription root.
pub struct Subscription<G>(PhantomData<fn() -> G>);

impl<G> Default for Subscription<G> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<G> std::fmt::Debug for Subscription<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

#[Subscribe(name = "MembershipSubscription")]
impl<G: Graph> Subscription<G> {
    /// A hub's occupancy: the current state, then every change. Public.
    async fn hub_occupancy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hub to watch.")] hub_id: ID,
    ) -> Result<impl Stream<Item = Occupancy> + use<G>> {
        let id: HubId = parse_id(&hub_id, "hubId")?;
        let membership = service(ctx)?;
        let hub = membership.hub(id).await.map_err(refuse)?;
        let capacity = hub.capacity;
        Ok(membership.live().watch(id).map(move |present| Occupancy::of(present, capacity)))
    }
}
