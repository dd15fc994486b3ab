//! The event log: emitted events in order, kept for a stated time for replay; the position up to which each consumer
//! has compared the log with its inbox; and the events postponed beside a consumer's queue.
//!
//! Always true: the events of a stream (a kind in a network) are numbered from 1 without gaps. The outbox holds only
//! events without a number. A window holds numbered events that are not known to be published.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::run;

/// Creates `event_stream`, `event_log`, `relay_window`, `received_mark` and `postponed_event`.
pub(crate) struct EventLog;

impl MigrationName for EventLog {
    fn name(&self) -> &'static str {
        "plumbing_6_event_log"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EventLog {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        if still_has_postponed_until(manager).await? {
            run(manager, DROP_COLUMN).await?;
        }
        Ok(())
    }
}

/// Returns whether the outbox still has the column of postponed events, which now wait elsewhere. SQLite is asked by
/// a query, because its pragmas may lag behind what another connection has just changed.
async fn still_has_postponed_until(manager: &SchemaManager<'_>) -> Result<bool, DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        return manager.has_column("outbox", "postponed_until_ms").await;
    }
    let asked = manager.get_connection().execute_unprepared("select postponed_until_ms from outbox limit 0");
    Ok(asked.await.is_ok())
}

/// The read makes SQLite load the current schema: dropping a column trusts the schema that the connection has cached.
const DROP_COLUMN: &str = "select count(*) from outbox; alter table outbox drop column postponed_until_ms;";

const TABLES: &str = "
create table if not exists event_stream (
    stream_id {position},
    networkid text not null,
    kind text not null,
    last bigint not null check (last > 0)
);
create unique index if not exists event_stream_name on event_stream (kind, networkid);
create table if not exists event_log (
    stream_id bigint not null,
    sequence bigint not null check (sequence > 0),
    event_id {uuid} not null,
    emitted_at {ts} not null,
    body text not null,
    primary key (stream_id, sequence)
);
create table if not exists relay_window (
    window_id {position},
    claimed_until_ms bigint not null,
    events bigint not null check (events > 0),
    ranges text not null
);
create table if not exists received_mark (
    consumer text not null,
    networkid text not null,
    kind text not null,
    sequence bigint not null,
    primary key (consumer, kind, networkid)
);
create table if not exists postponed_event (
    position {position},
    consumer text not null,
    event_id {uuid} not null,
    subject text not null,
    postponed_at_ms bigint not null,
    due_at_ms bigint not null,
    body text not null,
    reason text not null
);
create unique index if not exists postponed_event_id on postponed_event (consumer, event_id);
create index if not exists postponed_event_subject on postponed_event (consumer, subject, position);
create index if not exists postponed_event_due on postponed_event (consumer, due_at_ms);";
