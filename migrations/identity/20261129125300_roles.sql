-- Roles: who holds which role, at which place, from when until when, and who granted it. A role is revoked by setting
-- an instant, never by deleting its row.
--
-- `offered_to` records how an offer reached the person; a role that is only offered has no effect. Null means that the
-- role needs no acceptance. A grant is worth no more than the current rights of its giver (R19).

create table role_assignment (
    assignment_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    role text not null check (role in ('operator', 'administrator', 'coordinator', 'network_administrator')),
    hub_id {uuid},
    valid_from {ts} not null,
    valid_until {ts},
    granted_at {ts} not null,
    granted_by {uuid},
    revoked_at {ts},
    revoked_by {uuid},
    offered_to text check (offered_to is null or offered_to in ('invitation', 'address', 'person')),
    accepted_at {ts},
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id),
    foreign key (network_id, hub_id) references identity_hub (network_id, hub_id),
    check ((role in ('operator', 'administrator')) = (hub_id is not null)),
    check (valid_until > valid_from)
);
create index role_assignment_person on role_assignment (network_id, person_id);
create index role_assignment_hub on role_assignment (network_id, hub_id);
-- @tenant network role_assignment
