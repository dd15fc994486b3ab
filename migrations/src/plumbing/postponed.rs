//! The outbox records until when an event is postponed. Before, it recorded until when a relay had claimed it; a
//! relay now holds its rows by its transaction.

use sea_orm_migration::prelude::*;

use crate::run;

pub(crate) struct Postponed;

impl MigrationName for Postponed {
    fn name(&self) -> &'static str {
        "postponed"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Postponed {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.has_column("outbox", "claimed_until_ms").await? {
            run(manager, "alter table outbox rename column claimed_until_ms to postponed_until_ms;").await?;
        }
        Ok(())
    }
}
