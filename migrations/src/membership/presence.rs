//! Touches and the visits derived from them.
//!
//! The key of a touch makes it count once (R2). The partial index on visits keeps a person in one place (R1), even if
//! two hubs admit them at the same instant.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

pub(crate) struct Presence;

impl MigrationName for Presence {
    fn name(&self) -> &'static str {
        "membership_2_presence"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Presence {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        tenant_table(manager, "touch", Tenancy::Hub).await?;
        tenant_table(manager, "visit", Tenancy::Hub).await
    }
}

const TABLES: &str = "
create table touch (
    touch_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    reporter text not null,
    event_id text not null,
    at {ts} not null,
    received_at {ts} not null,
    direction text not null,
    source text not null,
    person_id {uuid},
    member_id {uuid},
    denied text,
    skewed boolean not null,
    effect text not null,
    visit_id {uuid},
    unique (hub_id, reporter, event_id),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);
create index touch_person on touch (person_id, at) where denied is null;
create table visit (
    visit_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    person_id {uuid} not null,
    member_id {uuid} not null,
    home_hub_id {uuid} not null,
    category text not null,
    source text not null,
    started_at {ts} not null,
    ended_at {ts},
    ended_by text,
    annulled boolean not null,
    revision bigint not null,
    foreign key (network_id, hub_id) references hub (network_id, hub_id),
    foreign key (network_id, member_id) references member (network_id, member_id),
    check (ended_at >= started_at),
    check ((ended_at is null) = (ended_by is null))
);
create unique index visit_open_once on visit (person_id) where ended_at is null and not annulled;
create index visit_open on visit (network_id, hub_id) where ended_at is null and not annulled;
create index visit_person on visit (person_id, started_at);
create index visit_member on visit (member_id, started_at);
create index visit_hub on visit (hub_id, started_at);";
