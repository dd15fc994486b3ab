-- Settled months.
--
-- Always true: a network settles a month once (R14); a hub's net is earned less owed plus commission; positions name
-- hubs of the network.

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
    foreign key (network_id, settlement_id) references settlement (network_id, settlement_id),
    foreign key (network_id, hub_id) references roaming_hub (network_id, hub_id)
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
    foreign key (network_id, settlement_id) references settlement (network_id, settlement_id),
    foreign key (network_id, home_hub_id) references roaming_hub (network_id, hub_id),
    foreign key (network_id, host_hub_id) references roaming_hub (network_id, hub_id)
);
-- @tenant network settlement settlement_position gross_position
-- @append-only settlement settlement_position gross_position
