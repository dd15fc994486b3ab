-- Copies of the facts that identity needs from membership: networks, hubs, members and devices.
--
-- A network carries its slug, by which the configuration of a provider names it, and whether it is a demonstration,
-- which a production installation does not serve. A device names a hub of its network.

create table identity_network (
    network_id {uuid} not null primary key,
    demonstration boolean not null default false,
    slug text
);
create table identity_hub (
    hub_id {uuid} not null primary key,
    network_id {uuid} not null
);
create unique index identity_hub_of_network on identity_hub (network_id, hub_id);
-- @tenant directory identity_network identity_hub
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
    primary key (network_id, device_id),
    foreign key (network_id, hub_id) references identity_hub (network_id, hub_id)
);
create unique index identity_device_at_hub on identity_device (network_id, hub_id, device_id);
-- @tenant network identity_member identity_device
