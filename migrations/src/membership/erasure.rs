//! When a person was erased. Their row stays, without anything in it that says who they were: visits, charges and the
//! audit log name it, and must keep adding up.

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
