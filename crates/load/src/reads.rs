//! Public reads: a hub's occupancy, and as a comparison a response that costs only HTTP.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{connection::Connection, measured::Measured};

const OCCUPANCY: &str = "query($slug: String!) { hub(slug: $slug) { occupancy { present capacity free } } }";
const ALIVE: &str = "/health/live";

/// Reads one resource for a while, over several connections at once.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    /// Host and port of the server.
    #[arg(long)]
    address: String,
    /// The hub whose occupancy is read; /health/live if not given.
    #[arg(long)]
    hub: Option<String>,
    /// How many connections.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// For how long.
    #[arg(long)]
    seconds: u64,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let body = arguments.hub.as_ref().map(|slug| query(slug));
    let started = Instant::now();
    let until = started + Duration::from_secs(arguments.seconds);
    let mut workers = JoinSet::new();
    for _worker in 0..arguments.connections {
        let (address, body) = (arguments.address.clone(), body.clone());
        workers.spawn(async move { read(&address, body.as_deref(), until).await });
    }
    let mut measured = Measured::default();
    while let Some(ended) = workers.join_next().await {
        measured.join(ended??);
    }
    measured.elapsed = started.elapsed();
    println!("{measured}");
    Ok(())
}

fn query(slug: &str) -> String {
    json!({ "query": OCCUPANCY, "variables": { "slug": slug } }).to_string()
}

async fn read(address: &str, body: Option<&str>, until: Instant) -> Result<Measured> {
    let mut connection = Connection::open(address).await?;
    let mut measured = Measured::default();
    while Instant::now() < until {
        let answer = match body {
            Some(body) => measured.count(connection.post("/graphql", None, body)).await?,
            None => measured.count(connection.get(ALIVE)).await?,
        };
        let is_occupancy = answer.body.windows(8).any(|piece| piece == b"capacity");
        if answer.status != 200 || (body.is_some() && !is_occupancy) {
            bail!("answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
    }
    Ok(measured)
}
