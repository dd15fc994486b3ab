//! A member's seats are found by the member with the events they are at, so that SQLite need not read all seats of the
//! network to learn which events those are.

use sea_orm_migration::prelude::*;

use crate::run;

pub(super) struct AskedOften;

impl MigrationName for AskedOften {
    fn name(&self) -> &'static str {
        "0004_asked_often"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AskedOften {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEXES).await
    }
}

const INDEXES: &str = "
drop index seat_by_member;
create index seat_of_member on seat (network_id, member_id, seat_id, event_id);";
