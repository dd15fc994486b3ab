//! Rows of touches.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{HubId, MemberId, NetworkId, PersonId, VisitId};
use platform_db::{DbError, Insert, Ts, Tx};
use uuid::Uuid;

use super::{from_text, maybe, to_text};
use crate::{DenialReason, Direction, Effect, Touch, admission::CLOCK_MAY_LEAD};

/// A touch to write: the report and its outcome.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub touch: Touch,
    pub network: NetworkId,
    pub event_id: String,
    pub report: Report,
    pub person: Option<PersonId>,
    pub skewed: bool,
    pub outcome: Outcome,
}

/// The report under an event id: decides whether a second report is the same touch or another one (R23).
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub received_at: Timestamp,
    /// The time stated by the reporter, if any.
    pub at: Option<Timestamp>,
    pub direction: Direction,
    /// The member the touch was ascribed to.
    pub member: Option<MemberId>,
    /// The presented credential as a hash that is comparable only under the same event id; `None` for touches
    /// recorded before the hash was stored.
    pub proof: Option<String>,
}

impl Report {
    /// Returns whether another report under the same event id is of the same touch. If only one of them states a
    /// time, they match if that time is possible within the clock tolerance.
    pub(crate) fn is_same(&self, again: &Self) -> bool {
        let is_about = |at: Timestamp, received: Timestamp| {
            at >= received - CLOCK_MAY_LEAD && at <= received + CLOCK_MAY_LEAD
        };
        let is_same_time = match (self.at, again.at) {
            (Some(at), Some(at_again)) => at == at_again,
            (None, None) => true,
            (Some(at), None) => is_about(at, again.received_at),
            (None, Some(at)) => is_about(at, self.received_at),
        };
        let is_same_bearer = match (&self.proof, &again.proof) {
            (Some(proof), Some(proof_again)) => proof == proof_again,
            _ => self.member.is_none() || self.member == again.member,
        };
        self.direction == again.direction && is_same_time && is_same_bearer
    }
}

/// The outcome of a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Denied(DenialReason),
    Took(Effect),
}

const OPENED: &str = "opened";
const ALREADY_OPEN: &str = "already_open";
const CLOSED: &str = "closed";
const NOTHING_OPEN: &str = "nothing_open";
const DENIED: &str = "denied";

/// Converts touches to rows.
pub(crate) fn rows(touches: &[&Row]) -> Result<Insert, DbError> {
    let row = |row: &&Row| {
        let (effect, visit, denied) = match row.outcome {
            Outcome::Denied(reason) => (DENIED, None, Some(to_text(&reason)?)),
            Outcome::Took(Effect::Opened(visit)) => (OPENED, Some(visit), None),
            Outcome::Took(Effect::AlreadyOpen(visit)) => (ALREADY_OPEN, Some(visit), None),
            Outcome::Took(Effect::Closed(visit)) => (CLOSED, Some(visit), None),
            Outcome::Took(Effect::NothingOpen) => (NOTHING_OPEN, None, None),
        };
        Ok(vec![
            Uuid::from(row.touch.id).into(),
            Uuid::from(row.network).into(),
            Uuid::from(row.touch.hub).into(),
            row.touch.reporter.clone().into(),
            row.event_id.clone().into(),
            Ts(row.touch.at).into(),
            Ts(row.report.received_at).into(),
            to_text(&row.touch.direction)?.into(),
            to_text(&row.touch.source)?.into(),
            maybe(row.person.map(Uuid::from)),
            maybe(row.report.member.map(Uuid::from)),
            maybe(denied),
            row.skewed.into(),
            effect.into(),
            maybe(visit.map(Uuid::from)),
            maybe(row.report.at.map(Ts)),
            maybe(row.report.proof.clone()),
        ])
    };
    let head = "insert into touch (touch_id, network_id, hub_id, reporter, event_id, at, received_at, direction, \
                source, person_id, member_id, denied, skewed, effect, visit_id, reported_at, proof)";
    Ok(Insert { head: head.into(), rows: touches.iter().map(row).collect::<Result<_, DbError>>()?, tail: "" })
}

/// A touch that was recorded before.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub report: Report,
    pub outcome: Outcome,
}

/// Finds touches that were recorded before, by event id.
pub(crate) async fn recorded(
    tx: &Tx,
    network: NetworkId,
    hub: HubId,
    reporter: &str,
    event_ids: &[String],
) -> Result<HashMap<String, Recorded>, DbError> {
    let (which, ids) = tx.among("event_id", 4, event_ids);
    let sql = format!(
        "select event_id, direction, member_id, effect, visit_id, denied, at, received_at, reported_at, proof from touch \
         where network_id = $1 and hub_id = $2 and reporter = $3 and {which}"
    );
    let tenant = [Uuid::from(network).into(), Uuid::from(hub).into(), reporter.into()];
    let rows = tx.rows(&sql, tenant.into_iter().chain(ids)).await?;
    rows.iter()
        .map(|row| {
            let effect: String = row.try_get("", "effect")?;
            let visit = || -> Result<VisitId, DbError> { Ok(row.try_get::<Uuid>("", "visit_id")?.into()) };
            let outcome = match effect.as_str() {
                OPENED => Outcome::Took(Effect::Opened(visit()?)),
                ALREADY_OPEN => Outcome::Took(Effect::AlreadyOpen(visit()?)),
                CLOSED => Outcome::Took(Effect::Closed(visit()?)),
                NOTHING_OPEN => Outcome::Took(Effect::NothingOpen),
                DENIED => Outcome::Denied(from_text("touch", &row.try_get::<String>("", "denied")?)?),
                unknown => return Err(DbError::inconsistent("touch", unknown)),
            };
            let (at, received_at) = (row.try_get::<Ts>("", "at")?.0, row.try_get::<Ts>("", "received_at")?.0);
            let proof: Option<String> = row.try_get("", "proof")?;
            // Of older touches only their own time was stored: the reporter's, unless it equals that of their
            // arrival.
            let older = (proof.is_none() && at != received_at).then_some(at);
            let report = Report {
                received_at,
                at: row.try_get::<Option<Ts>>("", "reported_at")?.map(|at| at.0).or(older),
                direction: from_text("touch", &row.try_get::<String>("", "direction")?)?,
                member: row.try_get::<Option<Uuid>>("", "member_id")?.map(Into::into),
                proof,
            };
            let recorded = Recorded { report, outcome };
            Ok((row.try_get("", "event_id")?, recorded))
        })
        .collect()
}
