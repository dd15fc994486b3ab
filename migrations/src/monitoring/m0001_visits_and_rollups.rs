//! Monitoring's copy of visits, and the three roll-ups that serve every query about them (R17).
//!
//! A roll-up changes by differences, and a difference may be negative when it is inserted, so these tables have no
//! check on the sign. A row of zeros means the same as no row.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

/// Creates `monitoring_network`, `monitoring_hub`, `monitoring_visit`, `hub_day`, `hub_month` and `network_month`.
pub(super) struct VisitsAndRollups;

impl MigrationName for VisitsAndRollups {
    fn name(&self) -> &'static str {
        "0001_visits_and_rollups"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for VisitsAndRollups {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COPIES).await?;
        run(manager, ROLLUPS).await?;
        tenant_table(manager, "monitoring_network", Tenancy::Directory).await?;
        tenant_table(manager, "monitoring_hub", Tenancy::Directory).await?;
        tenant_table(manager, "monitoring_visit", Tenancy::Hub).await?;
        tenant_table(manager, "hub_day", Tenancy::Hub).await?;
        tenant_table(manager, "hub_month", Tenancy::Hub).await?;
        tenant_table(manager, "network_month", Tenancy::Network).await
    }
}

const COPIES: &str = "
    create table monitoring_network (
        network_id {uuid} not null primary key
    );
    create table monitoring_hub (
        hub_id {uuid} not null primary key,
        network_id {uuid} not null,
        time_zone text not null
    );
    create table monitoring_visit (
        network_id {uuid} not null,
        visit_id {uuid} not null,
        hub_id {uuid} not null,
        home_hub_id {uuid} not null,
        started_at {ts} not null,
        ended_at {ts},
        revision bigint not null,
        annulled boolean not null,
        primary key (network_id, visit_id)
    );";

const ROLLUPS: &str = "
    create table hub_day (
        network_id {uuid} not null,
        hub_id {uuid} not null,
        day {day} not null,
        visits bigint not null,
        minutes bigint not null,
        roaming_visits bigint not null,
        roaming_minutes bigint not null,
        primary key (network_id, hub_id, day)
    );
    create table hub_month (
        network_id {uuid} not null,
        hub_id {uuid} not null,
        month {day} not null,
        visits bigint not null,
        minutes bigint not null,
        roaming_visits bigint not null,
        roaming_minutes bigint not null,
        primary key (network_id, hub_id, month)
    );
    create table network_month (
        network_id {uuid} not null,
        month {day} not null,
        visits bigint not null,
        minutes bigint not null,
        roaming_visits bigint not null,
        roaming_minutes bigint not null,
        primary key (network_id, month)
    );";
