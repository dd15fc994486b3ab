//! Foreign keys with the tenant: visits and roll-ups name a hub of their network. A visit event that arrives before
//! its hub waits for it.

use sea_orm_migration::prelude::*;

use crate::{
    run,
    tenant_keys::{TenantKey, tenant_keys},
};

pub(super) struct TenantKeys;

impl MigrationName for TenantKeys {
    fn name(&self) -> &'static str {
        "0002_tenant_keys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for TenantKeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEXES).await?;
        tenant_keys(manager, &KEYS).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const INDEXES: &str = "
create unique index monitoring_hub_of_network on monitoring_hub (network_id, hub_id);";

const KEYS: [TenantKey; 3] = [
    TenantKey::new("monitoring_visit", "network_id, hub_id").to("monitoring_hub"),
    TenantKey::new("hub_day", "network_id, hub_id").to("monitoring_hub"),
    TenantKey::new("hub_month", "network_id, hub_id").to("monitoring_hub"),
];
