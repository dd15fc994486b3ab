//! Rewrites e-mails of accounts and names of keys in their canonical form (`kernel::text`).

use sea_orm_migration::prelude::*;

use crate::texts::{self, Texts, rewrite};

pub(super) struct OneForm;

impl MigrationName for OneForm {
    fn name(&self) -> &'static str {
        "identity_9_one_form_of_texts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OneForm {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewrite(manager, &COLUMNS).await
    }
}

const COLUMNS: [Texts; 2] = [
    Texts::of("sign_in_account", "person_id", "email", texts::email).unique(),
    Texts::of("api_key", "key_id", "name", texts::line),
];
