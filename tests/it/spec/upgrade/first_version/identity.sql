-- Rows that identity wrote in the first version. An id is in braces: each database writes it in its own way.

begin;
insert into identity_network (network_id, demonstration, slug)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, false, 'n');
insert into identity_hub (hub_id, network_id)
values ({01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-735a-b2c9-eb46185f3e08});
insert into identity_hub (hub_id, network_id)
values ({01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08});
insert into identity_member (network_id, member_id, person_id, home_hub_id, joined_at)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, {01a19c21-7200-7da1-9907-c12217a186a0}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00');
insert into identity_member (network_id, member_id, person_id, home_hub_id, joined_at)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-774e-bf4b-98454a275386}, {01a19c21-7200-7104-8473-edbadf495fc4}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00');
insert into identity_device (network_id, hub_id, device_id, code)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-765d-88fa-578250f0f5a0}, 'reception');
insert into identity_device (network_id, hub_id, device_id, code)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-7df1-9c24-2a305c159079}, 'reception');
insert into sign_in_account (network_id, person_id, email, language, password_hash, invited_at, activated_at, suspended_at, email_verified_at, invited_by)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7a36-80a8-a1e84149a390}, 'jana@example.org', 'cs', '$argon2id$v=19$m=19456,t=2,p=1$Q9ppC+cmQSY7u2PRXFPaWQ$yRv5iBWKK/zgy0AH7u1MU07VlpImDunXZbFig8eAdPA', '2026-11-02T12:00:00+00:00', '2026-11-02T12:00:00+00:00', null, null, null);
insert into role_assignment (assignment_id, network_id, person_id, role, hub_id, valid_from, valid_until, granted_at, granted_by, revoked_at, revoked_by, offered_to, accepted_at)
values ({01a19c21-7200-7b31-b39e-5cae3323f64c}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7a36-80a8-a1e84149a390}, 'operator', {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', null, '2026-11-02T12:00:00+00:00', null, null, null, null, '2026-11-02T12:00:00+00:00');
commit;
