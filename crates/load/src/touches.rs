//! Check-ins and check-outs, as readers send them: each member in turn comes in and leaves again.
//!
//! Always true: a response other than the expected one ends the run, so no figure counts refusals.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;

use crate::{
    chips::Chips,
    flood,
    graph::{Endpoint, Graph},
    measured::Measured,
};

const CHECK_IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { \
    __typename ... on CheckedIn { visit { id } } ... on Denied { reason } } }";
const CHECK_OUT: &str = "mutation($input: TouchInput!) { checkOut(input: $input) { \
    __typename ... on CheckedOut { visit { id } } ... on Denied { reason } } }";

/// Checks members in and out for a while, over several connections at once.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    endpoint: Endpoint,
    /// The hub, by its slug.
    #[arg(long)]
    hub: String,
    #[command(flatten)]
    chips: Chips,
    /// The first member, so that a later run begins with others.
    #[arg(long, default_value_t = 0)]
    from: usize,
    /// How many connections.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// For how long.
    #[arg(long)]
    seconds: u64,
    /// Number of anonymous requests a second at the same time, each of which asks for the hubs many times.
    #[arg(long, default_value_t = 0)]
    flood: u32,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let hub = arguments.endpoint.open().await?.hub(&arguments.hub).await?;
    let started = Instant::now();
    let until = started + Duration::from_secs(arguments.seconds);
    let flooding = (arguments.flood > 0).then(|| {
        let (address, per_second) = (arguments.endpoint.address.clone(), arguments.flood);
        tokio::spawn(async move { flood::flood(&address, per_second, until).await })
    });
    let mut workers = JoinSet::new();
    for worker in 0..arguments.connections {
        let (arguments, hub) = (arguments.clone(), hub.clone());
        workers.spawn(async move { come_and_go(&arguments, &hub, worker, until).await });
    }
    let mut measured = Measured::default();
    while let Some(ended) = workers.join_next().await {
        measured.join(ended??);
    }
    measured.elapsed = started.elapsed();
    println!("{measured}");
    if let Some(flooding) = flooding {
        let flooded = flooding.await??;
        println!("flood_answered {}\nflood_refused {}", flooded.answered, flooded.refused);
    }
    Ok(())
}

/// Runs the members of one connection one after another; a visit that has begun is ended.
async fn come_and_go(arguments: &Arguments, hub: &str, worker: usize, until: Instant) -> Result<Measured> {
    let mut graph = arguments.endpoint.open().await?;
    let mut measured = Measured::default();
    let mut place = arguments.from + worker;
    while Instant::now() < until {
        let touch = json!({ "hubId": hub, "chip": arguments.chips.number(place) });
        measured.count(check_in(&mut graph, touch.clone())).await?;
        measured.count(check_out(&mut graph, touch)).await?;
        place += arguments.connections;
    }
    Ok(measured)
}

/// Checks in; returns the visit.
pub(crate) async fn check_in(graph: &mut Graph, touch: Json) -> Result<Json> {
    expect(graph.mutate(CHECK_IN, touch).await?, "CheckedIn")
}

/// Checks out; returns the visit.
pub(crate) async fn check_out(graph: &mut Graph, touch: Json) -> Result<Json> {
    expect(graph.mutate(CHECK_OUT, touch).await?, "CheckedOut")
}

fn expect(mut outcome: Json, hoped_for: &str) -> Result<Json> {
    if outcome["__typename"] != hoped_for {
        bail!("the reader hoped for {hoped_for}, not for {outcome}");
    }
    Ok(outcome["visit"].take())
}
