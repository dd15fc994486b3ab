-- Roaming's copies of networks, hubs and members, kept from membership's events.
--
-- A member's plan decides about roaming. Members who joined before plans were published keep their rights ('unknown'):
-- no rule limits them.

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
-- @tenant directory roaming_network roaming_hub
create table roaming_member (
    network_id {uuid} not null,
    member_id {uuid} not null,
    home_hub_id {uuid} not null,
    plan text not null default 'unknown' check (plan in ('unknown', 'none', 'home', 'roaming')),
    primary key (network_id, member_id)
);
create unique index roaming_member_at_home on roaming_member (network_id, home_hub_id, member_id);
-- @tenant network roaming_member
