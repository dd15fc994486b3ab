//! Roaming's copies of networks, hubs and members, and its own decisions about them: passes and tariffs.
//!
//! Always true: a member has at most one pass that has not ended; a tariff version is never edited.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, append_only::append_only, run, tenant_table};

pub(crate) struct PassesAndTariffs;

impl MigrationName for PassesAndTariffs {
    fn name(&self) -> &'static str {
        "roaming_1_passes_and_tariffs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PassesAndTariffs {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, FACTS).await?;
        run(manager, DECISIONS).await?;
        for table in ["roaming_network", "roaming_hub", "tariff"] {
            tenant_table(manager, table, Tenancy::Directory).await?;
        }
        for table in ["roaming_member", "roaming_pass"] {
            tenant_table(manager, table, Tenancy::Network).await?;
        }
        append_only(manager, "tariff").await
    }
}

const FACTS: &str = "
create table roaming_network (
    network_id {uuid} primary key,
    clearing_currency text not null,
    time_zone text not null,
    home_commission_bp bigint not null check (home_commission_bp between 0 and 10000),
    network_commission_bp bigint not null check (network_commission_bp between 0 and 10000)
);
create table roaming_hub (
    hub_id {uuid} primary key,
    network_id {uuid} not null,
    time_zone text not null,
    currency text not null,
    unique (network_id, hub_id)
);
create table roaming_member (
    network_id {uuid} not null,
    member_id {uuid} not null,
    home_hub_id {uuid} not null,
    primary key (network_id, member_id)
);";

const DECISIONS: &str = "
create table roaming_pass (
    network_id {uuid} not null,
    pass_id {uuid} not null,
    member_id {uuid} not null,
    home_hub_id {uuid} not null,
    valid_from {ts} not null,
    valid_until {ts},
    monthly_ceiling_minutes bigint check (monthly_ceiling_minutes > 0),
    issued_at {ts} not null,
    ended_at {ts},
    primary key (network_id, pass_id),
    foreign key (network_id, member_id) references roaming_member (network_id, member_id)
);
create unique index roaming_pass_one_per_member on roaming_pass (network_id, member_id) where ended_at is null;
create table tariff (
    network_id {uuid} not null,
    hub_id {uuid} not null,
    tariff_id {uuid} not null,
    version bigint not null check (version > 0),
    valid_from {ts} not null,
    published_at {ts} not null,
    name text not null,
    currency text not null,
    price_per_hour text not null,
    grace_minutes bigint not null check (grace_minutes >= 0),
    billing_step_seconds bigint not null check (billing_step_seconds > 0),
    minimum_per_day_minor bigint not null check (minimum_per_day_minor >= 0),
    maximum_per_day_minor bigint check (maximum_per_day_minor >= minimum_per_day_minor),
    elements text not null,
    primary key (network_id, tariff_id),
    unique (network_id, hub_id, version),
    foreign key (network_id, hub_id) references roaming_hub (network_id, hub_id)
);";
