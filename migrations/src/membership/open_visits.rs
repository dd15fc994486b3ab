//! Indexes for open visits: those of a hub are found by the hub first, those of a person by `visit_open_once`. An
//! index that begins with the network serves neither query, but a planner may choose it.

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
