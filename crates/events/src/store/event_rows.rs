//! Announced events: the table, its rows, and the one statement that keeps R15.

use kernel::{EventId, FreeText, HubId, Label};
use platform_db::{DbError, Ts, Tx, column::id};
use sea_orm::{FromQueryResult, Set, entity::prelude::*};

use crate::{Event, EventKind};

/// A row of `event`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    pub network_id: Uuid,
    pub hub_id: Uuid,
    pub title: String,
    pub summary: String,
    pub kind: String,
    pub language: String,
    pub starts_at: Ts,
    pub ends_at: Ts,
    pub capacity: i64,
    pub seats_taken: i64,
    pub published_at: Ts,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(tx: &Tx, event: &Event) -> Result<(), DbError> {
    let row = ActiveModel {
        event_id: Set(event.id.into()),
        network_id: Set(event.network_id.into()),
        hub_id: Set(event.hub_id.into()),
        title: Set(event.title.clone().into()),
        summary: Set(event.summary.clone().into()),
        kind: Set(event.kind.word().into()),
        language: Set(event.language.code().into()),
        starts_at: Set(event.starts_at.into()),
        ends_at: Set(event.ends_at.into()),
        capacity: Set(event.capacity.into()),
        seats_taken: Set(event.seats_taken.into()),
        published_at: Set(event.published_at.into()),
    };
    Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Returns those of the events that exist. An announced event is public, so there is no tenant check.
pub(crate) async fn list(tx: &Tx, events: &[EventId]) -> Result<Vec<Event>, DbError> {
    let ids = events.iter().map(|id| Uuid::from(*id));
    let rows = Entity::find().filter(Column::EventId.is_in(ids)).all(tx.conn()).await?;
    rows.into_iter().map(Event::try_from).collect()
}

/// Returns, for each hub, the first few events that are not over at an instant, in order of their start.
pub(crate) async fn list_upcoming(
    tx: &Tx,
    hubs: &[HubId],
    now: Ts,
    first: u32,
) -> Result<Vec<Event>, DbError> {
    if hubs.is_empty() {
        return Ok(Vec::new());
    }
    let (which, ids) = tx.among_ids("hub_id", 3, hubs);
    let sql = format!(
        "select * from (select event.*, row_number() over (partition by hub_id order by starts_at, event_id) as place \
         from event where ends_at > $1 and {which}) as upcoming where place <= $2 order by hub_id, place"
    );
    let values = [now.into(), i64::from(first).into()].into_iter().chain(ids);
    let rows = tx.rows(&sql, values).await?;
    rows.iter().map(|row| Model::from_query_result(row, "")?.try_into()).collect()
}

/// Counts one more seat as taken, if one is free. The check and the count are one statement, so that two concurrent
/// requests cannot both get the last seat (R15).
pub(crate) async fn count_one_more_seat(tx: &Tx, event: &Event) -> Result<bool, DbError> {
    let sql = "update event set seats_taken = seats_taken + 1 \
               where network_id = $1 and event_id = $2 and seats_taken < capacity";
    let ids = [id(event.network_id), id(event.id)];
    Ok(tx.run(sql, ids).await?.rows_affected() == 1)
}

impl TryFrom<Model> for Event {
    type Error = DbError;
    fn try_from(row: Model) -> Result<Self, DbError> {
        let broken = |detail: String| DbError::inconsistent("event", format!("{}: {detail}", row.event_id));
        Ok(Self {
            id: row.event_id.into(),
            network_id: row.network_id.into(),
            hub_id: row.hub_id.into(),
            kind: EventKind::from_word(&row.kind).ok_or_else(|| broken(format!("kind {:?}", row.kind)))?,
            language: row
                .language
                .parse()
                .map_err(|_unknown| broken(format!("language {:?}", row.language)))?,
            capacity: u32::try_from(row.capacity).map_err(|error| broken(error.to_string()))?,
            seats_taken: u32::try_from(row.seats_taken).map_err(|error| broken(error.to_string()))?,
            title: Label::stored(row.title),
            summary: FreeText::stored(row.summary),
            starts_at: row.starts_at.0,
            ends_at: row.ends_at.0,
            published_at: row.published_at.0,
        })
    }
}
