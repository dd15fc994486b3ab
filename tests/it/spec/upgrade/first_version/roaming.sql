-- Rows that roaming wrote in the first version. An id is in braces: each database writes it in its own way.

begin;
insert into roaming_network (network_id, clearing_currency, time_zone, home_commission_bp, network_commission_bp)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, 'EUR', 'Europe/Warsaw', 500, 200);
insert into roaming_hub (hub_id, network_id, time_zone, currency)
values ({01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'Europe/Prague', 'CZK');
insert into roaming_hub (hub_id, network_id, time_zone, currency)
values ({01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'Europe/Prague', 'CZK');
insert into roaming_member (network_id, member_id, home_hub_id, plan)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'roaming');
insert into roaming_member (network_id, member_id, home_hub_id, plan)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-774e-bf4b-98454a275386}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'roaming');
insert into roaming_pass (network_id, pass_id, member_id, home_hub_id, valid_from, valid_until, monthly_ceiling_minutes, issued_at, ended_at)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ecc-9a2b-bf414adcd6f2}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', null, null, '2026-11-02T12:00:00+00:00', null);
insert into tariff (network_id, hub_id, tariff_id, version, valid_from, published_at, name, currency, price_per_hour, grace_minutes, billing_step_seconds, minimum_per_day_minor, maximum_per_day_minor, elements)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-7ca1-85d2-1e1d5021b0fb}, 1, '2026-01-01T00:00:00+00:00', '2026-11-02T12:00:00+00:00', 'Guests', 'CZK', '60', 0, 900, 0, null, '[]');
insert into charge (network_id, charge_id, visit_id, revision, hub_id, home_hub_id, member_id, tariff_id, credits, reason, started_at, ended_at, minutes, amount_minor, currency, period, posted_at, rating)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c8f-4f00-7037-b1c1-db2b580c7b9e}, {01a19c21-7200-77cf-96f6-2c415a098204}, 2, {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, {01a19c21-7200-7ca1-85d2-1e1d5021b0fb}, null, 'rated_by_tariff', '2026-11-02T12:00:00+00:00', '2026-11-02T13:00:00+00:00', 60, 6000, 'CZK', '2026-11', '2026-11-02T14:00:00+00:00', 1);
insert into charge_line (network_id, charge_id, day, hub_id, member_id, billed_seconds, gross_minor, amount_minor)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c8f-4f00-7037-b1c1-db2b580c7b9e}, '2026-11-02', {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, 3600, 6000, 6000);
insert into roaming_visit (network_id, visit_id, revision, charge_id)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-77cf-96f6-2c415a098204}, 2, {01a19c8f-4f00-7037-b1c1-db2b580c7b9e});
insert into account (network_id, owner_id, kind, currency)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 'open', 'CZK');
insert into account (network_id, owner_id, kind, currency)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'open', 'CZK');
insert into ledger_entry (network_id, transaction_id, owner_id, kind, currency, amount_minor)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c8f-4f00-7e4f-ad95-b059155fd7aa}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 'open', 'CZK', 6000);
insert into ledger_entry (network_id, transaction_id, owner_id, kind, currency, amount_minor)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c8f-4f00-7e4f-ad95-b059155fd7aa}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'open', 'CZK', -6000);
insert into ledger_transaction (network_id, transaction_id, charge_id, settlement_id, period, posted_at)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c8f-4f00-7e4f-ad95-b059155fd7aa}, {01a19c8f-4f00-7037-b1c1-db2b580c7b9e}, null, '2026-11', '2026-11-02T14:00:00+00:00');
commit;
