-- Rows that monitoring wrote in the first version. An id is in braces: each database writes it in its own way.

begin;
insert into monitoring_network (network_id)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08});
insert into monitoring_hub (hub_id, network_id, time_zone)
values ({01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'Europe/Prague');
insert into monitoring_hub (hub_id, network_id, time_zone)
values ({01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'Europe/Prague');
insert into monitoring_visit (network_id, visit_id, hub_id, home_hub_id, started_at, ended_at, revision, annulled)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-77cf-96f6-2c415a098204}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', '2026-11-02T13:00:00+00:00', 2, false);
insert into monitoring_visit (network_id, visit_id, hub_id, home_hub_id, started_at, ended_at, revision, annulled)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c8f-4f00-7fe7-acb6-6906bca7c332}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T14:00:00+00:00', null, 1, false);
insert into hub_day (network_id, hub_id, day, visits, minutes, roaming_visits, roaming_minutes)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, '2026-11-02', 1, 60, 1, 60);
insert into hub_day (network_id, hub_id, day, visits, minutes, roaming_visits, roaming_minutes)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02', 1, 0, 0, 0);
insert into hub_month (network_id, hub_id, month, visits, minutes, roaming_visits, roaming_minutes)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, '2026-11-01', 1, 60, 1, 60);
insert into hub_month (network_id, hub_id, month, visits, minutes, roaming_visits, roaming_minutes)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-01', 1, 0, 0, 0);
insert into network_month (network_id, month, visits, minutes, roaming_visits, roaming_minutes)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, '2026-11-01', 2, 60, 1, 60);
commit;
