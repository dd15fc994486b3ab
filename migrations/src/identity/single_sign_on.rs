//! Single sign-on: links between provider accounts and accounts here, and sign-ins on their way back from a provider.
//! An account that is opened by single sign-on has no password. Networks carry their slugs, by which the
//! configuration of a provider names its network.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{Tenancy, run, sqlite_schema::rewritten, tenant_table};

pub(super) struct SingleSignOn;

impl MigrationName for SingleSignOn {
    fn name(&self) -> &'static str {
        "identity_7_single_sign_on"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SingleSignOn {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in ["sign_in_link", "sign_in_handover"] {
            tenant_table(manager, table, Tenancy::Network).await?;
        }
        without_password(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Lets an account be active without a password. Rows that satisfy the narrower check satisfy the wider one.
async fn without_password(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        let sql = format!(
            "alter table sign_in_account drop constraint sign_in_account_check; \
             alter table sign_in_account add constraint sign_in_account_check {WIDER};"
        );
        manager.get_connection().execute_unprepared(&sql).await?;
        return Ok(());
    }
    let widened = |text: &str| text.contains(NARROWER).then(|| text.replace(NARROWER, WIDER));
    rewritten(manager, "sign_in_account", widened).await
}

const NARROWER: &str = "check ((password_hash is null) = (activated_at is null))";
const WIDER: &str = "check (password_hash is null or activated_at is not null)";

const TABLES: &str = "
alter table identity_network add column slug text;
create table sign_in_link (
    link_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    issuer text not null,
    subject text not null,
    linked_at {ts} not null,
    used_at {ts} not null,
    unique (network_id, issuer, subject),
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index sign_in_link_person on sign_in_link (network_id, person_id);
create table sign_in_handover (
    handover_id {uuid} not null primary key,
    network_id {uuid} not null,
    issuer text not null,
    subject text not null,
    email text,
    code_challenge text not null,
    secret_hash text not null,
    made_at {ts} not null,
    expires_at {ts} not null
);
create index sign_in_handover_over on sign_in_handover (network_id, expires_at);";
