//! The fields that this service adds to `Hub`.

use std::marker::PhantomData;

use async_graphql::{Context, Error, Object};
use graph::{Graph, OpContextExt, coded};
use kernel::{HubId, Place};

use super::{ApiKey, DeviceSecret, RoleAssignment, service};

/// Identity's fields of a hub.
#[derive(Debug, Clone, Copy)]
pub struct HubFields<G>(HubId, PhantomData<fn() -> G>);

impl<G> From<HubId> for HubFields<G> {
    fn from(id: HubId) -> Self {
        Self(id, PhantomData)
    }
}

#[Object(name = "IdentityHubFields")]
impl<G: Graph> HubFields<G> {
    /// The present and future role assignments of this hub, at most 500. Visible to those who decide about roles here.
    async fn roles(&self, ctx: &Context<'_>) -> Option<Result<Vec<RoleAssignment<G>>, Error>> {
        Some(self.read(ctx).await)
    }

    /// The API keys of this hub, without their secrets, at most 500. Visible to those who manage keys here.
    async fn api_keys(&self, ctx: &Context<'_>) -> Option<Result<Vec<ApiKey<G>>, Error>> {
        Some(self.read_keys(ctx).await)
    }

    /// The device secrets of this hub, without the secrets themselves, at most 500. Visible to those who manage devices
    /// here.
    async fn device_secrets(&self, ctx: &Context<'_>) -> Option<Result<Vec<DeviceSecret>, Error>> {
        Some(self.read_device_secrets(ctx).await)
    }
}

impl<G: Graph> HubFields<G> {
    async fn read(&self, ctx: &Context<'_>) -> Result<Vec<RoleAssignment<G>>, Error> {
        let roles = service(ctx)?.list_roles(ctx.op()?, Place::Hub(self.0)).await.map_err(coded)?;
        Ok(roles.into_iter().map(|(role, account)| RoleAssignment::of(role, account)).collect())
    }

    async fn read_keys(&self, ctx: &Context<'_>) -> Result<Vec<ApiKey<G>>, Error> {
        let keys = service(ctx)?.list_api_keys(ctx.op()?, Place::Hub(self.0)).await.map_err(coded)?;
        Ok(keys.into_iter().map(|key| ApiKey(key, PhantomData)).collect())
    }

    async fn read_device_secrets(&self, ctx: &Context<'_>) -> Result<Vec<DeviceSecret>, Error> {
        let secrets = service(ctx)?.list_device_secrets(ctx.op()?, self.0).await.map_err(coded)?;
        Ok(secrets.into_iter().map(DeviceSecret::from).collect())
    }
}
