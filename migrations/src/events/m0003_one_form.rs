//! Rewrites titles and summaries of events in their canonical form (`kernel::text`).

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
        rewrite(manager, &COLUMNS).await
    }
}

const COLUMNS: [Texts; 2] = [
    Texts::of("event", "event_id", "title", texts::line),
    Texts::of("event", "event_id", "summary", texts::lines),
];
