//! Loads the part of persons' histories that a reading needs: their visits and touches since the last visit that
//! nothing new can change.
//!
//! Always true: the cost is the same for a daily visitor and a newcomer, and one round trip for any number of
//! persons. Each person is looked up in an index, whatever PostgreSQL's statistics were when it made its plan.

use jiff::Timestamp;
use kernel::{NetworkId, PersonId, TouchId};
use platform_db::{DbError, Ts, Tx};
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{from_text, uuids, visit};
use crate::{Touch, Visit, Visitor, visit::is_quiet_beginning};

/// The bounds of a reading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Visits that began before this are irrelevant, unless they are open.
    pub oldest: Timestamp,
    /// Touches before this are irrelevant.
    pub begins: Timestamp,
    /// The time of the first new touch. Reading begins at the last visit within the window that began before it,
    /// quietly.
    pub earliest: Timestamp,
}

/// Visits and touches of some persons.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// The visits, in order of their start.
    pub visits: Vec<Visit>,
    /// The touches that were let through, each with its membership.
    pub touches: Vec<(Touch, Visitor)>,
}

impl History {
    /// Returns the part of a person's complete history that a window shows: the same result as [`read`].
    pub(crate) fn seen_through(&self, window: Window) -> Self {
        let Window { oldest, begins, earliest } = window;
        let began = |visit: &&Visit| visit.stay.started_at;
        let is_final = |visit: &&Visit| {
            let is_before = !visit.annulled && (begins..earliest).contains(&began(visit));
            is_before && is_quiet_beginning(began(visit), self.touches.iter().map(|(touch, _)| touch))
        };
        let last_final = self.visits.iter().filter(is_final).map(|visit| visit.stay.started_at).max();
        let is_seen = |visit: &&Visit| {
            let reaches_in = began(visit) >= begins || visit.stay.end.is_none_or(|end| end.at > begins);
            visit.is_open() || began(visit) >= last_final.unwrap_or(oldest) && reaches_in
        };
        let is_made = |(touch, _): &&(Touch, Visitor)| touch.at >= last_final.unwrap_or(begins);
        Self {
            visits: self.visits.iter().filter(is_seen).cloned().collect(),
            touches: self.touches.iter().filter(is_made).cloned().collect(),
        }
    }
}

const OF_VISIT: &str = "v.visit_id, v.hub_id, v.person_id, v.member_id, v.home_hub_id, v.category, v.source, \
                        v.started_at, v.ended_at, v.ended_by, v.annulled, v.revision, v.network_id, null as direction, \
                        null as reporter";
/// A little longer than the tolerated clock difference: the result is enough for [`is_quiet_beginning`] to decide.
const POSTGRES_JUST_BEFORE: &str = "s.started_at - interval '6 minutes'";
const SQLITE_JUST_BEFORE: &str = "strftime('%Y-%m-%dT%H:%M:%f', s.started_at, '-6 minutes')";
/// A touch in the columns of a visit.
const OF_TOUCH: &str = "t.touch_id, t.hub_id, t.person_id, m.member_id, m.hub_id, m.category, t.source, \
                        t.at, null, null, null, null, t.network_id, t.direction, t.reporter";

/// Reads the history of persons within a window.
pub(crate) async fn read(
    tx: &Tx,
    network: NetworkId,
    persons: &[PersonId],
    window: Window,
) -> Result<History, DbError> {
    if persons.is_empty() {
        return Ok(History::default());
    }
    let (persons, keys) = tx.keys(5, &uuids(persons));
    let just_before = if tx.is_postgres() { POSTGRES_JUST_BEFORE } else { SQLITE_JUST_BEFORE };
    // A single value is looked up visit by visit; `not exists` could be joined with the whole table.
    let settled = format!(
        "select max(s.started_at) from visit s where s.network_id = $1 and s.person_id = keys.key \
         and not s.annulled and s.started_at >= $3 and s.started_at < $4 and \
         (select max(q.at) from touch q where q.person_id = s.person_id and q.denied is null and q.direction = 'out' \
         and q.at <= s.started_at and q.at > {just_before}) is null"
    );
    let over = "v.network_id = $1 and (v.ended_at is not null or v.annulled) \
                and v.started_at >= asked.visits_from \
                and (v.started_at >= $3 or v.ended_at is null or v.ended_at > $3)";
    let lasting = "v.network_id = $1 and v.ended_at is null and not v.annulled";
    let made = "t.network_id = $1 and t.denied is null and t.at >= asked.touches_from";
    let sql = format!(
        "with found as (select keys.key as person_id, ({settled}) as settled from {persons}), \
         asked as (select person_id, coalesce(settled, $2) as visits_from, coalesce(settled, $3) as touches_from \
         from found) \
         select {OF_VISIT} from {} union all select {OF_VISIT} from {} \
         union all select {OF_TOUCH} from {} join member m on m.member_id = t.member_id order by 8, 1",
        of_each(tx, "visit v", over),
        of_each(tx, "visit v", lasting),
        of_each(tx, "touch t", made),
    );
    let bounds = [
        Uuid::from(network).into(),
        Ts(window.oldest).into(),
        Ts(window.begins).into(),
        Ts(window.earliest).into(),
    ];
    let mut history = History::default();
    for row in tx.rows(&sql, bounds.into_iter().chain(keys)).await? {
        match row.try_get::<Option<String>>("", "direction")? {
            Some(direction) => history.touches.push(touch(&row, &direction)?),
            None => history.visits.push(visit::visit(&row)?),
        }
    }
    Ok(history)
}

/// Selects the rows of a table, under its alias, that belong to each requested person. PostgreSQL could choose joins
/// that read the whole table; this form looks up person by person, as SQLite does anyway.
fn of_each(tx: &Tx, table: &str, which: &str) -> String {
    let alias = table.rsplit(' ').next().unwrap_or(table);
    if tx.is_postgres() {
        return format!(
            "asked cross join lateral \
             (select {alias}.* from {table} where {alias}.person_id = asked.person_id and {which} offset 0) {alias}"
        );
    }
    format!("asked cross join {table} on {alias}.person_id = asked.person_id and {which}")
}

fn touch(row: &QueryResult, direction: &str) -> Result<(Touch, Visitor), DbError> {
    let id = |column: &str| row.try_get::<Uuid>("", column);
    let word = |column: &str| row.try_get::<String>("", column);
    let touch = Touch {
        id: TouchId::from(id("visit_id")?),
        hub: id("hub_id")?.into(),
        at: row.try_get::<Ts>("", "started_at")?.0,
        direction: from_text("touch", direction)?,
        source: from_text("touch", &word("source")?)?,
        reporter: word("reporter")?,
    };
    let visitor = Visitor {
        person: id("person_id")?.into(),
        member: id("member_id")?.into(),
        home: id("home_hub_id")?.into(),
        category: from_text("member", &word("category")?)?,
    };
    Ok((touch, visitor))
}
