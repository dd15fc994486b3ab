-- Idempotency keys, under which callers may repeat a request, and the stored outcomes.
--
-- Always true: a row without an outcome is visible only inside the transaction that wrote it.

create table idempotency (
    network_id {uuid} not null,
    caller text not null,
    operation text not null,
    key text not null,
    input_hash text not null,
    outcome text,
    expires_at {ts} not null,
    primary key (network_id, caller, operation, key)
);
create index idempotency_expiry on idempotency (network_id, expires_at);
-- @tenant network idempotency
