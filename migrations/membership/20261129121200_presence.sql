-- Touches and the visits derived from them.
--
-- The key of a touch makes it count once (R2). The partial index on visits keeps a person in one place (R1), even if
-- two hubs admit them at the same instant. A touch keeps what a repeated report of it is compared with: when it was
-- first reported, and its proof.

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
    reported_at {ts},
    proof text,
    unique (hub_id, reporter, event_id),
    foreign key (network_id, hub_id) references hub (network_id, hub_id),
    foreign key (network_id, person_id, member_id) references member (network_id, person_id, member_id)
);
create index touch_person on touch (person_id, at) where denied is null;
-- Denials are few, and read when a person is exported.
create index touch_denied_person on touch (person_id, at) where denied is not null;
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
    foreign key (network_id, home_hub_id, person_id, member_id)
        references member (network_id, hub_id, person_id, member_id),
    check (ended_at >= started_at),
    check ((ended_at is null) = (ended_by is null))
);
create unique index visit_open_once on visit (person_id) where ended_at is null and not annulled;
-- The open visits of a hub are found by the hub first: an index that begins with the network would serve no query
-- better, but a planner may choose it.
create index visit_open on visit (hub_id, network_id) where ended_at is null and not annulled;
create index visit_person on visit (person_id, started_at);
create index visit_member on visit (member_id, started_at);
create index visit_hub on visit (hub_id, started_at);
-- @tenant hub touch visit
