//! Roaming's fields of a member.

use std::marker::PhantomData;

use async_graphql::{Context, Object, Result};
use graph::{Connection, Graph, OpContextExt, checked, coded, connection};
use kernel::{MemberId, PageArguments};

use super::{ChargeNode, RoamingPassNode, loaders::Loaders, service};
use crate::RoamingError;

/// Roaming's fields of a member.
#[derive(Debug, Clone, Copy)]
pub struct MemberFields<G>(MemberId, PhantomData<fn() -> G>);

impl<G> From<MemberId> for MemberFields<G> {
    fn from(member: MemberId) -> Self {
        Self(member, PhantomData)
    }
}

#[Object(name = "RoamingMemberFields")]
impl<G: Graph> MemberFields<G> {
    /// The pass that lets the member use other hubs of the network; null if there is none. For the member, and for
    /// the staff of the home hub.
    async fn roaming_pass(&self, ctx: &Context<'_>) -> Option<Result<RoamingPassNode<G>>> {
        self.find_pass(ctx).await.transpose()
    }

    /// The charges for the member's visits, including credits, latest first. For the member, and for the staff of the
    /// home hub.
    async fn charges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Option<Result<Connection<ChargeNode<G>>>> {
        Some(self.list_charges(ctx, PageArguments { first, after, last, before }).await)
    }
}

impl<G: Graph> MemberFields<G> {
    async fn find_pass(&self, ctx: &Context<'_>) -> Result<Option<RoamingPassNode<G>>> {
        match Loaders::find(ctx)?.load_one(self.0).await? {
            Some(Ok(pass)) => Ok(pass.map(RoamingPassNode::from)),
            Some(Err(refused)) => Err(coded(RoamingError::from(refused))),
            None => Ok(None),
        }
    }

    async fn list_charges(
        &self,
        ctx: &Context<'_>,
        page: PageArguments,
    ) -> Result<Connection<ChargeNode<G>>> {
        let page = checked(page)?;
        let charges = service(ctx)?.list_charges(ctx.op()?, self.0, &page).await.map_err(coded)?;
        Ok(connection(charges, |charge| charge.id.to_string(), ChargeNode::from))
    }
}
