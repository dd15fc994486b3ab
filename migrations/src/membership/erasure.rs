//! The instant at which a person was erased. The row stays without personal data, because visits, charges and the
//! audit log refer to it and must stay consistent.

use sea_orm_migration::prelude::*;

use crate::run;

pub(crate) struct Erasure;

impl MigrationName for Erasure {
    fn name(&self) -> &'static str {
        "membership_3_erasure"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Erasure {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "alter table person add column erased_at {ts};").await
    }
}
