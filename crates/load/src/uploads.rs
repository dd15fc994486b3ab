//! A burst: readers that were offline upload their logs all at once, and monitoring consumes every visit.
//!
//! Always true: the end of the burst is read from monitoring's figures, so the time covers outbox, relay, bus and
//! consumer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use kernel::{Clock as _, SystemClock};
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::{
    chips::Chips,
    graph::{Endpoint, Graph},
};

const UPLOAD: &str = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { \
    taken denied { line reason } refused { line message } } }";
const MINUTES: &str = "query($slug: String!, $from: Period!, $until: Period!) { hub(slug: $slug) { \
    metrics(from: $from, until: $until, by: DAY) { minutes } } }";
/// Number of visits in the largest upload.
const VISITS_PER_UPLOAD: usize = 250;
/// Each visit publishes two events: its start and its end.
const EVENTS_PER_VISIT: usize = 2;
const VISIT_MINUTES: i64 = 2;
/// A member's next visit of the burst begins this much later.
const SLOT: SignedDuration = SignedDuration::from_mins(5);
/// Visits of yesterday begin at this hour, after every night visit has ended.
const FIRST_HOUR: i8 = 6;
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(10);

/// Uploads yesterday's logs of a hub and waits until monitoring has counted them.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    endpoint: Endpoint,
    /// The hub, by its slug; its clock shows UTC.
    #[arg(long)]
    hub: String,
    /// Its reader, by its code.
    #[arg(long, default_value = "reception")]
    device: String,
    #[command(flatten)]
    chips: Chips,
    /// How many uploads.
    #[arg(long)]
    uploads: usize,
    /// How many uploads earlier runs have made.
    #[arg(long, default_value_t = 0)]
    from: usize,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let mut graph = arguments.endpoint.open().await?;
    let hub = graph.hub(&arguments.hub).await?;
    let yesterday = TimeZone::UTC.to_datetime(SystemClock.now()).date().yesterday()?;
    let before = minutes(&mut graph, &arguments.hub, yesterday).await?;
    let inputs: Vec<Json> = (arguments.from..arguments.from + arguments.uploads)
        .map(|upload| input(&arguments, &hub, yesterday, upload))
        .collect::<Result<_>>()?;
    let visits = arguments.uploads * VISITS_PER_UPLOAD;
    let expected = before + i64::try_from(visits)? * VISIT_MINUTES;
    let started = Instant::now();
    for input in inputs {
        send(&mut graph, input).await?;
    }
    let written = started.elapsed();
    while minutes(&mut graph, &arguments.hub, yesterday).await? < expected {
        if started.elapsed() > PATIENCE {
            bail!("monitoring has not counted the burst after {} s", PATIENCE.as_secs());
        }
        sleep(PAUSE).await;
    }
    println!("events {}", visits * EVENTS_PER_VISIT);
    println!("written_us {}", written.as_micros());
    println!("elapsed_us {}", started.elapsed().as_micros());
    Ok(())
}

async fn send(graph: &mut Graph, input: Json) -> Result<()> {
    let answer = graph.mutate(UPLOAD, input).await?;
    if answer["taken"] != VISITS_PER_UPLOAD * 2 {
        bail!("not every line was taken: {answer}");
    }
    Ok(())
}

/// Returns one upload: as many members as it holds come in and leave. The next upload has the next members; after all
/// of them, the first ones again a little later.
fn input(arguments: &Arguments, hub: &str, day: Date, upload: usize) -> Result<Json> {
    let groups = (arguments.chips.count / VISITS_PER_UPLOAD).max(1);
    let (group, slot) = (upload % groups, upload / groups);
    let begin =
        day.at(FIRST_HOUR, 0, 0, 0).to_zoned(TimeZone::UTC)?.timestamp() + SLOT * i32::try_from(slot)?;
    let end = begin + SignedDuration::from_mins(VISIT_MINUTES);
    let line = |member: usize, direction: &str, at: Timestamp| {
        let place = group * VISITS_PER_UPLOAD + member;
        let chip = arguments.chips.number(place);
        json!({ "eventId": format!("{upload}-{member}-{direction}"), "at": at, "credential": chip, "direction": direction })
    };
    let lines: Vec<Json> =
        (0..VISITS_PER_UPLOAD).flat_map(|it| [line(it, "IN", begin), line(it, "OUT", end)]).collect();
    Ok(json!({ "hubId": hub, "device": arguments.device, "lines": lines }))
}

/// Returns the minutes of a day that monitoring has counted so far.
async fn minutes(graph: &mut Graph, slug: &str, day: Date) -> Result<i64> {
    let variables = json!({ "slug": slug, "from": day, "until": day.tomorrow()? });
    let data = graph.ask(MINUTES, variables).await?;
    data["hub"]["metrics"]["minutes"][0].as_i64().context("monitoring has no figures of the hub")
}
