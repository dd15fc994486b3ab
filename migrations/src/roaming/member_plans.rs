//! The published plan rules of members. Members who joined before plans were published keep their rights: no rule
//! limits them.

use sea_orm_migration::prelude::*;

use crate::run;

pub(crate) struct MemberPlans;

impl MigrationName for MemberPlans {
    fn name(&self) -> &'static str {
        "roaming_6_member_plans"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for MemberPlans {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, PLANS).await
    }
}

const PLANS: &str = "
alter table roaming_member add column plan text not null default 'unknown'
    check (plan in ('unknown', 'none', 'home', 'roaming'));";
