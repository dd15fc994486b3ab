//! The fields that this service adds to `Network`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Graph, OpContextExt, coded};
use kernel::{NetworkId, Place};

use super::{ApiKey, RoleAssignment, service};

/// Identity's fields of a network.
#[derive(Debug, Clone, Copy)]
pub struct NetworkFields<G>(NetworkId, PhantomData<fn() -> G>);

impl<G> From<NetworkId> for NetworkFields<G> {
    fn from(id: NetworkId) -> Self {
        Self(id, PhantomData)
    }
}

#[Object(name = "IdentityNetworkFields")]
impl<G: Graph> NetworkFields<G> {
    /// The present and future role assignments in the whole network, at most 500. Visible to those who decide about
    /// roles in it.
    async fn roles(&self, ctx: &Context<'_>) -> Option<Result<Vec<RoleAssignment<G>>, Error>> {
        Some(self.read(ctx).await)
    }

    /// The API keys of the whole network, without their secrets, at most 500. Visible to those who manage keys in it.
    async fn api_keys(&self, ctx: &Context<'_>) -> Option<Result<Vec<ApiKey<G>>, Error>> {
        Some(self.read_keys(ctx).await)
    }
}

impl<G: Graph> NetworkFields<G> {
    async fn read(&self, ctx: &Context<'_>) -> Result<Vec<RoleAssignment<G>>, Error> {
        let roles = service(ctx)?.list_roles(ctx.op()?, Place::Network(self.0)).await.map_err(coded)?;
        Ok(roles.into_iter().map(|(role, account)| RoleAssignment::of(role, account)).collect())
    }

    async fn read_keys(&self, ctx: &Context<'_>) -> Result<Vec<ApiKey<G>>, Error> {
        let keys = service(ctx)?.list_api_keys(ctx.op()?, Place::Network(self.0)).await.map_err(coded)?;
        Ok(keys.into_iter().map(|key| ApiKey(key, PhantomData)).collect())
    }
}
