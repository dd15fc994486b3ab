-- Monitoring's copy of visits, and the three roll-ups that serve every query about them (R17).
--
-- A roll-up changes by differences, and a difference may be negative when it is inserted, so these tables have no check
-- on the sign. A row of zeros means the same as no row. Visits and roll-ups name a hub of their network: a visit event
-- that arrives before its hub waits for it.

create table monitoring_network (
    network_id {uuid} not null primary key
);
create table monitoring_hub (
    hub_id {uuid} not null primary key,
    network_id {uuid} not null,
    time_zone text not null
);
create unique index monitoring_hub_of_network on monitoring_hub (network_id, hub_id);
-- @tenant directory monitoring_network monitoring_hub
create table monitoring_visit (
    network_id {uuid} not null,
    visit_id {uuid} not null,
    hub_id {uuid} not null,
    home_hub_id {uuid} not null,
    started_at {ts} not null,
    ended_at {ts},
    revision bigint not null,
    annulled boolean not null,
    primary key (network_id, visit_id),
    foreign key (network_id, hub_id) references monitoring_hub (network_id, hub_id)
);
create table hub_day (
    network_id {uuid} not null,
    hub_id {uuid} not null,
    day {day} not null,
    visits bigint not null,
    minutes bigint not null,
    roaming_visits bigint not null,
    roaming_minutes bigint not null,
    primary key (network_id, hub_id, day),
    foreign key (network_id, hub_id) references monitoring_hub (network_id, hub_id)
);
create table hub_month (
    network_id {uuid} not null,
    hub_id {uuid} not null,
    month {day} not null,
    visits bigint not null,
    minutes bigint not null,
    roaming_visits bigint not null,
    roaming_minutes bigint not null,
    primary key (network_id, hub_id, month),
    foreign key (network_id, hub_id) references monitoring_hub (network_id, hub_id)
);
-- @tenant hub monitoring_visit hub_day hub_month
create table network_month (
    network_id {uuid} not null,
    month {day} not null,
    visits bigint not null,
    minutes bigint not null,
    roaming_visits bigint not null,
    roaming_minutes bigint not null,
    primary key (network_id, month)
);
-- @tenant network network_month
