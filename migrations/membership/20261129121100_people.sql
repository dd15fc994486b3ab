-- Persons, members, their chips, and copies of their roaming passes.
--
-- A chip's number is unique among the working chips of a network: a touch must name one bearer. Chips and passes name a
-- member together with the member's home hub, so these columns cannot disagree.
--
-- An erased person's row stays without personal data, because visits, charges and the audit log refer to it.

create table person (
    person_id {uuid} primary key,
    network_id {uuid} not null references network (network_id),
    name text not null,
    email text not null,
    language text not null,
    erased_at {ts},
    version bigint not null default 0,
    unique (network_id, email),
    unique (network_id, person_id)
);
-- @tenant network person
create table member (
    member_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    person_id {uuid} not null,
    category text not null,
    plan_id {uuid},
    joined_at {ts} not null,
    unique (hub_id, person_id),
    unique (network_id, member_id),
    foreign key (network_id, hub_id) references hub (network_id, hub_id),
    foreign key (network_id, person_id) references person (network_id, person_id),
    foreign key (hub_id, plan_id) references plan (hub_id, plan_id)
);
-- The foreign keys of other tables refer to these: a member together with the hub, the person, or both.
create unique index member_at_home on member (network_id, hub_id, member_id);
create unique index member_of_person on member (network_id, person_id, member_id);
create unique index member_of_person_at_home on member (network_id, hub_id, person_id, member_id);
create table credential (
    credential_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    number_hash text not null,
    ending text not null,
    issued_at {ts} not null,
    revoked_at {ts},
    foreign key (network_id, hub_id, member_id) references member (network_id, hub_id, member_id)
);
create unique index credential_working on credential (network_id, number_hash) where revoked_at is null;
create index credential_number on credential (network_id, number_hash);
create index credential_member on credential (member_id);
create table roaming_pass_copy (
    pass_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    valid_from {ts} not null,
    valid_until {ts},
    foreign key (network_id, hub_id, member_id) references member (network_id, hub_id, member_id)
);
create index roaming_pass_copy_member on roaming_pass_copy (member_id);
-- @tenant hub member credential roaming_pass_copy
