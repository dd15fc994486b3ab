//! Rows of visits: the table `monitoring_visit`.

use std::collections::BTreeMap;

use kernel::{NetworkId, VisitId};
use platform_db::{
    DbError, Ts, Tx,
    column::{id, read_id},
};
use sea_orm::{QueryResult, Value};

use crate::model::visit_fact::{VisitFact, VisitState};

const PAGE: i64 = 2_000;
const COLUMNS: &str = "visit_id, hub_id, home_hub_id, started_at, ended_at, annulled, revision";

/// Returns those of the visits that are known.
pub(crate) async fn list(
    tx: &Tx,
    network: NetworkId,
    visits: impl Iterator<Item = VisitId>,
) -> Result<BTreeMap<VisitId, VisitFact>, DbError> {
    let mut visits: Vec<VisitId> = visits.collect();
    visits.sort_unstable();
    visits.dedup();
    let (which, ids) = tx.among_ids("visit_id", 2, &visits);
    let sql = format!("select {COLUMNS} from monitoring_visit where network_id = $1 and {which}");
    let rows = tx.rows(&sql, std::iter::once(id(network)).chain(ids)).await?;
    rows.iter().map(|row| fact(row).map(|fact| (fact.visit_id, fact))).collect()
}

/// Returns the next visits of the network in order of their ids.
pub(crate) async fn page_after(
    tx: &Tx,
    network: NetworkId,
    last: Option<VisitId>,
) -> Result<Vec<VisitFact>, DbError> {
    let after = if last.is_some() { "and visit_id > $3" } else { "" };
    let sql = format!(
        "select {COLUMNS} from monitoring_visit where network_id = $1 {after} order by visit_id limit $2"
    );
    let mut values: Vec<Value> = vec![id(network), PAGE.into()];
    values.extend(last.map(id));
    tx.rows(&sql, values).await?.iter().map(fact).collect()
}

/// Stores the facts of visits.
pub(crate) async fn save(tx: &Tx, network: NetworkId, facts: &[VisitFact]) -> Result<(), DbError> {
    let row = |fact: &VisitFact| {
        let (ended_at, annulled) = match fact.state {
            VisitState::Open => (None, false),
            VisitState::Ended(at) => (Some(Ts(at)), false),
            VisitState::Annulled => (None, true),
        };
        [
            id(network),
            id(fact.visit_id),
            id(fact.hub_id),
            id(fact.home_hub_id),
            Ts(fact.started_at).into(),
            ended_at.into(),
            annulled.into(),
            fact.revision.into(),
        ]
    };
    let head = format!("insert into monitoring_visit (network_id, {COLUMNS})");
    let tail = "on conflict (network_id, visit_id) do update set hub_id = excluded.hub_id, \
                home_hub_id = excluded.home_hub_id, started_at = excluded.started_at, ended_at = excluded.ended_at, \
                annulled = excluded.annulled, revision = excluded.revision";
    tx.insert_rows(&head, facts.iter().map(row).collect(), tail).await?;
    Ok(())
}

fn fact(row: &QueryResult) -> Result<VisitFact, DbError> {
    let ended_at: Option<Ts> = row.try_get("", "ended_at")?;
    let annulled: bool = row.try_get("", "annulled")?;
    Ok(VisitFact {
        visit_id: read_id(row, "visit_id")?,
        hub_id: read_id(row, "hub_id")?,
        home_hub_id: read_id(row, "home_hub_id")?,
        started_at: row.try_get::<Ts>("", "started_at")?.0,
        state: match ended_at {
            _ if annulled => VisitState::Annulled,
            Some(at) => VisitState::Ended(at.0),
            None => VisitState::Open,
        },
        revision: row.try_get("", "revision")?,
    })
}
