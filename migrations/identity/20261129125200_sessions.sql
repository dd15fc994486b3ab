-- Sessions, their refresh tokens, revocations, and counts of sign-in tries.
--
-- Every process reads the revocations of all networks, so their table is a directory: it holds ids and instants and no
-- personal data. Sign-in tries belong to no tenant. Expired tries and revocations in force are read at every sign-in or
-- every few seconds, so they have indexes.

create table session (
    session_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    started_at {ts} not null,
    used_at {ts} not null,
    expires_at {ts} not null,
    ended_at {ts},
    ended_by text check (ended_by in ('sign_out', 'reuse', 'suspension', 'new_password')),
    unique (network_id, session_id),
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id),
    check ((ended_at is null) = (ended_by is null))
);
create index session_of_person on session (network_id, person_id);
create table refresh_token (
    token_id {uuid} not null primary key,
    network_id {uuid} not null,
    session_id {uuid} not null,
    secret_hash text not null,
    made_at {ts} not null,
    expires_at {ts} not null,
    replaced_at {ts},
    foreign key (network_id, session_id) references session (network_id, session_id)
);
create index refresh_token_session on refresh_token (network_id, session_id);
-- @tenant network session refresh_token
create table revocation (
    subject {uuid} not null primary key,
    network_id {uuid} not null,
    not_before {ts} not null,
    until {ts} not null
);
create index revocation_until on revocation (until);
-- @tenant directory revocation
create table sign_in_try (
    key text not null primary key,
    tries bigint not null,
    window_ends_at {ts} not null
);
create index sign_in_try_over on sign_in_try (window_ends_at);
