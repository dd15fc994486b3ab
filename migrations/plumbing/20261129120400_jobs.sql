-- Jobs: work that a service does in the background, with its queue and the plan of what recurs.
--
-- Always true: `job` holds what belongs to a tenant and is under row-level security; a job that belongs to no network
-- has the nil id for one. `job_queue` holds of each job that is not done only what a worker needs to claim it, for a
-- worker does not know beforehand whose job is due; it names the network as text, as `event_stream` does.
-- `job_schedule` has a row for each recurring kind.

create table job (
    network_id {uuid} not null,
    job_id {uuid} not null,
    kind text not null,
    unique_key text,
    input text not null,
    started_by text not null,
    caller text not null,
    created_at {ts} not null,
    finished_at {ts},
    done bigint not null default 0 check (done >= 0),
    total bigint check (total >= 0),
    message text,
    code text,
    primary key (network_id, job_id)
);
create unique index job_unique on job (network_id, kind, started_by, unique_key)
    where finished_at is null and unique_key is not null;
create index job_finished on job (network_id, finished_at) where finished_at is not null;
-- @tenant network job
create table job_queue (
    job_id {uuid} not null primary key,
    networkid text not null,
    kind text not null,
    state text not null check (state in ('waiting', 'running', 'failed')),
    attempts bigint not null,
    due_at_ms bigint not null,
    claim {uuid}
);
create index job_queue_due on job_queue (due_at_ms);
create table job_schedule (
    kind text not null primary key,
    plan text not null,
    next_at_ms bigint not null,
    succeeded_at_ms bigint
);
