//! Charges and the double-entry ledger; the database itself enforces their rules.
//!
//! Always true:
//! - A revision of a visit is charged once, and a charge is credited once (R11). Nothing is charged to a settled
//!   month (R14).
//! - R10: a ledger transaction sums to zero in every currency and takes no later entries. Its entries are written
//!   first, under a foreign key that is checked at the commit. The row of the transaction is the seal: it is refused
//!   unless the entries balance, and no entry is added after it. So a transaction commits balanced or not at all, on
//!   both databases.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::{Tenancy, append_only::append_only, run, tenant_table};

pub(crate) struct ChargesAndLedger;

impl MigrationName for ChargesAndLedger {
    fn name(&self) -> &'static str {
        "roaming_3_charges_and_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ChargesAndLedger {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHARGES).await?;
        run(manager, LEDGER).await?;
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        run(manager, if is_postgres { POSTGRES_RULES } else { SQLITE_RULES }).await?;
        tenant_table(manager, "roaming_visit", Tenancy::Network).await?;
        for table in ["charge", "charge_line", "account", "ledger_transaction", "ledger_entry"] {
            tenant_table(manager, table, Tenancy::Network).await?;
            append_only(manager, table).await?;
        }
        Ok(())
    }
}

const CHARGES: &str = "
create table charge (
    network_id {uuid} not null,
    charge_id {uuid} not null,
    visit_id {uuid} not null,
    revision bigint not null,
    hub_id {uuid} not null,
    home_hub_id {uuid} not null,
    member_id {uuid} not null,
    tariff_id {uuid},
    credits {uuid},
    reason text not null,
    started_at {ts} not null,
    ended_at {ts} not null,
    minutes bigint not null,
    amount_minor bigint not null,
    currency text not null,
    period text not null,
    posted_at {ts} not null,
    primary key (network_id, charge_id),
    foreign key (network_id, hub_id) references roaming_hub (network_id, hub_id),
    foreign key (network_id, tariff_id) references tariff (network_id, tariff_id),
    foreign key (network_id, credits) references charge (network_id, charge_id)
);
create unique index charge_once_per_telling on charge (network_id, visit_id, revision) where credits is null;
create unique index charge_credited_once on charge (network_id, credits) where credits is not null;
create index charge_of_member on charge (network_id, member_id, charge_id);
create index charge_of_period on charge (network_id, period) where hub_id <> home_hub_id;
create table charge_line (
    network_id {uuid} not null,
    charge_id {uuid} not null,
    day {day} not null,
    hub_id {uuid} not null,
    member_id {uuid} not null,
    billed_seconds bigint not null,
    gross_minor bigint not null,
    amount_minor bigint not null,
    primary key (network_id, charge_id, day),
    foreign key (network_id, charge_id) references charge (network_id, charge_id)
);
create index charge_line_of_member on charge_line (network_id, member_id, day);
create table roaming_visit (
    network_id {uuid} not null,
    visit_id {uuid} not null,
    revision bigint not null,
    charge_id {uuid},
    primary key (network_id, visit_id),
    foreign key (network_id, charge_id) references charge (network_id, charge_id)
);";

const LEDGER: &str = "
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
);";

const SQLITE_RULES: &str = "
create trigger charge_period_is_open before insert on charge
when exists (select 1 from settlement where network_id = new.network_id and month = new.period)
begin select raise(abort, 'the month is settled'); end;
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
begin select raise(abort, 'a posted ledger transaction takes no more entries'); end;";

const POSTGRES_RULES: &str = "
create function charge_period_is_open() returns trigger language plpgsql as $$
begin
    if exists (select 1 from settlement where network_id = new.network_id and month = new.period) then
        raise exception 'the month is settled';
    end if;
    return new;
end $$;
create trigger charge_period_is_open before insert on charge
for each row execute function charge_period_is_open();
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
for each row execute function ledger_entry_is_in_time();";
