//! Rows of visits.

use jiff::Timestamp;
use kernel::{HubId, NetworkId, PersonId, VisitId};
use platform_db::{DbError, Insert, Ts, Tx};
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{from_text, maybe, to_text};
use crate::{End, Stay, Visit, VisitQuery};

const COLUMNS: &str = "visit_id, network_id, hub_id, person_id, member_id, home_hub_id, category, source, started_at, \
                       ended_at, ended_by, annulled, revision";

pub(super) fn visit(row: &QueryResult) -> Result<Visit, DbError> {
    let (category, source): (String, String) = (row.try_get("", "category")?, row.try_get("", "source")?);
    let ended_at = row.try_get::<Option<Ts>>("", "ended_at")?;
    let ended_by = row.try_get::<Option<String>>("", "ended_by")?;
    let end = match (ended_at, ended_by) {
        (Some(at), Some(by)) => Some(End { at: at.0, by: from_text("visit", &by)? }),
        _ => None,
    };
    Ok(Visit {
        stay: Stay {
            id: row.try_get::<Uuid>("", "visit_id")?.into(),
            hub: row.try_get::<Uuid>("", "hub_id")?.into(),
            source: from_text("visit", &source)?,
            started_at: row.try_get::<Ts>("", "started_at")?.0,
            end,
        },
        network: row.try_get::<Uuid>("", "network_id")?.into(),
        person: row.try_get::<Uuid>("", "person_id")?.into(),
        member: row.try_get::<Uuid>("", "member_id")?.into(),
        home: row.try_get::<Uuid>("", "home_hub_id")?.into(),
        category: from_text("visit", &category)?,
        annulled: row.try_get("", "annulled")?,
        revision: row.try_get("", "revision")?,
    })
}

/// Converts visits to rows, in their current state. Ended visits come first, so that a person's next visit finds them
/// closed.
pub(crate) fn rows(visits: &[&Visit]) -> Result<Insert, DbError> {
    let mut visits: Vec<&&Visit> = visits.iter().collect();
    visits.sort_by_key(|visit| visit.is_open());
    let row = |visit: &&Visit| {
        Ok(vec![
            Uuid::from(visit.stay.id).into(),
            Uuid::from(visit.network).into(),
            Uuid::from(visit.stay.hub).into(),
            Uuid::from(visit.person).into(),
            Uuid::from(visit.member).into(),
            Uuid::from(visit.home).into(),
            to_text(&visit.category)?.into(),
            to_text(&visit.stay.source)?.into(),
            Ts(visit.stay.started_at).into(),
            maybe(visit.stay.end.map(|end| Ts(end.at))),
            maybe(visit.stay.end.map(|end| to_text(&end.by)).transpose()?),
            visit.annulled.into(),
            visit.revision.into(),
        ])
    };
    let rows = visits.into_iter().map(row).collect::<Result<_, DbError>>()?;
    let tail = "on conflict (visit_id) do update set ended_at = excluded.ended_at, ended_by = excluded.ended_by, \
                annulled = excluded.annulled, revision = excluded.revision";
    Ok(Insert { head: format!("insert into visit ({COLUMNS})"), rows, tail })
}

pub(crate) async fn find(tx: &Tx, network: NetworkId, ids: &[VisitId]) -> Result<Vec<Visit>, DbError> {
    let (which, ids) = tx.among_ids("visit_id", 2, ids);
    let sql = format!("select {COLUMNS} from visit where network_id = $1 and {which}");
    let values = std::iter::once(Uuid::from(network).into()).chain(ids);
    tx.rows(&sql, values).await?.iter().map(visit).collect()
}

/// Returns every open visit of a network: occupancy is counted from them.
pub(crate) async fn open(tx: &Tx, network: NetworkId) -> Result<Vec<Visit>, DbError> {
    let sql =
        format!("select {COLUMNS} from visit where network_id = $1 and ended_at is null and not annulled");
    tx.rows(&sql, [Uuid::from(network).into()]).await?.iter().map(visit).collect()
}

/// Returns the open visit of a person.
pub(crate) async fn open_of(tx: &Tx, network: NetworkId, person: PersonId) -> Result<Option<Visit>, DbError> {
    let sql = format!(
        "select {COLUMNS} from visit \
         where network_id = $1 and person_id = $2 and ended_at is null and not annulled"
    );
    let row = tx.row(&sql, [Uuid::from(network).into(), Uuid::from(person).into()]).await?;
    row.as_ref().map(visit).transpose()
}

pub(crate) async fn count_open(tx: &Tx, network: NetworkId, hub: HubId) -> Result<i64, DbError> {
    let sql = "select count(*) as present from visit \
               where network_id = $1 and hub_id = $2 and ended_at is null and not annulled";
    let row = tx.row(sql, [Uuid::from(network).into(), Uuid::from(hub).into()]).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "present")?))
}

/// Lists visits of a member or of a hub, latest first, or in reverse.
pub(crate) async fn list(tx: &Tx, network: NetworkId, query: &VisitQuery) -> Result<Vec<Visit>, DbError> {
    let (column, of) = match query {
        VisitQuery { member: Some(member), .. } => ("member_id", Uuid::from(*member)),
        VisitQuery { hub, .. } => ("hub_id", Uuid::from(*hub)),
    };
    let (beyond, order, start) = if query.page.is_backward() {
        (">", "asc", (Timestamp::UNIX_EPOCH, Uuid::nil()))
    } else {
        ("<", "desc", (far_future(), Uuid::max()))
    };
    let cursor = query.cursor.map_or(start, |(at, id)| (at, Uuid::from(id)));
    let sql = format!(
        "select {COLUMNS} from visit where network_id = $1 and {column} = $2 and not annulled \
         and (started_at {beyond} $3 or (started_at = $3 and visit_id {beyond} $4)) \
         order by started_at {order}, visit_id {order} limit $5"
    );
    let limit = i64::try_from(query.page.fetch()).unwrap_or(i64::MAX);
    let values = [Uuid::from(network).into(), of.into(), Ts(cursor.0).into(), cursor.1.into(), limit.into()];
    tx.rows(&sql, values).await?.iter().map(visit).collect()
}

/// The year 9000: later than every visit, and within the range of both databases.
fn far_future() -> Timestamp {
    Timestamp::from_second(221_845_392_000).unwrap_or(Timestamp::MAX)
}
