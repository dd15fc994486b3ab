-- Writes the touches that the admission cache decided in one round trip, if every person's version is still the cached
-- one and every arrival finds a seat. SQLite has no functions and no round trips.

-- @only postgres
-- Writes touches, the visits they changed and the events about them, if every person is still at the version that is
-- given (`known`: ids and versions). Otherwise it returns false and has written nothing but raised versions.
create function record_touches(tenant text, known json, touches json, visits json, events json) returns boolean
language plpgsql as $$
declare
    persons uuid[] := array(select json_object_keys(known)::uuid);
    current bigint;
begin
    perform set_config('app.network', tenant, true), set_config('app.hub', '', true);
    update person p set version = p.version + 1
    where p.network_id = tenant::uuid and p.person_id = any(persons)
        and p.version = (known ->> p.person_id::text)::bigint;
    get diagnostics current = row_count;
    if current < cardinality(persons) then
        return false;
    end if;
    with touched as (
        insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
                           person_id, member_id, denied, skewed, effect, visit_id)
        select touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
               person_id, member_id, denied, skewed, effect, visit_id
        from json_populate_recordset(null::touch, touches)
    ), visited as (
        insert into visit (visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source,
                           started_at, ended_at, ended_by, annulled, revision)
        select visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source,
               started_at, ended_at, ended_by, annulled, revision
        from json_populate_recordset(null::visit, visits)
        on conflict (visit_id) do update set ended_at = excluded.ended_at, ended_by = excluded.ended_by,
            annulled = excluded.annulled, revision = excluded.revision
    )
    insert into outbox (event_id, emitted_at, body)
    select event_id, emitted_at, body from json_populate_recordset(null::outbox, events);
    return true;
end $$;

-- Does the same, and takes seats: every hub must have those that are wanted of it (`seats`: how many more, and the hub's
-- capacity). Persons are locked first, in record_touches, then seats in order of hubs.
create function record_presence(tenant text, known json, seats json, touches json, visits json, events json)
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
        select s.hub_id, s.more, s.capacity
        from json_to_recordset(seats) as s(hub_id uuid, more bigint, capacity bigint) order by s.hub_id
    loop
        update hub_seats h set taken = h.taken + wanted.more
        where h.network_id = tenant::uuid and h.hub_id = wanted.hub_id
            and (wanted.more <= 0 or h.taken + wanted.more <= wanted.capacity);
        if not found then
            raise exception 'no seat is free' using errcode = 'HN001';
        end if;
    end loop;
    return true;
exception when sqlstate 'HN001' then
    return false;
end $$;
