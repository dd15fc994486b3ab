//! The open visits of a hub are found by the hub first, those of a person by `visit_open_once`: an index that begins with
//! the network answers neither question, and a planner may think it does.

use sea_orm_migration::prelude::*;

use crate::run;

pub(crate) struct OpenVisits;

impl MigrationName for OpenVisits {
    fn name(&self) -> &'static str {
        "membership_7_open_visits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OpenVisits {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "drop index visit_open;
create index visit_open on visit (hub_id, network_id) where ended_at is null and not annulled;";
        run(manager, sql).await
    }
}
