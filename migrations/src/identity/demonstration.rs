//! Marks demonstration networks: a production installation does not serve them.

use sea_orm_migration::prelude::*;

use crate::run;

pub(super) struct Demonstration;

impl MigrationName for Demonstration {
    fn name(&self) -> &'static str {
        "identity_5_demonstration"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Demonstration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "alter table identity_network add column demonstration boolean not null default false;")
            .await
    }
}
