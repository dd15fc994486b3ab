//! The figures of a story in an installation, comparable with those of another installation: people by their e-mail,
//! hubs by their slug, no ids.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use testkit::{Json, json};

use super::story::Story;
use crate::support::front_desk::{HUBS, now, word};

/// The figures of a story.
#[derive(Debug)]
pub(crate) struct Figures {
    /// The ids of all visits, to compare with the acknowledged ones.
    pub(crate) visit_ids: Vec<String>,
    /// Who was where, from when until when.
    pub(crate) visits: Vec<String>,
    /// The cost of each visit, credits deducted.
    pub(crate) charges: Vec<String>,
    /// The indicators of the network.
    pub(crate) metrics: Json,
}

/// The total of a visit's charges and credits.
#[derive(Debug, Default)]
struct Cost {
    charges: i64,
    minutes: i64,
    minor: i64,
    currency: String,
}

impl Figures {
    /// Reads the figures as an administrator of both hubs.
    pub(crate) async fn read(story: &Story) -> Self {
        let costs = costs(story).await;
        let mut figures = Self {
            visit_ids: Vec::new(),
            visits: Vec::new(),
            charges: Vec::new(),
            metrics: metrics(story).await,
        };
        for slug in HUBS {
            for visit in story.front_desk.visits(slug).await {
                let id = word(&visit["id"]);
                let who = format!("{} at {slug} from {}", visit["member"]["email"], visit["startedAt"]);
                if let Some(cost) =
                    costs.get(&id).filter(|cost| cost.charges == 1 && visit["minutes"] == cost.minutes)
                {
                    figures
                        .charges
                        .push(format!("{who}: {} min, {} {}", cost.minutes, cost.minor, cost.currency));
                }
                figures.visits.push(format!("{who} until {} by {}", visit["endedAt"], visit["endedBy"]));
                figures.visit_ids.push(id);
            }
        }
        figures.visits.sort();
        figures.charges.sort();
        figures
    }

    /// Returns whether every visit has exactly one valid charge for its minutes, and the indicators include it.
    pub(crate) fn is_complete(&self) -> bool {
        let counted: i64 =
            self.metrics["visits"].as_array().into_iter().flatten().filter_map(Json::as_i64).sum();
        self.charges.len() == self.visits.len() && usize::try_from(counted) == Ok(self.visits.len())
    }
}

async fn costs(story: &Story) -> BTreeMap<String, Cost> {
    let mut costs: BTreeMap<String, Cost> = BTreeMap::new();
    for charge in charges(story).await {
        let cost = costs.entry(word(&charge["visitId"])).or_default();
        cost.charges += if charge["credits"].is_null() { 1 } else { -1 };
        cost.minutes += charge["minutes"].as_i64().expect("minutes");
        cost.minor += charge["amount"]["minor"].as_i64().expect("an amount");
        cost.currency = word(&charge["amount"]["currency"]);
    }
    costs
}

/// Returns every charge of every member, a few members at a time: more would exceed the query budget.
async fn charges(story: &Story) -> Vec<Json> {
    const CHARGES: &str = "query($slug: String!, $after: String) { hub(slug: $slug) { \
        members(first: 4, after: $after) { pageInfo { hasNextPage endCursor } nodes { \
        charges(first: 100) { nodes { visitId credits minutes amount { minor currency } } } } } } }";
    let mut charges = Vec::new();
    for slug in HUBS {
        let mut after = Json::Null;
        loop {
            let asked = json!({ "slug": slug, "after": after });
            let members = story.front_desk.remote().ask(CHARGES, asked).await["hub"]["members"].take();
            for member in members["nodes"].as_array().expect("members") {
                charges.extend(member["charges"]["nodes"].as_array().expect("charges").iter().cloned());
            }
            if members["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = members["pageInfo"]["endCursor"].clone();
        }
    }
    charges
}

async fn metrics(story: &Story) -> Json {
    const METRICS: &str = "query($from: Period!, $until: Period!) { network { \
        metrics(from: $from, until: $until, by: DAY) { visits roamingVisits minutes roamingMinutes } } }";
    let day = |days: i64| (now() + SignedDuration::from_hours(24 * days)).strftime("%Y-%m-%d").to_string();
    let answer = story.front_desk.remote().ask(METRICS, json!({ "from": day(-8), "until": day(2) })).await;
    answer["network"]["metrics"].clone()
}
