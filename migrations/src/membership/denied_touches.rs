//! An index for a person's denied touches, which their export reads. Other touches have an index already; denials are
//! few.

use sea_orm_migration::prelude::*;

use crate::run;

pub(crate) struct DeniedTouches;

impl MigrationName for DeniedTouches {
    fn name(&self) -> &'static str {
        "membership_4_denied_touches"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for DeniedTouches {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "create index touch_denied_person on touch (person_id, at) where denied is not null;")
            .await
    }
}
