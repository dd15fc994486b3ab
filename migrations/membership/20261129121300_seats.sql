-- Seat counts of hubs, which decide about admissions (R24).
--
-- `hub_seats` holds the number of a hub's open visits, or more. Whoever opens or closes visits changes it in the same
-- transaction, with the row locked. A hub without a row has not been counted yet.

create table hub_seats (
    hub_id {uuid} primary key,
    network_id {uuid} not null,
    taken bigint not null check (taken >= 0),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);
-- @tenant hub hub_seats

-- Every batch changes the hub's row, which no other index holds: with free space on its page the update stays in place.
-- @only postgres
alter table hub_seats set (fillfactor = 10);
