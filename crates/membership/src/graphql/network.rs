//! Membership's fields of a network.

use std::marker::PhantomData;

use async_graphql::{Context, Object, Result, dataloader::DataLoader};
use graph::{Counted, Entity, Graph, OpContextExt, connection, is_counted};
use kernel::{NetworkId, PageArguments, PageRequest};

use super::{loaders::Networks, refuse, service};
use crate::{MembershipError, Network};

/// Membership's fields of a network. All fields are public.
pub struct NetworkFields<G> {
    id: NetworkId,
    graph: PhantomData<fn() -> G>,
}

impl<G> From<NetworkId> for NetworkFields<G> {
    fn from(id: NetworkId) -> Self {
        Self { id, graph: PhantomData }
    }
}

impl<G> std::fmt::Debug for NetworkFields<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NetworkFields({})", self.id)
    }
}

impl<G> NetworkFields<G> {
    async fn network(&self, ctx: &Context<'_>) -> Result<Network> {
        let networks = ctx.data::<DataLoader<Networks>>()?;
        networks.load_one(self.id).await?.ok_or_else(|| refuse(MembershipError::NotFound("network")))
    }
}

#[Object(name = "MembershipNetworkFields")]
impl<G: Graph> NetworkFields<G> {
    /// The slug used in URLs.
    async fn slug(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.network(ctx).await?.slug)
    }

    /// The display name.
    async fn name(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.network(ctx).await?.name)
    }

    /// The currency in which hubs of different currencies clear, ISO 4217.
    async fn clearing_currency(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.network(ctx).await?.clearing_currency.to_string())
    }

    /// The IANA time zone that bounds the network's months.
    async fn time_zone(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.network(ctx).await?.time_zone.to_string())
    }

    /// The network's hubs, in order of their slugs.
    async fn hubs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Result<Option<Counted<G::Hub>>> {
        let page = PageRequest::of(PageArguments { first, after, last, before }).map_err(refuse)?;
        let hubs = service(ctx)?.list_hubs(ctx.op()?, Some(self.id), &page).await.map_err(refuse)?;
        let total = if is_counted(ctx) {
            Some(service(ctx)?.count_hubs(ctx.op()?, Some(self.id)).await.map_err(refuse)?)
        } else {
            None
        };
        let hubs = connection(hubs, |it| it.slug.clone(), |it| G::Hub::from_key(it.id));
        Ok(Some(hubs.counted(total)))
    }
}
