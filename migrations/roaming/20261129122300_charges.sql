-- Charges of visits; the database itself enforces their rules.
--
-- Always true: a rating of a revision of a visit is charged once, and a charge is credited once (R11). `rating` counts
-- how often a revision was rated: another visit of the same day may change the price; then the charge is credited and
-- charged anew. Nothing is charged to a settled month (R14). A charge names a member together with the member's home
-- hub, a line the same hub and member as its charge.

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
    rating bigint not null default 1,
    primary key (network_id, charge_id),
    foreign key (network_id, hub_id) references roaming_hub (network_id, hub_id),
    foreign key (network_id, tariff_id) references tariff (network_id, tariff_id),
    foreign key (network_id, credits) references charge (network_id, charge_id),
    foreign key (network_id, home_hub_id, member_id) references roaming_member (network_id, home_hub_id, member_id)
);
create unique index charge_once_per_rating on charge (network_id, visit_id, revision, rating) where credits is null;
create unique index charge_credited_once on charge (network_id, credits) where credits is not null;
create index charge_of_member on charge (network_id, member_id, charge_id);
create index charge_of_period on charge (network_id, period) where hub_id <> home_hub_id;
create unique index charge_at_hub_of_member on charge (network_id, charge_id, hub_id, member_id);
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
    foreign key (network_id, charge_id, hub_id, member_id)
        references charge (network_id, charge_id, hub_id, member_id)
);
create index charge_line_of_member on charge_line (network_id, member_id, day);
create table roaming_visit (
    network_id {uuid} not null,
    visit_id {uuid} not null,
    revision bigint not null,
    charge_id {uuid},
    primary key (network_id, visit_id),
    foreign key (network_id, charge_id) references charge (network_id, charge_id)
);
-- @tenant network charge charge_line roaming_visit
-- @append-only charge charge_line

-- @only sqlite
create trigger charge_period_is_open before insert on charge
when exists (select 1 from settlement where network_id = new.network_id and month = new.period)
begin select raise(abort, 'the month is settled'); end;

-- @only postgres
create function charge_period_is_open() returns trigger language plpgsql as $$
begin
    if exists (select 1 from settlement where network_id = new.network_id and month = new.period) then
        raise exception 'the month is settled';
    end if;
    return new;
end $$;
create trigger charge_period_is_open before insert on charge
for each row execute function charge_period_is_open();
