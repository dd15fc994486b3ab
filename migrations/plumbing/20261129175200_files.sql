-- Files: what is known about them, and when each is to be looked at again.
--
-- Always true: `file` holds what belongs to a tenant and is under row-level security. `file_sweep` holds of each file that is
-- not kept for ever only what the job needs to find it, for it does not know beforehand whose file is due; it names the
-- network as text, as `job_queue` does.

create table file (
    network_id {uuid} not null,
    file_id {uuid} not null,
    person_id {uuid},
    purpose text not null,
    name text not null,
    media_type text not null,
    size_bytes bigint not null,
    sha256 text not null,
    state text not null check (state in ('receiving', 'received', 'kept', 'removed')),
    received_at {ts} not null,
    kept_at {ts},
    expires_at {ts},
    primary key (network_id, file_id)
);
create index file_person on file (network_id, person_id) where person_id is not null;
create table file_sweep (
    file_id {uuid} not null primary key,
    networkid text not null,
    due_at_ms bigint not null
);
create index file_sweep_due on file_sweep (due_at_ms);
-- @tenant network file
