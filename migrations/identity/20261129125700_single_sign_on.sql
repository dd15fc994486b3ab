-- Single sign-on: links between provider accounts and accounts here, and sign-ins on their way back from a provider.

create table sign_in_link (
    link_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    issuer text not null,
    subject text not null,
    linked_at {ts} not null,
    used_at {ts} not null,
    unique (network_id, issuer, subject),
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index sign_in_link_person on sign_in_link (network_id, person_id);
create table sign_in_handover (
    handover_id {uuid} not null primary key,
    network_id {uuid} not null,
    issuer text not null,
    subject text not null,
    email text,
    code_challenge text not null,
    secret_hash text not null,
    made_at {ts} not null,
    expires_at {ts} not null
);
create index sign_in_handover_over on sign_in_handover (network_id, expires_at);
-- @tenant network sign_in_link sign_in_handover
