//! Loss of confirmed events: a queue is deleted, the broker loses all content, or a service's database is restored
//! from an older backup. Consumers find their gaps, and the sums are the same as without the loss (R25).

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{ExchangeDeleteOptions, QueueDeleteOptions},
};
use server::Service;
use testkit::Shape;

use super::{Figures, arrive, arrive_within, installation, story::Story};
use crate::support::front_desk::now;

/// Two checks of what the sources kept, five seconds apart, and an allowance for a busy machine.
const HEALS_WITHIN: Duration = Duration::from_secs(45);
/// How often something is deleted while the story is played.
const PACE: Duration = Duration::from_millis(150);

/// The broker, with the right to delete.
struct Broker {
    _connection: Connection,
    channel: Channel,
    prefix: String,
}

impl Broker {
    async fn open(prefix: &str) -> Self {
        let url = testkit::servers().rabbitmq().url();
        let connection =
            Connection::connect(url, ConnectionProperties::default()).await.expect("the broker answers");
        let channel = connection.create_channel().await.expect("a channel");
        Self { _connection: connection, channel, prefix: prefix.to_owned() }
    }

    async fn delete_queue(&self, name: &str) {
        let queue = format!("{}.{name}", self.prefix);
        self.channel
            .queue_delete(queue.as_str().into(), QueueDeleteOptions::default())
            .await
            .expect("the queue is deleted");
    }

    /// Deletes everything of the installation, as if the broker's disk had been replaced.
    async fn wipe(&self) {
        let exchange = format!("{}.events", self.prefix);
        self.channel
            .exchange_delete(exchange.as_str().into(), ExchangeDeleteOptions::default())
            .await
            .expect("the exchange is deleted");
        for service in Service::all().map(Service::name) {
            self.delete_queue(service).await;
            self.delete_queue(&format!("{service}.replay")).await;
        }
    }
}

fn beginning() -> jiff::Timestamp {
    now() - SignedDuration::from_hours(6 * 24)
}

/// Returns the figures of the undisturbed story.
async fn undisturbed(name: &str, beginning: jiff::Timestamp) -> Figures {
    let story = Story::begin(installation(name), beginning).await;
    story.play(0).await;
    arrive(&story).await
}

async fn assert_healed(story: &Story, expected: &Figures) {
    let figures = arrive_within(story, HEALS_WITHIN).await;
    assert_eq!(figures.visits, expected.visits);
    assert_eq!(figures.charges, expected.charges);
    assert_eq!(figures.metrics, expected.metrics);
    assert_eq!(story.books.unbalanced().await, 0, "the ledger sums to zero");
    let seen = story.installation.succeed(&["doctor"]);
    assert!(seen.ends_with("all is well\n"), "{seen}");
}

/// Plays the story and disturbs it repeatedly; returns how often.
async fn play_while(story: &Story, disturb: impl AsyncFn()) -> usize {
    let mut play = std::pin::pin!(story.play(0));
    let mut times = 0;
    loop {
        let next = Instant::now() + PACE;
        disturb().await;
        times += 1;
        tokio::select! {
            _acknowledged = &mut play => return times,
            () = tokio::time::sleep_until(next.into()) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_deleted_under_load_lose_no_charge_and_no_figure() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let beginning = beginning();
    let expected = undisturbed("lost_none", beginning).await;
    let story = Story::begin(installation("lost_queues"), beginning).await;
    let broker = Broker::open(&format!("lost_queues_{}", std::process::id())).await;
    let times = play_while(&story, async || {
        broker.delete_queue("roaming").await;
        broker.delete_queue("monitoring").await;
    })
    .await;
    assert!(times >= 3, "the queues were deleted {times} times only");
    assert_healed(&story, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_wiped_under_load_loses_no_charge_and_no_figure() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let beginning = beginning();
    let expected = undisturbed("wiped_none", beginning).await;
    let story = Story::begin(installation("wiped"), beginning).await;
    let broker = Broker::open(&format!("wiped_{}", std::process::id())).await;
    play_while(&story, async || broker.wipe().await).await;
    assert_healed(&story, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_restored_from_an_older_backup_consumes_the_events_it_missed() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let story = Story::begin(installation("restored"), beginning()).await;
    let database = format!("restored_{}", std::process::id());
    let dump = story.installation.folder().join("roaming.sql");
    testkit::servers().postgres().dump_schema(&database, "roaming", &dump).expect("a dump");
    story.play(0).await;
    let expected = arrive(&story).await;
    story
        .while_killed(move || {
            testkit::servers().postgres().restore_schema(&database, "roaming", &dump).expect("restored");
        })
        .await;
    assert_healed(&story, &expected).await;
}
