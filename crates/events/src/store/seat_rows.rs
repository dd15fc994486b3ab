//! Seats: the table and its rows.

use jiff::Timestamp;
use kernel::{EventId, MemberId, NetworkId, SeatId};
use platform_db::{DbError, Ts, Tx, column::id};
use sea_orm::{FromQueryResult, Set, Value, entity::prelude::*, sea_query::OnConflict};

use crate::Seat;

/// A row of `seat`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seat")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seat_id: Uuid,
    pub network_id: Uuid,
    pub event_id: Uuid,
    pub hub_id: Uuid,
    pub member_id: Uuid,
    pub confirmed_at: Ts,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The part of a member's seats to read, beyond a seat or from an end of the list on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) count: u64,
    /// The seat at which the part begins; the part does not contain it.
    pub(crate) cursor: Option<SeatId>,
    /// Whether the part is read from the oldest seat on.
    pub(crate) backward: bool,
}

/// Inserts a seat. Returns false if the member already has one at the event.
pub(crate) async fn insert_if_none(tx: &Tx, network: NetworkId, seat: &Seat) -> Result<bool, DbError> {
    let row = ActiveModel {
        seat_id: Set(seat.id.into()),
        network_id: Set(network.into()),
        event_id: Set(seat.event_id.into()),
        hub_id: Set(seat.hub_id.into()),
        member_id: Set(seat.member_id.into()),
        confirmed_at: Set(seat.confirmed_at.into()),
    };
    let once =
        OnConflict::columns([Column::NetworkId, Column::EventId, Column::MemberId]).do_nothing().to_owned();
    let inserted = Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await?;
    Ok(inserted == 1)
}

/// Deletes a seat that was inserted in this transaction.
pub(crate) async fn take_back(tx: &Tx, network: NetworkId, seat: SeatId) -> Result<(), DbError> {
    let sql = "delete from seat where network_id = $1 and seat_id = $2";
    tx.run(sql, [id(network), id(seat)]).await?;
    Ok(())
}

/// Removes a member's seats. At future events the seats become free again; past events keep their number of taken
/// seats.
pub(crate) async fn give_up(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
    at: Timestamp,
) -> Result<(), DbError> {
    let free = "update event set seats_taken = seats_taken - 1 where network_id = $1 and starts_at > $3 \
                and event_id in (select event_id from seat where network_id = $1 and member_id = $2)";
    let ids = [id(network), id(member)];
    tx.run(free, ids.clone().into_iter().chain([Ts(at).into()])).await?;
    tx.run("delete from seat where network_id = $1 and member_id = $2", ids).await?;
    Ok(())
}

/// Frees a member's seats at the events that begin at an instant or later.
pub(crate) async fn free_after(
    tx: &Tx,
    network: NetworkId,
    member: MemberId,
    at: Timestamp,
) -> Result<(), DbError> {
    let later = "event_id in (select s.event_id from seat s join event e on e.event_id = s.event_id \
                 where s.network_id = $1 and s.member_id = $2 and e.starts_at >= $3)";
    let free = format!("update event set seats_taken = seats_taken - 1 where network_id = $1 and {later}");
    let delete = format!("delete from seat where network_id = $1 and member_id = $2 and {later}");
    for sql in [free, delete] {
        let values = [Uuid::from(network).into(), Uuid::from(member).into(), Ts(at).into()];
        tx.run(&sql, values).await?;
    }
    Ok(())
}

/// Returns the seat of a member at an event.
pub(crate) async fn find(
    tx: &Tx,
    network: NetworkId,
    event: EventId,
    member: MemberId,
) -> Result<Option<Seat>, DbError> {
    let row = Entity::find()
        .filter(Column::NetworkId.eq(Uuid::from(network)))
        .filter(Column::EventId.eq(Uuid::from(event)))
        .filter(Column::MemberId.eq(Uuid::from(member)))
        .one(tx.conn())
        .await?;
    Ok(row.map(Seat::from))
}

/// Returns, for each member, a part of their seats, newest first; a part that is read backward, oldest first.
pub(crate) async fn list_of_members(
    tx: &Tx,
    network: NetworkId,
    members: &[MemberId],
    stretch: Stretch,
) -> Result<Vec<Seat>, DbError> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let (order, beyond) = if stretch.backward { ("asc", ">") } else { ("desc", "<") };
    let (part, first_member) = match stretch.cursor {
        Some(_) => (format!("and seat_id {beyond} $3"), 4),
        None => (String::new(), 3),
    };
    let (which, ids) = tx.among_ids("member_id", first_member, members);
    let sql = format!(
        "select * from (select seat.*, row_number() over (partition by member_id order by seat_id {order}) as place \
         from seat where network_id = $1 {part} and {which}) as newest \
         where place <= $2 order by member_id, place"
    );
    let count = i64::try_from(stretch.count).unwrap_or(i64::MAX);
    let mut values: Vec<Value> = vec![id(network), count.into()];
    values.extend(stretch.cursor.map(id));
    values.extend(ids);
    let rows = tx.rows(&sql, values).await?;
    rows.iter().map(|row| Ok(Model::from_query_result(row, "")?.into())).collect()
}

impl From<Model> for Seat {
    fn from(row: Model) -> Self {
        Self {
            id: row.seat_id.into(),
            event_id: row.event_id.into(),
            hub_id: row.hub_id.into(),
            member_id: row.member_id.into(),
            confirmed_at: row.confirmed_at.0,
        }
    }
}
