-- How events leave a service and how they arrive at others.
--
-- An event is written into the outbox with its cause. The relay numbers it, moves it into the event log, from which it
-- can be published again, and publishes it. A consumer records it in its inbox, so that it takes effect once.
--
-- Always true: the events of a stream (a kind in a network) are numbered from 1 without gaps. The outbox holds only
-- events without a number. A window holds numbered events that are not known to be published. An event that must wait
-- is postponed beside the queue of its consumer and delays no other event.

create table outbox (
    position {position},
    event_id {uuid} not null,
    emitted_at {ts} not null,
    body text not null
);
create table event_stream (
    stream_id {position},
    networkid text not null,
    kind text not null,
    last bigint not null check (last > 0)
);
create unique index event_stream_name on event_stream (kind, networkid);
create table event_log (
    stream_id bigint not null,
    sequence bigint not null check (sequence > 0),
    event_id {uuid} not null,
    emitted_at {ts} not null,
    body text not null,
    primary key (stream_id, sequence)
);
create table relay_window (
    window_id {position},
    claimed_until_ms bigint not null,
    events bigint not null check (events > 0),
    ranges text not null
);

create table inbox (
    consumer text not null,
    event_id {uuid} not null,
    primary key (consumer, event_id)
);
create table received_mark (
    consumer text not null,
    networkid text not null,
    kind text not null,
    sequence bigint not null,
    primary key (consumer, kind, networkid)
);
create table postponed_event (
    position {position},
    consumer text not null,
    event_id {uuid} not null,
    subject text not null,
    postponed_at_ms bigint not null,
    due_at_ms bigint not null,
    body text not null,
    reason text not null
);
create unique index postponed_event_id on postponed_event (consumer, event_id);
create index postponed_event_subject on postponed_event (consumer, subject, position);
create index postponed_event_due on postponed_event (consumer, due_at_ms);
create table dead_letter (
    consumer text not null,
    event_id {uuid} not null,
    said_at {ts} not null,
    body text not null,
    reason text not null,
    primary key (consumer, event_id)
);
