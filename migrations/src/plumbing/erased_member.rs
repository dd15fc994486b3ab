//! Erased members, by an id that no longer leads to a person. An event that was emitted before an erasure and arrives
//! after it does not restore the member.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

/// Creates `erased_member`.
pub(crate) struct ErasedMember;

impl MigrationName for ErasedMember {
    fn name(&self) -> &'static str {
        "plumbing_7_erased_member"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ErasedMember {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLE).await?;
        tenant_table(manager, "erased_member", Tenancy::Network).await
    }
}

const TABLE: &str = "
create table if not exists erased_member (
    network_id {uuid} not null,
    member_id {uuid} not null,
    primary key (network_id, member_id)
);";
