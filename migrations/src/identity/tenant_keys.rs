//! Foreign keys with the tenant: devices, keys of programs and roles name a hub of their network, a device's secret
//! the same hub as the device.

use sea_orm_migration::prelude::*;

use crate::{
    run,
    tenant_keys::{TenantKey, tenant_keys},
};

pub(super) struct TenantKeys;

impl MigrationName for TenantKeys {
    fn name(&self) -> &'static str {
        "identity_5_tenant_keys"
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
create unique index identity_hub_of_network on identity_hub (network_id, hub_id);
create unique index identity_device_at_hub on identity_device (network_id, hub_id, device_id);";

const KEYS: [TenantKey; 4] = [
    TenantKey::new("identity_device", "network_id, hub_id").to("identity_hub"),
    TenantKey::new("device_secret", "network_id, hub_id, device_id")
        .to("identity_device")
        .instead_of("network_id, device_id"),
    TenantKey::new("api_key", "network_id, hub_id").to("identity_hub"),
    TenantKey::new("role_assignment", "network_id, hub_id").to("identity_hub"),
];
