//! Roaming's fields of a network.

use std::marker::PhantomData;

use async_graphql::{Context, Object, Result};
use graph::{Connection, Given, Graph, OpContextExt, checked, coded, connection};
use kernel::{Month, NetworkId, PageArguments};

use super::{SettlementNode, service};

/// Roaming's fields of a network.
#[derive(Debug, Clone, Copy)]
pub struct NetworkFields<G>(NetworkId, PhantomData<fn() -> G>);

impl<G> From<NetworkId> for NetworkFields<G> {
    fn from(network: NetworkId) -> Self {
        Self(network, PhantomData)
    }
}

#[Object(name = "RoamingNetworkFields")]
impl<G: Graph> NetworkFields<G> {
    /// The settlement of a month; null while the month is open. The coordinator and the network administrator see all
    /// of it, a hub's staff their own hub's part.
    async fn settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The month, such as `2026-10`.")] month: Given<Month>,
    ) -> Option<Result<SettlementNode<G>>> {
        self.find_settlement(ctx, month).await.transpose()
    }

    /// The settled months, latest first, each as far as the caller may see it.
    async fn settlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Option<Result<Connection<SettlementNode<G>>>> {
        Some(self.list_settlements(ctx, PageArguments { first, after, last, before }).await)
    }
}

impl<G: Graph> NetworkFields<G> {
    async fn find_settlement(
        &self,
        ctx: &Context<'_>,
        month: Given<Month>,
    ) -> Result<Option<SettlementNode<G>>> {
        let month = month.of("month")?;
        let found = service(ctx)?.find_settlement(ctx.op()?, self.0, month).await.map_err(coded)?;
        Ok(found.map(SettlementNode::from))
    }

    async fn list_settlements(
        &self,
        ctx: &Context<'_>,
        page: PageArguments,
    ) -> Result<Connection<SettlementNode<G>>> {
        let page = checked(page)?;
        let months = service(ctx)?.list_settlements(ctx.op()?, self.0, &page).await.map_err(coded)?;
        Ok(connection(months, |settled| settled.month.to_string(), SettlementNode::from))
    }
}
