//! Measures the time from a check-out to its charge, as a reader of the graph sees it.
//!
//! Always true: every visit is by a different member, so the work is the same each time. The time includes the reads
//! that poll for the charge, which run on the same two cores.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use jiff::SignedDuration;
use kernel::{Clock as _, SystemClock};
use serde_json::json;
use tokio::time::{Instant as Beat, MissedTickBehavior, interval_at, sleep};

use crate::{
    chips::Chips,
    graph::{Endpoint, Graph, text},
    measured::Measured,
    touches::{check_in, check_out},
};

const LATEST: &str = "query($slug: String!) { hub(slug: $slug) { visits(first: 1) { nodes { \
    id member { charges(first: 1) { nodes { visitId } } } } } } }";
/// Long enough to cost something.
const STAYED: SignedDuration = SignedDuration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(1);

/// Lets roaming members come and go at a gentle rate; measures from the response of each check-out to its charge.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    endpoint: Endpoint,
    /// The host, by its slug.
    #[arg(long)]
    hub: String,
    #[command(flatten)]
    chips: Chips,
    /// The first member.
    #[arg(long, default_value_t = 0)]
    from: usize,
    /// How many visits.
    #[arg(long)]
    visits: usize,
    /// How many visits a second.
    #[arg(long, default_value_t = 20)]
    rate: u32,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let mut graph = arguments.endpoint.open().await?;
    let hub = graph.hub(&arguments.hub).await?;
    let period = Duration::from_secs(1) / arguments.rate.max(1);
    let mut beat = interval_at(Beat::now(), period);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let started = Instant::now();
    let mut measured = Measured::default();
    for place in arguments.from..arguments.from + arguments.visits {
        beat.tick().await;
        let chip = arguments.chips.number(place);
        let at = SystemClock.now() - STAYED;
        check_in(&mut graph, json!({ "hubId": hub, "chip": chip, "at": at })).await?;
        let visit = check_out(&mut graph, json!({ "hubId": hub, "chip": chip })).await?;
        measured.add(until_charged(&mut graph, &arguments.hub, &text(&visit["id"])?).await?);
    }
    measured.elapsed = started.elapsed();
    println!("{measured}");
    Ok(())
}

async fn until_charged(graph: &mut Graph, slug: &str, visit: &str) -> Result<Duration> {
    let committed = Instant::now();
    while committed.elapsed() < PATIENCE {
        let data = graph.ask(LATEST, json!({ "slug": slug })).await?;
        let latest = data["hub"]["visits"]["nodes"].get(0).context("the hub has no visits")?;
        if latest["member"]["charges"]["nodes"][0]["visitId"] == visit {
            return Ok(committed.elapsed());
        }
        sleep(PAUSE).await;
    }
    bail!("{visit} is not charged after {} s", PATIENCE.as_secs())
}
