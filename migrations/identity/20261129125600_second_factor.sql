-- Second factors, recovery codes, and sign-ins that wait for a second factor. A factor's secret is sealed with a key
-- that is not in the database.

create table second_factor (
    network_id {uuid} not null,
    person_id {uuid} not null,
    sealed_secret text not null,
    enrolled_at {ts} not null,
    confirmed_at {ts},
    last_step bigint,
    primary key (network_id, person_id),
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id),
    check ((confirmed_at is null) = (last_step is null))
);
create table recovery_code (
    code_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    code_hash text not null,
    made_at {ts} not null,
    used_at {ts},
    unique (network_id, person_id, code_hash),
    foreign key (network_id, person_id) references second_factor (network_id, person_id)
);
create table sign_in_challenge (
    challenge_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    secret_hash text not null,
    tries bigint not null,
    made_at {ts} not null,
    expires_at {ts} not null,
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index sign_in_challenge_person on sign_in_challenge (network_id, person_id);
create index sign_in_challenge_over on sign_in_challenge (network_id, expires_at);
-- @tenant network second_factor recovery_code sign_in_challenge
