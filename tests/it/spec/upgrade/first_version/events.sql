-- Rows that events wrote in the first version. An id is in braces: each database writes it in its own way.

begin;
insert into events_hub (hub_id, network_id)
values ({01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-735a-b2c9-eb46185f3e08});
insert into events_hub (hub_id, network_id)
values ({01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08});
insert into events_member (network_id, member_id, home_hub_id)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f});
insert into events_member (network_id, member_id, home_hub_id)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-774e-bf4b-98454a275386}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f});
commit;
