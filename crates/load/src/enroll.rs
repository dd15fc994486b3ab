//! Enrols members with chips one by one through the graph, as a hub's administrator does.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use kernel::{Clock as _, SystemClock};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    chips::Chips,
    graph::{Endpoint, Graph, text},
};

const ENROLL: &str = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
const PASS: &str =
    "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";
/// Members join some days ago, so that touches of past days are admitted too.
const MEMBER_FOR: SignedDuration = SignedDuration::from_hours(5 * 24);

/// Enrols the members of a hub and gives each a chip of the series.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    endpoint: Endpoint,
    /// Their home hub, by its slug.
    #[arg(long)]
    hub: String,
    #[command(flatten)]
    chips: Chips,
    /// Gives each a roaming pass too.
    #[arg(long)]
    roaming: bool,
    /// How many to enrol at a time.
    #[arg(long, default_value_t = 8)]
    connections: usize,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let since = SystemClock.now() - MEMBER_FOR;
    let mut graph = arguments.endpoint.open().await?;
    let hub = graph.hub(&arguments.hub).await?;
    let plan = graph.plan(&hub).await?;
    let mut workers = JoinSet::new();
    for first in 0..arguments.connections {
        let (arguments, hub, plan) = (arguments.clone(), hub.clone(), plan.clone());
        workers.spawn(async move {
            let mut graph = arguments.endpoint.open().await?;
            for place in (first..arguments.chips.count).step_by(arguments.connections) {
                enroll(&mut graph, &arguments, (&hub, &plan), place, since).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended??;
    }
    Ok(())
}

async fn enroll(
    graph: &mut Graph,
    arguments: &Arguments,
    (hub, plan): (&str, &Option<String>),
    place: usize,
    since: Timestamp,
) -> Result<()> {
    let number = arguments.chips.number(place);
    let new = json!({
        "hubId": hub, "name": format!("Member {number}"), "email": format!("{number}@example.org"), "language": "en",
        "category": "RESIDENT", "plan": plan, "joinedAt": since,
    });
    let member = text(&graph.mutate(ENROLL, new).await?["member"]["id"])?;
    graph.mutate(CHIP, json!({ "memberId": member, "number": number, "issuedAt": since })).await?;
    if arguments.roaming {
        graph.mutate(PASS, json!({ "memberId": member, "validFrom": since })).await?;
    }
    Ok(())
}
