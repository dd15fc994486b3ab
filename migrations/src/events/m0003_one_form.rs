//! Titles and summaries of events, in the one form that each has today (`kernel::text`).

use sea_orm_migration::prelude::*;

use crate::texts::{self, Texts, rewrite};

pub(super) struct OneForm;

impl MigrationName for OneForm {
    fn name(&self) -> &'static str {
        "0003_one_form_of_texts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OneForm {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewrite(manager, &[event("title", texts::line), event("summary", texts::lines)]).await
    }
}

const fn event(column: &'static str, form: fn(&str) -> Option<String>) -> Texts {
    Texts { table: "event", id: "event_id", column, form, is_unique: false }
}
