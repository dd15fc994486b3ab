//! The outbox, the inbox and the dead letters.

use sea_orm_migration::prelude::*;

use crate::run;

/// Creates outbox, inbox and dead letters.
pub(crate) struct Plumbing;

impl MigrationName for Plumbing {
    fn name(&self) -> &'static str {
        "plumbing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Plumbing {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "create table if not exists outbox (
                position {position},
                event_id {uuid} not null,
                emitted_at {ts} not null,
                body text not null,
                claimed_until_ms bigint not null default 0
            );
            create table if not exists inbox (
                consumer text not null,
                event_id {uuid} not null,
                primary key (consumer, event_id)
            );
            create table if not exists dead_letter (
                consumer text not null,
                event_id {uuid} not null,
                said_at {ts} not null,
                body text not null,
                reason text not null,
                primary key (consumer, event_id)
            );",
        )
        .await
    }
}
