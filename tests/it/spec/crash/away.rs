//! The broker and Redis go away while people come and go: this costs time, but no data.
//!
//! These tests kill servers, so they have servers of their own.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::SignedDuration;
use private_servers::{Durability, PrivateServers};
use testkit::{Shape, json};

use super::{
    arrive,
    story::{Story, Touch},
};
use crate::{
    support::front_desk::{FrontDesk, HUBS, now},
    support::installation::Installation,
};

/// How long a reader may wait if Redis is away (300 ms), with an allowance for a busy machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
/// The number of failing requests, and of log lines allowed for all of them and everything else that runs.
const ASKED_WHILE_AWAY: usize = 150;
const MOST_COMPLAINTS: usize = 100;
/// R4: occupancy is right again within a second; a busy machine gets a few more.
const RIGHT_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn an_unavailable_broker_or_redis_costs_time_and_loses_no_data() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let servers = PrivateServers::start(Durability::ProcessCrash).expect("servers of our own");
    let installation = Installation::on(&servers, "away");
    let story = Story::begin(installation, now() - SignedDuration::from_hours(6 * 24)).await;

    servers.rabbitmq().kill().expect("RabbitMQ is killed");
    let acknowledged = story.play(0).await;
    assert!(story.books.waiting_events().await > 0, "what cannot be carried on waits");
    servers.rabbitmq().restart().expect("RabbitMQ starts again");
    let figures = arrive(&story).await;
    assert_eq!(figures.visit_ids.len(), acknowledged.len());
    assert_eq!(story.books.unbalanced().await, 0);

    arrival(&story, 0, "before").await;
    occupancy_becomes(&story, 1).await;
    servers.redis().kill().expect("Redis is killed");
    arrival(&story, 2, "without").await;
    occupancy_becomes(&story, 2).await;
    servers.redis().restart().expect("Redis starts again");
    occupancy_becomes(&story, 2).await;
    arrival(&story, 4, "after").await;
    occupancy_becomes(&story, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_logged_now_and_then_with_where_and_why_and_without_its_password() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let servers = PrivateServers::start(Durability::ProcessCrash).expect("servers of our own");
    let installation = Installation::on(&servers, "away_log");
    installation.onboard();
    // These servers accept any password.
    let url = servers.postgres().service_url("away_log").replace('@', ":as-secret-as-can-be@");
    let with_password = [("HUBNET__DATABASE__URL".to_owned(), url)];
    let process = installation.launch().settings(with_password).start().expect("hubnet starts");
    let front_desk = FrontDesk::open(&installation, &process.url()).await;
    servers.postgres().kill().expect("PostgreSQL is killed");
    let ask = |_time| front_desk.remote().try_response("{ hubs { nodes { slug } } }", json!({}));
    for asked in join_all((0..ASKED_WHILE_AWAY).map(ask)).await {
        assert!(asked.is_err() || asked.is_ok_and(|answer| !answer["errors"].is_null()), "nobody can know");
    }
    process.stop().expect("it ends when asked");
    let log = std::fs::read_to_string(process.folder().join("log")).expect("its log");
    let away = log.lines().find(|line| line.contains("the database is away") && line.contains("db.host"));
    let away = away.unwrap_or_else(|| panic!("one line names the place and the reason:\n{log}"));
    assert!(away.contains("127.0.0.1") && away.contains("refused"), "{away}");
    assert!(!log.contains("as-secret-as-can-be"), "{log}");
    let complaints = log.lines().filter(|line| line.contains("ERROR") || line.contains("WARN")).count();
    assert!(complaints < MOST_COMPLAINTS, "{complaints} lines:\n{log}");
}

/// A traveller arrives at the first hub now.
async fn arrival(story: &Story, traveller: usize, event_id: &str) {
    let chip = story.travellers[traveller].chip.clone();
    let touch = Touch { event_id: event_id.to_owned(), hub: 0, chip, at: now(), is_arrival: true };
    let asked = Instant::now();
    let answer = story.touch(&touch).await.expect("an answer");
    assert_eq!(answer["__typename"], "CheckedIn", "{answer}");
    assert!(asked.elapsed() < ANSWERED_WITHIN, "answered after {:?}", asked.elapsed());
}

async fn occupancy_becomes(story: &Story, expected: u64) {
    let deadline = Instant::now() + RIGHT_WITHIN;
    loop {
        let asked = Instant::now();
        let present = story.present(HUBS[0]).await;
        assert!(asked.elapsed() < ANSWERED_WITHIN, "answered after {:?}", asked.elapsed());
        if present == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{present} people, not {expected}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
