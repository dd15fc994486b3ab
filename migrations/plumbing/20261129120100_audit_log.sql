-- The audit log and the heads of its chains.
--
-- Always true: nobody edits or removes a record; a head never goes back. A chain's id is that of its hub, or of its
-- network for events of the network as a whole (then there is no hub).

create table audit (
    network_id {uuid} not null,
    chain_id {uuid} not null,
    sequence bigint not null check (sequence > 0),
    hub_id {uuid},
    at {ts} not null,
    actor text not null,
    roles text not null,
    action text not null,
    object text not null,
    detail text not null,
    previous_hash text not null,
    hash text not null,
    primary key (network_id, chain_id, sequence),
    check (chain_id = coalesce(hub_id, network_id))
);
create table audit_head (
    network_id {uuid} not null,
    chain_id {uuid} not null,
    hub_id {uuid},
    sequence bigint not null,
    hash text not null,
    primary key (network_id, chain_id),
    check (chain_id = coalesce(hub_id, network_id))
);
-- @append-only audit
-- @tenant hub audit audit_head

-- @only sqlite
create trigger audit_head_stays before delete on audit_head
begin select raise(abort, 'a chain of the audit log does not end'); end;
create trigger audit_head_only_grows before update on audit_head when new.sequence < old.sequence
begin select raise(abort, 'a chain of the audit log does not go back'); end;

-- @only postgres
create function audit_head_only_grows() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.sequence < old.sequence then
        raise exception 'a chain of the audit log does not go back';
    end if;
    return new;
end $$;
create trigger audit_head_only_grows before update or delete on audit_head
for each row execute function audit_head_only_grows();
