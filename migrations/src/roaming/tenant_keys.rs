//! Foreign keys with the tenant: passes and charges name a member together with the member's home hub, the lines of a
//! charge the same hub and member as the charge, settled months hubs of the network. So a visit is charged once both
//! its hubs and its member are known.

use sea_orm_migration::prelude::*;

use crate::{
    run,
    tenant_keys::{TenantKey, tenant_keys},
};

pub(crate) struct TenantKeys;

impl MigrationName for TenantKeys {
    fn name(&self) -> &'static str {
        "roaming_4_tenant_keys"
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
create unique index roaming_member_at_home on roaming_member (network_id, home_hub_id, member_id);
create unique index charge_at_hub_of_member on charge (network_id, charge_id, hub_id, member_id);";

const KEYS: [TenantKey; 6] = [
    TenantKey::new("roaming_pass", "network_id, home_hub_id, member_id")
        .to("roaming_member")
        .instead_of("network_id, member_id"),
    TenantKey::new("charge", "network_id, home_hub_id, member_id").to("roaming_member"),
    TenantKey::new("charge_line", "network_id, charge_id, hub_id, member_id")
        .to("charge")
        .instead_of("network_id, charge_id"),
    TenantKey::new("settlement_position", "network_id, hub_id").to("roaming_hub"),
    TenantKey::new("gross_position", "network_id, home_hub_id")
        .to_columns("roaming_hub", "network_id, hub_id"),
    TenantKey::new("gross_position", "network_id, host_hub_id")
        .to_columns("roaming_hub", "network_id, hub_id"),
];
