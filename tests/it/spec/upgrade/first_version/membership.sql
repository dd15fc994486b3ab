-- Rows that membership wrote in the first version. An id is in braces: each database writes it in its own way.

begin;
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 1, null, '2026-11-02T12:00:00+00:00', 'system', 'system', 'network.founded', 'net_01a19c217200735ab2c9eb46185f3e08', '{"slug":"n"}', '0000000000000000000000000000000000000000000000000000000000000000', '394286bc0a6d38d7cfc9be50f4e92786ef7b3cef1ac50190cf7584a931215340');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 2, null, '2026-11-02T12:00:00+00:00', 'system', 'system', 'hub.onboarded', 'hub_01a19c2172007ee28c322b3e84035c3f', '{"slug":"home"}', '394286bc0a6d38d7cfc9be50f4e92786ef7b3cef1ac50190cf7584a931215340', 'cefd70f67ead6b012a844a60ada42e0d3ba671a0fe38f6109eb363ed198d9d56');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 3, null, '2026-11-02T12:00:00+00:00', 'system', 'system', 'hub.onboarded', 'hub_01a19c21720075478bfb12baac74e8a0', '{"slug":"host"}', 'cefd70f67ead6b012a844a60ada42e0d3ba671a0fe38f6109eb363ed198d9d56', '3122a8a36a95884734453730ce6d249516c69221200943557fad186fa8237e04');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 1, {01a19c21-7200-7547-8bfb-12baac74e8a0}, '2026-11-02T12:00:00+00:00', 'system', 'system', 'tariff.published', 'trf_01a19c2172007ca185d21e1d5021b0fb', '{"valid_from":"2026-01-01T00:00:00Z","version":1}', '0000000000000000000000000000000000000000000000000000000000000000', 'c1320a1324077c76a5d68b33fe2d946afd2a742fc9ff9ad41907a14bd3546d6a');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 1, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'system', 'system', 'member.enrolled', 'mem_01a19c21720070b7a45fdbf20fd8a14f', '{}', '0000000000000000000000000000000000000000000000000000000000000000', '7831884647cfbaa4282852e3850e3bb6da597c80579d731a2c615fd07c292cc3');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 2, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'system', 'system', 'chip.issued', 'crd_01a19c21720071aca62722a668dc0506', '{"member":"mem_01a19c21720070b7a45fdbf20fd8a14f"}', '7831884647cfbaa4282852e3850e3bb6da597c80579d731a2c615fd07c292cc3', '875601703d27215aba83eb906b53430aeb77fe698519bce774b7a43ed1ce3d49');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 3, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'system', 'system', 'pass.issued', 'pas_01a19c2172007ecc9a2bbf414adcd6f2', '{"member":"mem_01a19c21720070b7a45fdbf20fd8a14f","valid_until":null}', '875601703d27215aba83eb906b53430aeb77fe698519bce774b7a43ed1ce3d49', '4dc33b77dd55c7490ed45a384f15015df888f71da123156de30eb8c732b5c755');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 4, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'system', 'system', 'member.enrolled', 'mem_01a19c217200774ebf4b98454a275386', '{}', '4dc33b77dd55c7490ed45a384f15015df888f71da123156de30eb8c732b5c755', '77cd9fce6ec601a916b8a0cd452bc0cac2e4569b8483dd39066c616985281e6d');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 5, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'system', 'system', 'chip.issued', 'crd_01a19c21720075b0b752a701e71250e5', '{"member":"mem_01a19c217200774ebf4b98454a275386"}', '77cd9fce6ec601a916b8a0cd452bc0cac2e4569b8483dd39066c616985281e6d', 'c0223387f23df4b74414a4b80b0d83e47a9c6f8ca5e55f5c1c268366c4185dff');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 4, null, '2026-11-02T12:00:00+00:00', 'system', 'system', 'person.invited', 'per_01a19c2172007a3680a8a1e84149a390', '{}', '3122a8a36a95884734453730ce6d249516c69221200943557fad186fa8237e04', '4e2aa2298661ed300d885e0ac9525c20435e2d9f1ef6c1a3971dfd2b8b11a7ff');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 6, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'system', 'system', 'role.granted', 'rol_01a19c2172007b31b39e5cae3323f64c', '{"person":"per_01a19c2172007a3680a8a1e84149a390","role":"operator","valid_from":"2026-11-02T12:00:00Z","valid_until":null}', 'c0223387f23df4b74414a4b80b0d83e47a9c6f8ca5e55f5c1c268366c4185dff', 'f2a5e7547ccc69de160b007bd20fbb77e724e7b21159ff3d9eb537fe070ea9e3');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 7, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'anonymous', '', 'role.accepted', 'rol_01a19c2172007b31b39e5cae3323f64c', '{"person":"per_01a19c2172007a3680a8a1e84149a390","role":"operator","valid_from":"2026-11-02T12:00:00Z","valid_until":null}', 'f2a5e7547ccc69de160b007bd20fbb77e724e7b21159ff3d9eb537fe070ea9e3', '6bf3aabf10fa514a85662848e82fce0fb3147520c605bff32c212c530b6e348c');
insert into audit (network_id, chain_id, sequence, hub_id, at, actor, roles, action, object, detail, previous_hash, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 8, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, '2026-11-02T12:00:00+00:00', 'anonymous', '', 'invitation.accepted', 'per_01a19c2172007a3680a8a1e84149a390', '{"session":"ses_01a19c217200758ea17a86a4c86cc953"}', '6bf3aabf10fa514a85662848e82fce0fb3147520c605bff32c212c530b6e348c', '75269c3a2893ac1d7c8c936b2a245c917b31ecf85f2bf723f18bf652dfbba27a');
insert into audit_head (network_id, chain_id, hub_id, sequence, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, null, 4, '4e2aa2298661ed300d885e0ac9525c20435e2d9f1ef6c1a3971dfd2b8b11a7ff');
insert into audit_head (network_id, chain_id, hub_id, sequence, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 1, 'c1320a1324077c76a5d68b33fe2d946afd2a742fc9ff9ad41907a14bd3546d6a');
insert into audit_head (network_id, chain_id, hub_id, sequence, hash)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 8, '75269c3a2893ac1d7c8c936b2a245c917b31ecf85f2bf723f18bf652dfbba27a');
insert into network (network_id, slug, name, clearing_currency, time_zone, home_commission_bp, network_commission_bp, founded_at, demonstration)
values ({01a19c21-7200-735a-b2c9-eb46185f3e08}, 'n', 'Network n', 'EUR', 'Europe/Warsaw', 500, 200, '2026-11-02T12:00:00+00:00', false);
insert into hub (hub_id, network_id, slug, name, legal_name, tax_number, kind, language, time_zone, currency, opening_hours, catchment_population, capacity, address, position, onboarded_at, capacity_is_soft)
values ({01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'home', 'Hub home', 'Hub, z. s.', 'CZ00000001', 'coworking', 'cs', 'Europe/Prague', 'CZK', 'Mo-Su 08:00-20:00', 11000, 10, '{"city":"Humpolec","country":"CZ","postal_code":"396 01","street":"Horní 1"}', '{"latitude":"49.5415","longitude":"15.3593"}', '2026-11-02T12:00:00+00:00', false);
insert into hub (hub_id, network_id, slug, name, legal_name, tax_number, kind, language, time_zone, currency, opening_hours, catchment_population, capacity, address, position, onboarded_at, capacity_is_soft)
values ({01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'host', 'Hub host', 'Hub, z. s.', 'CZ00000001', 'coworking', 'cs', 'Europe/Prague', 'CZK', 'Mo-Su 08:00-20:00', 11000, 10, '{"city":"Humpolec","country":"CZ","postal_code":"396 01","street":"Horní 1"}', '{"latitude":"49.5415","longitude":"15.3593"}', '2026-11-02T12:00:00+00:00', false);
insert into space (space_id, network_id, hub_id, code, name, kind, capacity)
values ({01a19c21-7200-7884-8c8e-ec0c5ee6c64c}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'open-space', 'Open space', 'open_space', 10);
insert into space (space_id, network_id, hub_id, code, name, kind, capacity)
values ({01a19c21-7200-74eb-a1a7-2bf2aef536bb}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 'open-space', 'Open space', 'open_space', 10);
insert into resource (resource_id, network_id, hub_id, space_id, code, name, kind)
values ({01a19c21-7200-775e-aeb5-3c88131a7148}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-7884-8c8e-ec0c5ee6c64c}, 'desk-1', 'Desk 1', 'desk');
insert into resource (resource_id, network_id, hub_id, space_id, code, name, kind)
values ({01a19c21-7200-7737-8b95-cc6c0ed846d9}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-74eb-a1a7-2bf2aef536bb}, 'desk-1', 'Desk 1', 'desk');
insert into plan (plan_id, network_id, hub_id, code, name, monthly_fee_minor, included_minutes, roaming, categories)
values ({01a19c21-7200-7f10-8a52-cbc04701eceb}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'resident', 'Resident', 90000, 6000, true, '[]');
insert into plan (plan_id, network_id, hub_id, code, name, monthly_fee_minor, included_minutes, roaming, categories)
values ({01a19c21-7200-7f50-8b17-aafe103342f2}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 'resident', 'Resident', 90000, 6000, true, '[]');
insert into device (device_id, network_id, hub_id, code, kind)
values ({01a19c21-7200-765d-88fa-578250f0f5a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'reception', 'reader');
insert into device (device_id, network_id, hub_id, code, kind)
values ({01a19c21-7200-7df1-9c24-2a305c159079}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 'reception', 'reader');
insert into person (person_id, network_id, name, email, language, erased_at, version)
values ({01a19c21-7200-7da1-9907-c12217a186a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'Eva', 'eva@example.org', 'cs', null, 4);
insert into person (person_id, network_id, name, email, language, erased_at, version)
values ({01a19c21-7200-7104-8473-edbadf495fc4}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 'Jan', 'jan@example.org', 'cs', null, 2);
insert into member (member_id, network_id, hub_id, person_id, category, plan_id, joined_at)
values ({01a19c21-7200-70b7-a45f-dbf20fd8a14f}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-7da1-9907-c12217a186a0}, 'resident', {01a19c21-7200-7f10-8a52-cbc04701eceb}, '2026-11-02T12:00:00+00:00');
insert into member (member_id, network_id, hub_id, person_id, category, plan_id, joined_at)
values ({01a19c21-7200-774e-bf4b-98454a275386}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-7104-8473-edbadf495fc4}, 'resident', {01a19c21-7200-7f10-8a52-cbc04701eceb}, '2026-11-02T12:00:00+00:00');
insert into credential (credential_id, network_id, hub_id, member_id, number_hash, ending, issued_at, revoked_at)
values ({01a19c21-7200-71ac-a627-22a668dc0506}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, '886c49c58b352e37c8ea7b6fa33147624b0e8d7e852fe8387150e3e275946a1f', 'B5C3', '2026-11-02T12:00:00+00:00', null);
insert into credential (credential_id, network_id, hub_id, member_id, number_hash, ending, issued_at, revoked_at)
values ({01a19c21-7200-75b0-b752-a701e71250e5}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-774e-bf4b-98454a275386}, '5a35b3d6e007e60fb7bf4689c0ef8acd7d757079cd635e6bf5443758d5144366', 'A7AC', '2026-11-02T12:00:00+00:00', null);
insert into roaming_pass_copy (pass_id, network_id, hub_id, member_id, valid_from, valid_until)
values ({01a19c21-7200-7ecc-9a2b-bf414adcd6f2}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, '2026-11-02T12:00:00+00:00', null);
insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source, person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof)
values ({01a19c21-7200-77cf-96f6-2c415a098204}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 'system', 'tch_01a19c2172007d19a08deadb78dfd397', '2026-11-02T12:00:00+00:00', '2026-11-02T12:00:00+00:00', 'in', 'chip', {01a19c21-7200-7da1-9907-c12217a186a0}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, null, false, 'opened', {01a19c21-7200-77cf-96f6-2c415a098204}, null, 'afd34ccb627c37a1');
insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source, person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof)
values ({01a19c58-6080-7922-817a-6fbbe2cf06b1}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, 'system', 'tch_01a19c5860807ec3a75b895f196b9c73', '2026-11-02T13:00:00+00:00', '2026-11-02T13:00:00+00:00', 'out', 'chip', {01a19c21-7200-7da1-9907-c12217a186a0}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, null, false, 'closed', {01a19c21-7200-77cf-96f6-2c415a098204}, null, '88ae48773d5cee22');
insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source, person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof)
values ({01a19c8f-4f00-7fe7-acb6-6906bca7c332}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'system', 'tch_01a19c8f4f0075c280d957e507133909', '2026-11-02T14:00:00+00:00', '2026-11-02T14:00:00+00:00', 'in', 'chip', {01a19c21-7200-7104-8473-edbadf495fc4}, {01a19c21-7200-774e-bf4b-98454a275386}, null, false, 'opened', {01a19c8f-4f00-7fe7-acb6-6906bca7c332}, null, '84d3f33b20eded7e');
insert into visit (visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source, started_at, ended_at, ended_by, annulled, revision)
values ({01a19c21-7200-77cf-96f6-2c415a098204}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-7da1-9907-c12217a186a0}, {01a19c21-7200-70b7-a45f-dbf20fd8a14f}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'resident', 'chip', '2026-11-02T12:00:00+00:00', '2026-11-02T13:00:00+00:00', 'check_out', false, 2);
insert into visit (visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source, started_at, ended_at, ended_by, annulled, revision)
values ({01a19c8f-4f00-7fe7-acb6-6906bca7c332}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-7104-8473-edbadf495fc4}, {01a19c21-7200-774e-bf4b-98454a275386}, {01a19c21-7200-7ee2-8c32-2b3e84035c3f}, 'resident', 'chip', '2026-11-02T14:00:00+00:00', null, null, false, 1);
insert into hub_seats (hub_id, network_id, taken)
values ({01a19c21-7200-7547-8bfb-12baac74e8a0}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 0);
insert into hub_seats (hub_id, network_id, taken)
values ({01a19c21-7200-7ee2-8c32-2b3e84035c3f}, {01a19c21-7200-735a-b2c9-eb46185f3e08}, 1);
commit;
