//! Foreign keys with the tenant: chips, passes, touches and visits name a member together with the member's home hub
//! or person, so these columns cannot disagree. A wider key replaces a narrower one; so a visit costs as many
//! look-ups as before, and a touch one more.

use sea_orm_migration::prelude::*;

use crate::{
    run,
    tenant_keys::{TenantKey, tenant_keys},
};

pub(crate) struct TenantKeys;

impl MigrationName for TenantKeys {
    fn name(&self) -> &'static str {
        "membership_4_tenant_keys"
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
create unique index member_at_home on member (network_id, hub_id, member_id);
create unique index member_of_person on member (network_id, person_id, member_id);
create unique index member_of_person_at_home on member (network_id, hub_id, person_id, member_id);";

const KEYS: [TenantKey; 4] = [
    TenantKey::new("credential", "network_id, hub_id, member_id")
        .to("member")
        .instead_of("network_id, member_id"),
    TenantKey::new("roaming_pass_copy", "network_id, hub_id, member_id").to("member"),
    TenantKey::new("touch", "network_id, person_id, member_id").to("member"),
    TenantKey::new("visit", "network_id, home_hub_id, person_id, member_id")
        .to_columns("member", "network_id, hub_id, person_id, member_id")
        .instead_of("network_id, member_id"),
];
