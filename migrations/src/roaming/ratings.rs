//! The rating number of a charge: how often its revision of the visit has been rated. Another visit of the same day
//! may change the price; then the charge is credited and charged anew.
//!
//! Always true: a rating of a revision of a visit is charged once (R11).

use sea_orm_migration::prelude::*;

use crate::run;

pub(crate) struct Ratings;

impl MigrationName for Ratings {
    fn name(&self) -> &'static str {
        "roaming_5_ratings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Ratings {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, RATINGS).await
    }
}

const RATINGS: &str = "
alter table charge add column rating bigint not null default 1;
drop index charge_once_per_telling;
create unique index charge_once_per_rating on charge (network_id, visit_id, revision, rating)
    where credits is null;";
