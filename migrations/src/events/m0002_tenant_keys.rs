//! Foreign keys with the tenant: an event names a hub of its network, a seat the same hub as its event and a known
//! member.

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
create unique index events_hub_of_network on events_hub (network_id, hub_id);
create unique index event_at_hub on event (network_id, hub_id, event_id);";

const KEYS: [TenantKey; 3] = [
    TenantKey::new("event", "network_id, hub_id").to("events_hub"),
    TenantKey::new("seat", "network_id, hub_id, event_id").to("event").instead_of("network_id, event_id"),
    TenantKey::new("seat", "network_id, member_id").to("events_member"),
];
