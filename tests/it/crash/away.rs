//! The broker and the live state go away while people come and go: that costs time, never truth.
//!
//! These tests kill servers, so they have servers of their own.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use private_servers::{Durability, PrivateServers};
use testkit::Shape;

use super::{
    arrive,
    story::{Story, Touch},
};
use crate::{
    installation::Installation,
    reception::{HUBS, now},
};

/// What the live state may keep a reader waiting when it is away (300 ms), and what a busy machine adds.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
/// R4: occupancy is right again within a second; a busy machine gets a few more.
const RIGHT_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_or_a_live_state_that_is_away_costs_time_and_no_truth() {
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

/// A traveller comes to the first hub now.
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
