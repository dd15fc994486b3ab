//! Settled months.
//!
//! Always true: a network settles a month once (R14); a hub's net is earned less owed plus commission.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, append_only::append_only, run, tenant_table};

pub(crate) struct Settlements;

impl MigrationName for Settlements {
    fn name(&self) -> &'static str {
        "roaming_2_settlements"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Settlements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        for table in ["settlement", "settlement_position", "gross_position"] {
            tenant_table(manager, table, Tenancy::Network).await?;
            append_only(manager, table).await?;
        }
        Ok(())
    }
}

const TABLES: &str = "
create table settlement (
    network_id {uuid} not null,
    settlement_id {uuid} not null,
    month text not null,
    closed_at {ts} not null,
    rates text not null,
    clearing_currency text not null,
    network_commission_minor bigint not null,
    primary key (network_id, settlement_id),
    unique (network_id, month)
);
create table settlement_position (
    network_id {uuid} not null,
    settlement_id {uuid} not null,
    hub_id {uuid} not null,
    currency text not null,
    earned_minor bigint not null,
    owed_minor bigint not null,
    commission_minor bigint not null,
    net_minor bigint not null,
    primary key (network_id, settlement_id, hub_id),
    check (net_minor = earned_minor - owed_minor + commission_minor),
    foreign key (network_id, settlement_id) references settlement (network_id, settlement_id)
);
create table gross_position (
    network_id {uuid} not null,
    settlement_id {uuid} not null,
    home_hub_id {uuid} not null,
    host_hub_id {uuid} not null,
    currency text not null,
    gross_minor bigint not null,
    home_commission_minor bigint not null,
    network_commission_minor bigint not null,
    primary key (network_id, settlement_id, home_hub_id, host_hub_id),
    foreign key (network_id, settlement_id) references settlement (network_id, settlement_id)
);";
