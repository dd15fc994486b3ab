//! Compares the services with each other (R25): no emitted event is missing anywhere, none waits for long, every ended
//! visit has its charge, and every visit is counted.
//!
//! Always true: events that may be on their way are checked again before they count as missing. Visits are compared in
//! pages, and at most as many differing ones are remembered as one repair can handle. A repair republishes what the
//! sources kept; what is older is named, not guessed.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use kernel::{CloudEvent, VisitId};
use platform_bus::{
    HandleError, Handler, Known, Suspects, Which, close_gaps, compare, list_kept, list_marks,
    postponed_events, retry_postponed, waiting_events,
};

use super::Findings;
use crate::{App, cli::events::replay};

/// How long events may be on their way.
const ON_ITS_WAY: Duration = Duration::from_secs(5);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// The most looks of a repair; the first look only detects missing events.
const LOOKS: usize = 10;
/// An event that waits longer needs attention.
const WAITS_FOR_LONG: Duration = Duration::from_mins(1);
/// The most differing visits remembered.
const REMEMBERED: usize = 10_000;
/// The most repairs; each brings up to [`REMEMBERED`] visits.
const MENDED_AT_MOST: usize = 1_000;

/// Compares the services; with `repair`, repairs what can be repaired.
pub(super) async fn examine(app: &App, repair: bool, findings: &mut Findings) {
    let deadline = Instant::now() + ON_ITS_WAY;
    for handler in app.handlers() {
        let part = format!("events to {}", handler.consumer());
        findings.note(&part, gaps(app, handler.as_ref(), repair, deadline).await);
        let part = format!("postponed by {}", handler.consumer());
        findings.note(&part, postponed(handler.as_ref(), repair).await);
    }
    findings.note("outbox", outbox(app).await);
    findings.note("visits and charges", visits(app, repair, deadline).await);
}

/// Checks that a receiver has every event that its sources kept.
async fn gaps(app: &App, handler: &dyn Handler, repair: bool, deadline: Instant) -> Result<String, String> {
    let (mut mended, mut looks) = (0, 0);
    let mut suspects = Suspects::new();
    loop {
        looks += 1;
        let lacking = if repair {
            let (brought, lacking) =
                close_gaps(handler, app.databases(), &mut suspects).await.map_err(text)?;
            mended += brought;
            lacking
        } else {
            lacking(app, handler).await.map_err(text)?
        };
        match lacking {
            0 if mended > 0 => return Ok(format!("{mended} published again, nothing lacks")),
            0 => return Ok("nothing lacks".into()),
            some if Instant::now() > deadline && (!repair || looks > LOOKS) => {
                return Err(format!("{some} lack: {TO_REPAIR}"));
            }
            _ => tokio::time::sleep(LOOK_AGAIN_AFTER).await,
        }
    }
}

const TO_REPAIR: &str =
    "running services ask for them within seconds, `hubnet doctor --repair` publishes them again";

/// Counts the kept events after a receiver's marks that it lacks, as far as one look shows.
async fn lacking(app: &App, handler: &dyn Handler) -> Result<usize, HandleError> {
    let kinds: Vec<String> = handler.consumes().iter().map(|kind| (*kind).to_owned()).collect();
    let mut lacking = 0;
    for source in app.databases() {
        loop {
            let marks = list_marks(handler.db(), handler.consumer()).await?;
            let pages = list_kept(source, &kinds, &marks).await?;
            let found = compare(handler, &pages, &Suspects::new()).await?;
            if !found.moved {
                lacking += found.lacking.len();
                break;
            }
        }
    }
    Ok(lacking)
}

/// Checks that no postponed event waits for long.
async fn postponed(handler: &dyn Handler, repair: bool) -> Result<String, String> {
    if repair {
        retry_postponed(handler, Which::All).await.map_err(text)?;
    }
    match postponed_events(handler.db(), handler.consumer()).await.map_err(text)? {
        (0, _) => Ok("none".into()),
        (some, waited) if waited < WAITS_FOR_LONG => Ok(format!("{some}, for less than a minute")),
        (some, waited) => {
            let minutes = waited.as_secs() / 60;
            Err(format!(
                "{some} wait for what they build on, the first for {minutes} minutes; see the log for why"
            ))
        }
    }
}

/// Checks that no event waits for long to be published.
async fn outbox(app: &App) -> Result<String, String> {
    let mut all = 0;
    for (service, db) in app.service_databases() {
        let (events, first) = waiting_events(&db).await.map_err(text)?;
        let waited = first.map_or(SignedDuration::ZERO, |first| app.world().now().duration_since(first));
        if waited > SignedDuration::try_from(WAITS_FOR_LONG).unwrap_or(SignedDuration::MAX) {
            return Err(format!(
                "{events} events of {} wait, the first for {} minutes: is a server running, and its broker?",
                service.name(),
                waited.as_mins()
            ));
        }
        all = if app.databases().len() == 1 { events } else { all + events };
    }
    Ok(if all == 0 { "empty".into() } else { format!("{all} events, for less than a minute") })
}

/// Visits that another service has not processed as it should.
#[derive(Debug, Default)]
struct Differing {
    uncharged: HashSet<VisitId>,
    uncounted: HashSet<VisitId>,
    /// Whether there may be more.
    is_full: bool,
}

impl Differing {
    fn is_empty(&self) -> bool {
        self.uncharged.is_empty() && self.uncounted.is_empty()
    }
}

impl std::fmt::Display for Differing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (uncharged, uncounted) = (self.uncharged.len(), self.uncounted.len());
        let more = if self.is_full { " or more" } else { "" };
        write!(f, "{uncharged}{more} lack their charge, {uncounted}{more} are not counted as they stand")
    }
}

/// Checks that every ended visit has its charge, and every visit is counted correctly.
async fn visits(app: &App, repair: bool, deadline: Instant) -> Result<String, String> {
    let mut mended = 0;
    let mut tries = 0;
    loop {
        let differing = differing(app).await?;
        if differing.is_empty() {
            return Ok(match mended {
                0 => "every ended visit has its charge, every visit is counted".into(),
                some => format!("{some} events published again; now every visit is charged and counted"),
            });
        }
        if repair && tries < MENDED_AT_MOST {
            tries += 1;
            let published = publish_again(app, &differing).await.map_err(text)?;
            mended += published;
            if published > 0 {
                continue;
            }
            return Err(format!("{differing}, and their events are not kept any more"));
        }
        if Instant::now() > deadline {
            return Err(format!("{differing}: `hubnet doctor --repair` publishes their events again"));
        }
        tokio::time::sleep(LOOK_AGAIN_AFTER).await;
    }
}

async fn differing(app: &App) -> Result<Differing, String> {
    let mut differing = Differing::default();
    let Some(membership) = app.membership() else { return Ok(differing) };
    for (network, hubs) in membership.list_networks_and_hubs().await.map_err(text)? {
        for hub in hubs {
            let mut last = None;
            loop {
                let visits = membership.list_visit_states(network, hub, last).await.map_err(text)?;
                last = visits.last().copied();
                if last.is_none() {
                    break;
                }
                let ids: Vec<VisitId> = visits.iter().map(|state| state.visit).collect();
                if let Some(roaming) = app.roaming() {
                    let rated = roaming.find_rated_visits(network, &ids).await.map_err(text)?;
                    let lacks = |state: &&membership::VisitState| {
                        let rated = rated.get(&state.visit);
                        state.is_ended
                            && rated.is_none_or(|it| !it.is_charged || it.revision < state.revision)
                    };
                    differing.uncharged.extend(visits.iter().filter(lacks).map(|state| state.visit));
                }
                if let Some(monitoring) = app.monitoring() {
                    let counted = monitoring.find_counted_visits(network, &ids).await.map_err(text)?;
                    let lacks = |state: &&membership::VisitState| {
                        counted.get(&state.visit).is_none_or(|revision| *revision < state.revision)
                    };
                    differing.uncounted.extend(visits.iter().filter(lacks).map(|state| state.visit));
                }
                if differing.uncharged.len().max(differing.uncounted.len()) > REMEMBERED {
                    differing.is_full = true;
                    return Ok(differing);
                }
            }
        }
    }
    Ok(differing)
}

/// Republishes the events of visits to the receivers that lack them; returns how many were handled.
async fn publish_again(app: &App, differing: &Differing) -> Result<usize, HandleError> {
    let mut handled = 0;
    for handler in app.handlers() {
        let lacking = match handler.consumer() {
            "roaming" => &differing.uncharged,
            "monitoring" => &differing.uncounted,
            _ => continue,
        };
        if lacking.is_empty() {
            continue;
        }
        let subjects: HashSet<String> = lacking.iter().map(ToString::to_string).collect();
        let is_wanted = |event: &CloudEvent| subjects.contains(&event.subject);
        let replayed = replay(handler.as_ref(), app.databases(), Known::HandledAgain, is_wanted).await?;
        handled += replayed.taken_in;
    }
    Ok(handled)
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
