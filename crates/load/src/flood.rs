//! An anonymous caller that asks for the list of hubs many times in each request, at a steady rate, whatever the
//! responses.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use tokio::task::JoinSet;

use crate::connection::Connection;

/// Number of times one document asks: about as much as the query budget allows.
const TIMES: usize = 16;
/// Enough for every request to start on time.
const CONNECTIONS: u32 = 16;

/// The result of a flood.
#[derive(Debug, Default)]
pub(crate) struct Flooded {
    /// Requests that were answered.
    pub(crate) answered: u32,
    /// Requests that were refused and told to retry later.
    pub(crate) refused: u32,
}

/// Sends a number of requests per second until an instant.
pub(crate) async fn flood(address: &str, per_second: u32, until: Instant) -> Result<Flooded> {
    let mut workers = JoinSet::new();
    let pause = Duration::from_secs(1) * CONNECTIONS / per_second.max(1);
    for worker in 0..CONNECTIONS {
        let (address, first) = (address.to_owned(), pause * worker / CONNECTIONS);
        workers.spawn(async move { ask_again_and_again(&address, first, pause, until).await });
    }
    let mut flooded = Flooded::default();
    while let Some(ended) = workers.join_next().await {
        let ended = ended??;
        flooded.answered += ended.answered;
        flooded.refused += ended.refused;
    }
    Ok(flooded)
}

async fn ask_again_and_again(
    address: &str,
    first: Duration,
    pause: Duration,
    until: Instant,
) -> Result<Flooded> {
    let mut connection = Connection::open(address).await?;
    let mut flooded = Flooded::default();
    let body = document();
    tokio::time::sleep(first).await;
    let mut beat = tokio::time::interval(pause);
    while Instant::now() < until {
        beat.tick().await;
        let answer = connection.post("/graphql", None, &body).await?;
        if answer.status == 200 { flooded.answered += 1 } else { flooded.refused += 1 }
    }
    Ok(flooded)
}

fn document() -> String {
    let asked: Vec<String> =
        (0..TIMES).map(|place| format!("h{place}: hubs(first: 10) {{ nodes {{ slug name }} }}")).collect();
    json!({ "query": format!("{{ {} }}", asked.join(" ")) }).to_string()
}
