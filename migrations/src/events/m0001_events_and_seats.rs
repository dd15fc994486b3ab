//! Events, their seats, and copies of the two facts that this service needs from membership.
//!
//! An event is public, so its table is a directory; seats are visible to the network only. The table enforces R15: it
//! refuses a count of seats beyond the capacity and a second seat of a member at one event. The column
//! `idempotency_key` is no longer written: keys have a table of their own.

use sea_orm_migration::prelude::*;

use crate::{Tenancy, run, tenant_table};

/// Creates `events_hub`, `events_member`, `event` and `seat`.
pub(super) struct EventsAndSeats;

impl MigrationName for EventsAndSeats {
    fn name(&self) -> &'static str {
        "0001_events_and_seats"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EventsAndSeats {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COPIES).await?;
        run(manager, OWN).await?;
        tenant_table(manager, "events_hub", Tenancy::Directory).await?;
        tenant_table(manager, "events_member", Tenancy::Network).await?;
        tenant_table(manager, "event", Tenancy::Directory).await?;
        tenant_table(manager, "seat", Tenancy::Network).await
    }
}

const COPIES: &str = "
    create table events_hub (
        hub_id {uuid} not null primary key,
        network_id {uuid} not null
    );
    create table events_member (
        network_id {uuid} not null,
        member_id {uuid} not null,
        home_hub_id {uuid} not null,
        primary key (network_id, member_id)
    );";

const OWN: &str = "
    create table event (
        event_id {uuid} not null primary key,
        network_id {uuid} not null,
        hub_id {uuid} not null,
        title text not null,
        summary text not null,
        kind text not null check (kind in
            ('lecture', 'workshop', 'discussion', 'conference', 'consultation', 'school_project')),
        language text not null,
        starts_at {ts} not null,
        ends_at {ts} not null,
        capacity bigint not null check (capacity > 0),
        seats_taken bigint not null,
        published_at {ts} not null,
        idempotency_key text,
        unique (network_id, event_id),
        unique (network_id, hub_id, idempotency_key),
        check (ends_at > starts_at),
        check (seats_taken between 0 and capacity)
    );
    create index event_by_hub on event (hub_id, ends_at);
    create table seat (
        seat_id {uuid} not null primary key,
        network_id {uuid} not null,
        event_id {uuid} not null,
        hub_id {uuid} not null,
        member_id {uuid} not null,
        confirmed_at {ts} not null,
        unique (network_id, event_id, member_id),
        foreign key (network_id, event_id) references event (network_id, event_id)
    );
    create index seat_by_member on seat (network_id, member_id, seat_id);";
