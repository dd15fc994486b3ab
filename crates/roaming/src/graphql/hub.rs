//! What roaming adds to a hub.

use async_graphql::{Context, Object, Result};
use graph::coded;
use kernel::HubId;

use super::{TariffNode, loaders::Loaders};

/// Roaming's fields of a hub.
#[derive(Debug, Clone, Copy)]
pub struct HubFields(HubId);

impl From<HubId> for HubFields {
    fn from(hub: HubId) -> Self {
        Self(hub)
    }
}

#[Object(name = "RoamingHubFields")]
impl HubFields {
    /// What guests pay here, as it counts now. Public. Null if the hub asks nothing.
    async fn guest_tariff(&self, ctx: &Context<'_>) -> Option<Result<TariffNode>> {
        self.find_tariff(ctx).await.transpose()
    }
}

impl HubFields {
    async fn find_tariff(&self, ctx: &Context<'_>) -> Result<Option<TariffNode>> {
        let tariff = Loaders::find(ctx)?.load_one(self.0).await.map_err(coded)?;
        Ok(tariff.map(TariffNode::from))
    }
}
