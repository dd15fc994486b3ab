-- The rows of one check-in in one statement, for pgbench: a touch, the visit it opens, and the event in the outbox,
-- into the same tables with the same keys and indexes. As fast as this PostgreSQL can take check-ins at all, with
-- nothing read and nothing decided. The ids are of `load fixture`; new ones sort by time like hubnet's own.
-- The visit is over at once: a person is on one at most, and these come again and again.
\set member random(0, 999)
with new as materialized (
    select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
            || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid as id,
           ('00000000-0000-7000-8000-' || lpad(to_hex(:member::int), 12, '0'))::uuid as member_id,
           '00000000-0000-7000-8000-000000000000'::uuid as place_id,
           clock_timestamp() as at
), touched as (
    insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
                       person_id, member_id, skewed, effect, visit_id)
    select id, place_id, place_id, place_id::text, id::text, at, at, 'in', 'chip', member_id, member_id, false,
           'opened', id
    from new
), visited as (
    insert into visit (visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source, started_at,
                       ended_at, ended_by, annulled, revision)
    select id, place_id, place_id, member_id, member_id, place_id, 'resident', 'chip', at, at, 'check_out', false, 1
    from new
)
insert into outbox (event_id, emitted_at, body)
select id, at, rpad('{', 640) || '}' from new;
