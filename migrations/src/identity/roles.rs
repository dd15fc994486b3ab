//! Roles: who holds which role, at which place, from when until when, and who granted it. A role is revoked by
//! setting an instant, never by deleting its row.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

pub(super) struct Roles;

impl MigrationName for Roles {
    fn name(&self) -> &'static str {
        "identity_2_roles"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Roles {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        tenant_table(manager, "role_assignment", Tenancy::Network).await
    }
}

const TABLES: &str = "
create table role_assignment (
    assignment_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    role text not null check (role in ('operator', 'administrator', 'coordinator', 'network_administrator')),
    hub_id {uuid},
    valid_from {ts} not null,
    valid_until {ts},
    granted_at {ts} not null,
    granted_by {uuid},
    revoked_at {ts},
    revoked_by {uuid},
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id),
    check ((role in ('operator', 'administrator')) = (hub_id is not null)),
    check (valid_until > valid_from)
);
create index role_assignment_person on role_assignment (network_id, person_id);
create index role_assignment_hub on role_assignment (network_id, hub_id);";
