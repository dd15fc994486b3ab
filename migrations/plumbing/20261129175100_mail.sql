-- Outgoing mail: the queue, what people declined, and addresses that were refused.
--
-- Always true: a mail waits, was given up or has bounced; one that was sent has no row. No row holds an address, a code
-- or the text of a mail. Names of kinds begin with the service's, since services may share these tables.

create table mail (
    network_id {uuid} not null,
    mail_id {uuid} not null,
    job_id {uuid} not null,
    person_id {uuid} not null,
    kind text not null,
    category text not null,
    about text not null,
    input text not null,
    state text not null check (state in ('waiting', 'given_up', 'bounced')),
    queued_at {ts} not null,
    tries bigint not null,
    ended_at {ts},
    reason text,
    primary key (network_id, mail_id),
    check ((state = 'waiting') = (ended_at is null))
);
create unique index mail_about on mail (network_id, person_id, kind, about);
create table mail_preference (
    network_id {uuid} not null,
    person_id {uuid} not null,
    category text not null,
    is_wanted boolean not null,
    chosen_at {ts} not null,
    primary key (network_id, person_id, category)
);
create table mail_undeliverable (
    network_id {uuid} not null,
    person_id {uuid} not null,
    address_hash text not null,
    refused_at {ts} not null,
    primary key (network_id, person_id)
);
-- @tenant network mail mail_preference mail_undeliverable
