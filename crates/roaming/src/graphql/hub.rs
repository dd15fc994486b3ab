//! Roaming's fields of a hub.

use async_graphql::{Context, Object, Result};
use graph::{AuditRecord, Connection, OpContextExt, audit_connection, coded};
use kernel::{HubId, PageArguments};

use super::{TariffNode, checked, loaders::Loaders, roaming};

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

    /// The audit log of this hub's prices and roaming passes, latest first. For the hub's administrators.
    #[expect(clippy::too_many_arguments, reason = "a list of the graph has four arguments of its own")]
    async fn roaming_audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only records of this action, such as `tariff.published`.")] action: Option<String>,
        #[graphql(desc = "The number of items, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
        #[graphql(desc = "The number of items from the end, 1 to 100; not with `first` or `after`.")]
        last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends; not with `first` or `after`.")]
        before: Option<String>,
    ) -> Option<Result<Connection<AuditRecord>>> {
        Some(self.read_audit(ctx, action, PageArguments { first, after, last, before }).await)
    }
}

impl HubFields {
    async fn find_tariff(&self, ctx: &Context<'_>) -> Result<Option<TariffNode>> {
        let tariff = Loaders::find(ctx)?.load_one(self.0).await.map_err(coded)?;
        Ok(tariff.map(TariffNode::from))
    }

    async fn read_audit(
        &self,
        ctx: &Context<'_>,
        action: Option<String>,
        page: PageArguments,
    ) -> Result<Connection<AuditRecord>> {
        let page = checked(page)?;
        let read = roaming(ctx)?.read_hub_audit(ctx.op()?, self.0, action.as_deref(), page).await;
        Ok(audit_connection(read.map_err(coded)?))
    }
}
