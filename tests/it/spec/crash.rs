//! Faults in the middle of the story: killed processes and missing servers. Everything acknowledged is kept,
//! everything else is sent again, and the figures are the same as without the fault.

mod away;
pub(crate) mod books;
mod figures;
mod frozen;
mod lost;
mod story;

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use testkit::Shape;

use self::{figures::Figures, story::Story};
use crate::{
    support::front_desk::{HUBS, now},
    support::installation::Installation,
};

/// How long events may be under way after the last response (the issue's own limit).
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// Returns an installation of the run's shape, with an empty database.
fn installation(name: &str) -> Installation {
    match Shape::of_run() {
        Shape::Embedded => Installation::embedded(),
        Shape::Distributed => Installation::on(testkit::servers(), &format!("{name}_{}", std::process::id())),
    }
}

/// Waits until every ended visit is charged and every outbox is empty.
async fn arrive(story: &Story) -> Figures {
    arrive_within(story, ARRIVES_WITHIN).await
}

async fn arrive_within(story: &Story, limit: Duration) -> Figures {
    let deadline = Instant::now() + limit;
    loop {
        let waiting = story.books.waiting_events().await;
        let figures = Figures::read(story).await;
        if waiting == 0 && figures.is_complete() {
            return figures;
        }
        assert!(Instant::now() < deadline, "{waiting} events wait after {limit:?}; {figures:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_again_and_again_reaches_the_same_figures() {
    let beginning = now() - SignedDuration::from_hours(6 * 24);
    let undisturbed = Story::begin(installation("crash_none"), beginning).await;
    undisturbed.play(0).await;
    let expected = arrive(&undisturbed).await;

    let disturbed = Story::begin(installation("crash_many"), beginning).await;
    let acknowledged = disturbed.play(5).await;
    let figures = arrive(&disturbed).await;

    for visit in &acknowledged {
        let times = figures.visit_ids.iter().filter(|id| *id == visit).count();
        assert_eq!(times, 1, "{visit} was acknowledged and is there {times} times");
    }
    assert_eq!(acknowledged.len(), figures.visit_ids.len(), "there is no visit that was not acknowledged");
    assert_eq!(figures.visits, expected.visits);
    assert_eq!(figures.charges, expected.charges);
    assert_eq!(figures.metrics, expected.metrics);
    for story in [&undisturbed, &disturbed] {
        assert_eq!(story.books.unbalanced().await, 0, "the ledger sums to zero");
        let seen = story.installation.succeed(&["doctor"]);
        assert!(seen.ends_with("all is well\n"), "{seen}");
        for hub in HUBS {
            assert_eq!(story.present(hub).await, 0, "everybody has left {hub}");
        }
    }
}
