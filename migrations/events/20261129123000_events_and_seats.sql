-- Events, their seats, and copies of the two facts that this service needs from membership.
--
-- An event is public, so its table is a directory; seats are visible to the network only. The table enforces R15: it
-- refuses a count of seats beyond the capacity and a second seat of a member at one event. An event names a hub of its
-- network, a seat the same hub as its event and a known member. The column `idempotency_key` is not written: keys have
-- a table of their own.

create table events_hub (
    hub_id {uuid} not null primary key,
    network_id {uuid} not null
);
create unique index events_hub_of_network on events_hub (network_id, hub_id);
-- @tenant directory events_hub
create table events_member (
    network_id {uuid} not null,
    member_id {uuid} not null,
    home_hub_id {uuid} not null,
    primary key (network_id, member_id)
);
-- @tenant network events_member
create table event (
    event_id {uuid} not null primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    title text not null,
    summary text not null,
    kind text not null check (kind in
        ('lecture', 'workshop', 'discussion', 'conference', 'consultation', 'school_project')),
    language text not null,
    starts_at {ts} not null,
    ends_at {ts} not null,
    capacity bigint not null check (capacity > 0),
    seats_taken bigint not null,
    published_at {ts} not null,
    idempotency_key text,
    unique (network_id, event_id),
    unique (network_id, hub_id, idempotency_key),
    check (ends_at > starts_at),
    check (seats_taken between 0 and capacity),
    foreign key (network_id, hub_id) references events_hub (network_id, hub_id)
);
create index event_by_hub on event (hub_id, ends_at);
create unique index event_at_hub on event (network_id, hub_id, event_id);
-- @tenant directory event
create table seat (
    seat_id {uuid} not null primary key,
    network_id {uuid} not null,
    event_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    confirmed_at {ts} not null,
    unique (network_id, event_id, member_id),
    foreign key (network_id, hub_id, event_id) references event (network_id, hub_id, event_id),
    foreign key (network_id, member_id) references events_member (network_id, member_id)
);
-- With the event in the index, SQLite need not read all seats of the network to find the events of a member.
create index seat_of_member on seat (network_id, member_id, seat_id, event_id);
-- @tenant network seat
