//! Rewrites e-mails and names of members and names and addresses of places in their canonical form (`kernel::text`).

use sea_orm_migration::prelude::*;

use crate::texts::{self, Texts, rewrite};

pub(super) struct OneForm;

impl MigrationName for OneForm {
    fn name(&self) -> &'static str {
        "membership_10_one_form_of_texts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OneForm {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rewrite(manager, &COLUMNS).await
    }
}

const COLUMNS: [Texts; 10] = [
    Texts::of("person", "person_id", "email", texts::email).unique(),
    Texts::of("person", "person_id", "name", texts::line),
    Texts::of("network", "network_id", "name", texts::line),
    Texts::of("hub", "hub_id", "name", texts::line),
    Texts::of("hub", "hub_id", "legal_name", texts::line),
    Texts::of("hub", "hub_id", "tax_number", texts::line),
    Texts::of("hub", "hub_id", "address", texts::address),
    Texts::of("space", "space_id", "name", texts::line),
    Texts::of("resource", "resource_id", "name", texts::line),
    Texts::of("plan", "plan_id", "name", texts::line),
];
