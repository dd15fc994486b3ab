//! Seat counts of hubs, which decide about admissions, and the data that a repeated report of a touch is compared
//! with.
//!
//! `hub_seats` holds the number of a hub's open visits, or more. Whoever opens or closes visits changes it in the
//! same transaction, with the row locked. A hub without a row has not been counted yet. On PostgreSQL
//! `record_presence` writes touches decided by the admission cache in one round trip, if every person's version is
//! still the cached one and every arrival finds a seat.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{Tenancy, run, tenant_table};

pub(crate) struct Capacity;

impl MigrationName for Capacity {
    fn name(&self) -> &'static str {
        "membership_9_capacity"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Capacity {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        tenant_table(manager, "hub_seats", Tenancy::Hub).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(POSTGRES).await?;
        }
        Ok(())
    }
}

const TABLES: &str = "
alter table hub add column capacity_is_soft boolean not null default false;
alter table touch add column reported_at {ts};
alter table touch add column proof text;
create table hub_seats (
    hub_id {uuid} primary key,
    network_id {uuid} not null,
    taken bigint not null check (taken >= 0),
    foreign key (network_id, hub_id) references hub (network_id, hub_id)
);";

/// Every batch changes the hub's row, which no other index holds: with free space on its page the update stays in
/// place.
const POSTGRES: &str = "
alter table hub_seats set (fillfactor = 10);

-- Writes touches, the visits they changed, the seats these take and the events that tell of them, if every person is at the
-- version that was known of them (ids and versions) and every hub has the seats that are wanted of it (how many more, and
-- its capacity). Answers false otherwise, and has written nothing but versions that grew for nothing. Persons are locked
-- first, in record_touches, then seats in order of hubs.
create function record_presence(tenant text, known json, seats json, touches json, visits json, events json)
returns boolean language plpgsql as $$
declare
    wanted record;
begin
    if not record_touches(tenant, known, '[]', visits, events) then
        return false;
    end if;
    insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
                       person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof)
    select touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, source,
           person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof
    from json_populate_recordset(null::touch, touches);
    for wanted in
        select s.hub_id, s.more, s.capacity
        from json_to_recordset(seats) as s(hub_id uuid, more bigint, capacity bigint) order by s.hub_id
    loop
        update hub_seats h set taken = h.taken + wanted.more
        where h.network_id = tenant::uuid and h.hub_id = wanted.hub_id
            and (wanted.more <= 0 or h.taken + wanted.more <= wanted.capacity);
        if not found then
            raise exception 'no seat is free' using errcode = 'HN001';
        end if;
    end loop;
    return true;
exception when sqlstate 'HN001' then
    return false;
end $$;";
