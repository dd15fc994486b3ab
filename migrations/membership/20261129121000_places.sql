-- Networks, hubs and their equipment: a directory that everybody may read, and the devices of a hub.
--
-- `demonstration` marks networks that a production installation does not serve.

create table network (
    network_id {uuid} primary key,
    slug text not null unique,
    name text not null,
    clearing_currency text not null,
    time_zone text not null,
    home_commission_bp bigint not null check (home_commission_bp between 0 and 10000),
    network_commission_bp bigint not null check (network_commission_bp between 0 and 10000),
    founded_at {ts} not null,
    demonstration boolean not null default false
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
    capacity_is_soft boolean not null default false,
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
-- @tenant directory network hub space resource plan
create table device (
    device_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    code text not null,
    kind text not null,
    unique (hub_id, code),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);
-- @tenant hub device
