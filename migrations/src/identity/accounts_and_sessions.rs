//! Accounts, one-time codes, sessions and their refresh tokens; copies of the facts that identity needs from
//! membership.
//!
//! Secrets are stored as hashes only. Every process reads the revocations of all networks, so their table is a
//! directory: it holds ids and instants and no personal data. Sign-in tries belong to no tenant.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

pub(super) struct AccountsAndSessions;

impl MigrationName for AccountsAndSessions {
    fn name(&self) -> &'static str {
        "identity_1_accounts_and_sessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AccountsAndSessions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COPIES).await?;
        run(manager, OWN).await?;
        for table in ["identity_network", "identity_hub", "revocation"] {
            tenant_table(manager, table, Tenancy::Directory).await?;
        }
        for table in [
            "identity_member",
            "identity_device",
            "sign_in_account",
            "one_time_code",
            "session",
            "refresh_token",
        ] {
            tenant_table(manager, table, Tenancy::Network).await?;
        }
        Ok(())
    }
}

const COPIES: &str = "
create table identity_network (
    network_id {uuid} not null primary key
);
create table identity_hub (
    hub_id {uuid} not null primary key,
    network_id {uuid} not null
);
create table identity_member (
    network_id {uuid} not null,
    member_id {uuid} not null,
    person_id {uuid} not null,
    home_hub_id {uuid} not null,
    joined_at {ts} not null,
    primary key (network_id, member_id)
);
create index identity_member_person on identity_member (network_id, person_id);
create table identity_device (
    network_id {uuid} not null,
    hub_id {uuid} not null,
    device_id {uuid} not null,
    code text not null,
    primary key (network_id, device_id)
);";

const OWN: &str = "
create table sign_in_account (
    network_id {uuid} not null,
    person_id {uuid} not null,
    email text not null,
    language text not null,
    password_hash text,
    invited_at {ts} not null,
    activated_at {ts},
    suspended_at {ts},
    primary key (network_id, person_id),
    unique (network_id, email),
    check ((password_hash is null) = (activated_at is null))
);
create table one_time_code (
    code_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    purpose text not null check (purpose in ('invitation', 'password_reset', 'email_verification')),
    secret_hash text not null,
    made_at {ts} not null,
    expires_at {ts} not null,
    used_at {ts},
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index one_time_code_person on one_time_code (network_id, person_id);
create table session (
    session_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    started_at {ts} not null,
    used_at {ts} not null,
    expires_at {ts} not null,
    ended_at {ts},
    ended_by text check (ended_by in ('sign_out', 'reuse', 'suspension', 'new_password')),
    unique (network_id, session_id),
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id),
    check ((ended_at is null) = (ended_by is null))
);
create index session_person on session (network_id, person_id) where ended_at is null;
create table refresh_token (
    token_id {uuid} not null primary key,
    network_id {uuid} not null,
    session_id {uuid} not null,
    secret_hash text not null,
    made_at {ts} not null,
    expires_at {ts} not null,
    replaced_at {ts},
    foreign key (network_id, session_id) references session (network_id, session_id)
);
create index refresh_token_session on refresh_token (network_id, session_id);
create table revocation (
    subject {uuid} not null primary key,
    network_id {uuid} not null,
    not_before {ts} not null,
    until {ts} not null
);
create table sign_in_try (
    key text not null primary key,
    tries bigint not null,
    window_ends_at {ts} not null
);";
