-- Hubs that change: a version, a state, a timetable with versions and special days, the rest of the description; what was
-- true under earlier versions; why a space or resource is not used; when a device was retired.
--
-- `hub_seats.hub_version` is the version of the hub that admissions are checked against, in the row that they change
-- anyway.

alter table hub add column version bigint not null default 1;
alter table hub add column state text not null default 'live';
alter table hub add column details text not null default '{}';
alter table hub add column timetable text not null default '{}';
alter table space add column out_of_use text;
alter table resource add column out_of_use text;
alter table device add column retired_at {ts};
alter table hub_seats add column hub_version bigint not null default 1;
create table hub_history (
    hub_id {uuid} not null,
    network_id {uuid} not null,
    version bigint not null,
    valid_from {ts} not null,
    facts text not null,
    primary key (hub_id, version),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);
-- @tenant hub hub_history

-- @only postgres
-- As before, and every hub must still be at the version that was decided on (`seats`: its version, too).
create or replace function record_presence(tenant text, known json, seats json, touches json, visits json, events json)
returns boolean language plpgsql as $$
declare
    wanted record;
begin
    if not record_touches(tenant, known, '[]', visits, events) then
        return false;
    end if;
    insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
                       person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof)
    select touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
           person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof
    from json_populate_recordset(null::touch, touches);
    for wanted in
        select s.hub_id, s.version, s.more, s.capacity
        from json_to_recordset(seats) as s(hub_id uuid, version bigint, more bigint, capacity bigint) order by s.hub_id
    loop
        update hub_seats h set taken = h.taken + wanted.more
        where h.network_id = tenant::uuid and h.hub_id = wanted.hub_id
            and (wanted.more <= 0 or h.taken + wanted.more <= wanted.capacity)
            and (wanted.version is null or h.hub_version = wanted.version);
        if not found then
            raise exception 'no seat is free' using errcode = 'HN001';
        end if;
    end loop;
    return true;
exception when sqlstate 'HN001' then
    return false;
end $$;
