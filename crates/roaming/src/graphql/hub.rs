//! Roaming's fields of a hub.

use async_graphql::{Context, Object, Result};
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
    /// The guest tariff valid now. Public. Null if the hub charges guests nothing.
    async fn guest_tariff(&self, ctx: &Context<'_>) -> Option<Result<TariffNode>> {
        self.find_tariff(ctx).await.transpose()
    }
}

impl HubFields {
    async fn find_tariff(&self, ctx: &Context<'_>) -> Result<Option<TariffNode>> {
        let tariff = Loaders::find(ctx)?.load_one(self.0).await?;
        Ok(tariff.map(TariffNode::from))
    }
}
