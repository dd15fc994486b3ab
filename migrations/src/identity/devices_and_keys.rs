//! Secrets of devices and keys of programs, as hashes. A device has one working secret at a time.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

pub(super) struct DevicesAndKeys;

impl MigrationName for DevicesAndKeys {
    fn name(&self) -> &'static str {
        "identity_3_devices_and_keys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for DevicesAndKeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        tenant_table(manager, "device_secret", Tenancy::Network).await?;
        tenant_table(manager, "api_key", Tenancy::Network).await
    }
}

const TABLES: &str = "
create table device_secret (
    secret_id {uuid} not null primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    device_id {uuid} not null,
    capability text not null,
    secret_hash text not null,
    issued_at {ts} not null,
    issued_by {uuid},
    used_at {ts},
    revoked_at {ts},
    foreign key (network_id, device_id) references identity_device (network_id, device_id)
);
create unique index device_secret_working on device_secret (network_id, device_id) where revoked_at is null;
create table api_key (
    key_id {uuid} not null primary key,
    network_id {uuid} not null,
    hub_id {uuid},
    name text not null,
    scopes text not null,
    secret_hash text not null,
    issued_at {ts} not null,
    issued_by {uuid},
    expires_at {ts},
    used_at {ts},
    revoked_at {ts}
);
create index api_key_place on api_key (network_id, hub_id);";
