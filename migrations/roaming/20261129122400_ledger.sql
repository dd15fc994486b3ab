-- The double-entry ledger; the database itself keeps it balanced.
--
-- R10: a ledger transaction sums to zero in every currency and takes no later entries. Its entries are written first,
-- under a foreign key that is checked at the commit. The row of the transaction is the seal: it is refused unless the
-- entries balance, and no entry is added after it. So a transaction commits balanced or not at all, on both databases.

create table account (
    network_id {uuid} not null,
    owner_id {uuid} not null,
    kind text not null check (kind in ('open', 'settled', 'commission', 'exchange')),
    currency text not null,
    primary key (network_id, owner_id, kind, currency)
);
create table ledger_transaction (
    network_id {uuid} not null,
    transaction_id {uuid} not null,
    charge_id {uuid},
    settlement_id {uuid},
    period text not null,
    posted_at {ts} not null,
    primary key (network_id, transaction_id),
    unique (network_id, charge_id),
    unique (network_id, settlement_id),
    check ((charge_id is null) <> (settlement_id is null)),
    foreign key (network_id, charge_id) references charge (network_id, charge_id),
    foreign key (network_id, settlement_id) references settlement (network_id, settlement_id)
);
create table ledger_entry (
    network_id {uuid} not null,
    transaction_id {uuid} not null,
    owner_id {uuid} not null,
    kind text not null,
    currency text not null,
    amount_minor bigint not null check (amount_minor <> 0),
    primary key (network_id, transaction_id, owner_id, kind, currency),
    foreign key (network_id, owner_id, kind, currency) references account (network_id, owner_id, kind, currency),
    foreign key (network_id, transaction_id) references ledger_transaction (network_id, transaction_id)
        deferrable initially deferred
);
-- @tenant network account ledger_transaction ledger_entry
-- @append-only account ledger_transaction ledger_entry

-- @only sqlite
create trigger ledger_transaction_balances before insert on ledger_transaction
when not exists (select 1 from ledger_entry
        where network_id = new.network_id and transaction_id = new.transaction_id)
    or exists (select 1 from ledger_entry
        where network_id = new.network_id and transaction_id = new.transaction_id
        group by currency having sum(amount_minor) <> 0)
begin select raise(abort, 'a ledger transaction must sum to zero in every currency'); end;
create trigger ledger_entry_is_in_time before insert on ledger_entry
when exists (select 1 from ledger_transaction
        where network_id = new.network_id and transaction_id = new.transaction_id)
begin select raise(abort, 'a posted ledger transaction takes no more entries'); end;

-- @only postgres
create function ledger_transaction_balances() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from ledger_entry
            where network_id = new.network_id and transaction_id = new.transaction_id)
        or exists (select 1 from ledger_entry
            where network_id = new.network_id and transaction_id = new.transaction_id
            group by currency having sum(amount_minor) <> 0) then
        raise exception 'a ledger transaction must sum to zero in every currency';
    end if;
    return new;
end $$;
create trigger ledger_transaction_balances before insert on ledger_transaction
for each row execute function ledger_transaction_balances();
create function ledger_entry_is_in_time() returns trigger language plpgsql as $$
begin
    if exists (select 1 from ledger_transaction
            where network_id = new.network_id and transaction_id = new.transaction_id) then
        raise exception 'a posted ledger transaction takes no more entries';
    end if;
    return new;
end $$;
create trigger ledger_entry_is_in_time before insert on ledger_entry
for each row execute function ledger_entry_is_in_time();
