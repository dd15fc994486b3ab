//! Networks, hubs and their equipment; persons, members and their chips.
//!
//! A chip's number is unique among the working chips of a network: a touch must name one bearer.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

pub(crate) struct PlacesAndPeople;

impl MigrationName for PlacesAndPeople {
    fn name(&self) -> &'static str {
        "membership_1_places_and_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for PlacesAndPeople {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, PLACES).await?;
        run(manager, PEOPLE).await?;
        for table in ["network", "hub", "space", "resource", "plan"] {
            tenant_table(manager, table, Tenancy::Directory).await?;
        }
        tenant_table(manager, "person", Tenancy::Network).await?;
        for table in ["device", "member", "credential", "roaming_pass_copy"] {
            tenant_table(manager, table, Tenancy::Hub).await?;
        }
        Ok(())
    }
}

const PLACES: &str = "
create table network (
    network_id {uuid} primary key,
    slug text not null unique,
    name text not null,
    clearing_currency text not null,
    time_zone text not null,
    home_commission_bp bigint not null check (home_commission_bp between 0 and 10000),
    network_commission_bp bigint not null check (network_commission_bp between 0 and 10000),
    founded_at {ts} not null
);
create table hub (
    hub_id {uuid} primary key,
    network_id {uuid} not null references network (network_id),
    slug text not null unique,
    name text not null,
    legal_name text not null,
    tax_number text not null,
    kind text not null,
    language text not null,
    time_zone text not null,
    currency text not null,
    opening_hours text not null,
    catchment_population bigint not null check (catchment_population >= 0),
    capacity bigint not null check (capacity > 0),
    address text not null,
    position text not null,
    onboarded_at {ts} not null,
    unique (network_id, hub_id)
);
create table space (
    space_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    code text not null,
    name text not null,
    kind text not null,
    capacity bigint not null check (capacity > 0),
    unique (hub_id, code),
    unique (hub_id, space_id),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);
create table resource (
    resource_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    space_id {uuid} not null,
    code text not null,
    name text not null,
    kind text not null,
    unique (hub_id, code),
    foreign key (network_id, hub_id) references hub (network_id, hub_id),
    foreign key (hub_id, space_id) references space (hub_id, space_id)
);
create table plan (
    plan_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    code text not null,
    name text not null,
    monthly_fee_minor bigint not null check (monthly_fee_minor >= 0),
    included_minutes bigint not null check (included_minutes >= 0),
    roaming boolean not null,
    categories text not null,
    unique (hub_id, code),
    unique (hub_id, plan_id),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);
create table device (
    device_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    code text not null,
    kind text not null,
    unique (hub_id, code),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);";

const PEOPLE: &str = "
create table person (
    person_id {uuid} primary key,
    network_id {uuid} not null references network (network_id),
    name text not null,
    email text not null,
    language text not null,
    unique (network_id, email),
    unique (network_id, person_id)
);
create table member (
    member_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    person_id {uuid} not null,
    category text not null,
    plan_id {uuid},
    joined_at {ts} not null,
    unique (hub_id, person_id),
    unique (network_id, member_id),
    foreign key (network_id, hub_id) references hub (network_id, hub_id),
    foreign key (network_id, person_id) references person (network_id, person_id),
    foreign key (hub_id, plan_id) references plan (hub_id, plan_id)
);
create table credential (
    credential_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    number_hash text not null,
    ending text not null,
    issued_at {ts} not null,
    revoked_at {ts},
    foreign key (network_id, member_id) references member (network_id, member_id)
);
create unique index credential_working on credential (network_id, number_hash) where revoked_at is null;
create index credential_number on credential (network_id, number_hash);
create index credential_member on credential (member_id);
create table roaming_pass_copy (
    pass_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    valid_from {ts} not null,
    valid_until {ts}
);
create index roaming_pass_copy_member on roaming_pass_copy (member_id);";
