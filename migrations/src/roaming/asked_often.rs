//! A hub's tariffs are found by the hub alone: everybody may see them, so they are asked for without a network.

use sea_orm_migration::prelude::*;

use crate::run;

pub(super) struct AskedOften;

impl MigrationName for AskedOften {
    fn name(&self) -> &'static str {
        "roaming_7_asked_often"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AskedOften {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "create index tariff_hub on tariff (hub_id, version);").await
    }
}
