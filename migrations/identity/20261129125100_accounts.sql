-- Accounts and the one-time codes by which they are opened and recovered. Secrets are stored as hashes only.
--
-- An account that was opened by single sign-on is active without a password.

create table sign_in_account (
    network_id {uuid} not null,
    person_id {uuid} not null,
    email text not null,
    language text not null,
    password_hash text,
    invited_at {ts} not null,
    activated_at {ts},
    suspended_at {ts},
    email_verified_at {ts},
    invited_by {uuid},
    primary key (network_id, person_id),
    unique (network_id, email),
    check (password_hash is null or activated_at is not null)
);
create table one_time_code (
    code_id {uuid} not null primary key,
    network_id {uuid} not null,
    person_id {uuid} not null,
    purpose text not null check (purpose in ('invitation', 'password_reset', 'email_verification')),
    secret_hash text not null,
    made_at {ts} not null,
    expires_at {ts} not null,
    used_at {ts},
    mailed boolean not null default false,
    foreign key (network_id, person_id) references sign_in_account (network_id, person_id)
);
create index one_time_code_person on one_time_code (network_id, person_id);
-- @tenant network sign_in_account one_time_code
