//! Second factors, recovery codes, and sign-ins that wait for a second factor. A factor's secret is sealed with a key
//! that is not in the database.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

pub(super) struct SecondFactor;

impl MigrationName for SecondFactor {
    fn name(&self) -> &'static str {
        "identity_6_second_factor"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SecondFactor {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in ["second_factor", "recovery_code", "sign_in_challenge"] {
            tenant_table(manager, table, Tenancy::Network).await?;
        }
        Ok(())
    }
}

const TABLES: &str = "
create table second_factor (
    network_id {uuid} not null,
    person_id {uuid} not null,
    sealed_secret text not null,
    enrolled_at {ts} not null,
    confirmed_at {ts},
    last_step bigint,
    primary key (network_id, person_id),
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id),
    check ((confirmed_at is null) = (last_step is null))
);
create table recovery_code (
    code_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    code_hash text not null,
    made_at {ts} not null,
    used_at {ts},
    unique (network_id, person_id, code_hash),
    foreign key (network_id, person_id) references second_factor (network_id, person_id)
);
create table sign_in_challenge (
    challenge_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    secret_hash text not null,
    tries bigint not null,
    made_at {ts} not null,
    expires_at {ts} not null,
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index sign_in_challenge_person on sign_in_challenge (network_id, person_id);";
