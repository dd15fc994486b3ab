-- What a hub keeps beside a membership: contacts, consents and notes. Personal data of the member, erased with the name. A
-- consent is never edited; withdrawing it records when.
create table member_contact (
    contact_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    role text not null check (role in ('guardian', 'emergency')),
    name text not null,
    phone text,
    email text,
    recorded_at {ts} not null,
    foreign key (network_id, hub_id, member_id) references member (network_id, hub_id, member_id)
);
create index member_contact_member on member_contact (network_id, member_id, contact_id);
create table member_consent (
    consent_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    purpose text not null,
    text_version text not null,
    guardian_id {uuid},
    given_at {ts} not null,
    withdrawn_at {ts},
    foreign key (network_id, hub_id, member_id) references member (network_id, hub_id, member_id)
);
create index member_consent_member on member_consent (network_id, member_id, consent_id);
create table member_note (
    note_id {uuid} primary key,
    network_id {uuid} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    body text not null,
    written_at {ts} not null,
    foreign key (network_id, hub_id, member_id) references member (network_id, hub_id, member_id)
);
create index member_note_member on member_note (network_id, member_id, note_id);
-- @tenant hub member_contact member_consent member_note
