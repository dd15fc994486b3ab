//! Outgoing mail, and whether an address is verified. A queued message holds no code: the code is made when it is
//! sent.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

pub(super) struct Mail;

impl MigrationName for Mail {
    fn name(&self) -> &'static str {
        "identity_4_mail"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Mail {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        tenant_table(manager, "outgoing_mail", Tenancy::Network).await
    }
}

const TABLES: &str = "
alter table sign_in_account add column email_verified_at {ts};
alter table one_time_code add column mailed boolean not null default false;
create table outgoing_mail (
    mail_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    purpose text not null,
    queued_at {ts} not null,
    due_at {ts} not null,
    tries bigint not null,
    given_up_at {ts},
    given_up_why text,
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index outgoing_mail_due on outgoing_mail (network_id, due_at) where given_up_at is null;";
