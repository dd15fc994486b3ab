//! Idempotency keys, under which callers may repeat a request, and the stored outcomes.
//!
//! Always true: a row without an outcome is visible only inside the transaction that wrote it.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

/// Creates `idempotency`.
pub(crate) struct Idempotency;

impl MigrationName for Idempotency {
    fn name(&self) -> &'static str {
        "plumbing_3_idempotency"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Idempotency {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        tenant_table(manager, "idempotency", Tenancy::Network).await
    }
}

const TABLE: &str = "
create table if not exists idempotency (
    network_id {uuid} not null,
    caller text not null,
    operation text not null,
    key text not null,
    input_hash text not null,
    outcome text,
    expires_at {ts} not null,
    primary key (network_id, caller, operation, key)
);
create index if not exists idempotency_expiry on idempotency (network_id, expires_at);";
