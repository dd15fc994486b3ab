-- Roaming's own decisions: the passes of members and the guest tariffs of hubs.
--
-- Always true: a member has at most one pass that has not ended; a tariff version is never edited. A pass names a
-- member together with the member's home hub.

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
    foreign key (network_id, home_hub_id, member_id) references roaming_member (network_id, home_hub_id, member_id)
);
create unique index roaming_pass_one_per_member on roaming_pass (network_id, member_id) where ended_at is null;
-- @tenant network roaming_pass
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
);
-- Everybody may see a hub's tariffs, so they are looked up by the hub alone, without a network.
create index tariff_hub on tariff (hub_id, version);
-- @tenant directory tariff
-- @append-only tariff
