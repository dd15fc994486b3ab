//! A story long enough to be interrupted: ten travellers who come and go between two hubs, over HTTP, each touch with
//! an id of its own.
//!
//! Always true: a touch without a response is sent again, under the same id, until it is answered; the touches of one
//! traveller are sent in order, those of different travellers concurrently.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use private_servers::Hubnet;
use rand::{Rng, SeedableRng, rngs::SmallRng};
use testkit::{Json, json};
use tokio::task::JoinSet;

use super::books::Books;
use crate::{
    support::front_desk::{FrontDesk, HUBS, Traveller, word},
    support::installation::Installation,
    support::remote::Remote,
};

const SEED: u64 = 2026;
/// Another seed kills at other points.
const SEED_VARIABLE: &str = "HUBNET_TEST_SEED";
const TRAVELLERS: usize = 10;
/// How long a touch is sent again before the test fails.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// An installation with a process and people.
pub(crate) struct Story {
    pub(crate) installation: Installation,
    pub(crate) front_desk: FrontDesk,
    pub(crate) travellers: Vec<Traveller>,
    pub(crate) books: Books,
    process: Arc<Hubnet>,
    readers: Vec<Reader>,
    beginning: Timestamp,
    scouted: String,
}

/// The chip reader of a hub.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    remote: Remote,
    hub: String,
}

/// One touch of a chip.
#[derive(Debug, Clone)]
pub(crate) struct Touch {
    pub(crate) event_id: String,
    /// The index of the hub in [`HUBS`].
    pub(crate) hub: usize,
    pub(crate) chip: String,
    pub(crate) at: Timestamp,
    pub(crate) is_arrival: bool,
}

impl Story {
    /// Starts the process and enrols the travellers, half of them at each hub.
    pub(crate) async fn begin(installation: Installation, beginning: Timestamp) -> Self {
        installation.onboard();
        let process = installation.launch().start().expect("hubnet serves");
        let front_desk = FrontDesk::open(&installation, &process.url()).await;
        let reader = |slug| {
            let token = installation.token(&["device", "--hub", slug]);
            let remote = Remote::anonymous(&process.url()).with_token(&token);
            Reader { remote, hub: front_desk.hub(slug).to_owned() }
        };
        let readers = HUBS.map(reader).to_vec();
        let mut travellers = Vec::new();
        for place in 0..TRAVELLERS {
            let name = format!("Traveller {place}");
            let traveller = front_desk.enrol(HUBS[place % 2], &name, &format!("04AB{place:04}")).await;
            front_desk.give_pass(&traveller).await;
            travellers.push(traveller);
        }
        let scouted = scout(&front_desk, &readers, beginning - SignedDuration::from_hours(2)).await;
        let books = Books::of(&installation);
        let process = Arc::new(process);
        Self { installation, front_desk, travellers, books, process, readers, beginning, scouted }
    }

    /// Plays the whole story while the process is killed a number of times; returns the ids of all acknowledged
    /// visits.
    pub(crate) async fn play(&self, kills: usize) -> BTreeSet<String> {
        let mut random = SmallRng::seed_from_u64(seed());
        let plan = |(place, it)| plan(&mut random, self.beginning, place, it);
        let plans: Vec<_> = self.travellers.iter().enumerate().map(plan).collect();
        let touches: usize = plans.iter().map(Vec::len).sum();
        let answered = Arc::new(AtomicUsize::new(0));
        let kills: BTreeSet<usize> = (0..kills).map(|_| random.random_range(1..touches * 9 / 10)).collect();

        let mut walks = JoinSet::new();
        for plan in plans {
            let (readers, answered) = (self.readers.clone(), Arc::clone(&answered));
            walks.spawn(async move { walk(&readers, &plan, &answered).await });
        }
        for kill in kills {
            while answered.load(Ordering::SeqCst) < kill {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.kill_and_restart().await;
        }
        let mut acknowledged = BTreeSet::from([self.scouted.clone()]);
        while let Some(visits) = walks.join_next().await {
            acknowledged.extend(visits.expect("a whole walk"));
        }
        acknowledged
    }

    /// Kills the process, runs some work, and starts the process again.
    pub(crate) async fn while_killed(&self, work: impl FnOnce() + Send + 'static) {
        let process = Arc::clone(&self.process);
        let restarted = tokio::task::spawn_blocking(move || {
            process.kill()?;
            work();
            process.restart()
        });
        restarted.await.expect("no panic").expect("it starts again");
    }

    async fn kill_and_restart(&self) {
        let process = Arc::clone(&self.process);
        let restarted = tokio::task::spawn_blocking(move || process.kill().and_then(|()| process.restart()));
        restarted.await.expect("no panic").expect("it starts again");
    }

    /// Sends a touch once; `None` if it is not answered.
    pub(crate) async fn touch(&self, touch: &Touch) -> Option<Json> {
        send(&self.readers, touch).await
    }

    /// Returns the number of people at a hub.
    pub(crate) async fn present(&self, slug: &str) -> u64 {
        let asked = "query($slug: String!) { hub(slug: $slug) { occupancy { present } } }";
        let answer = self.front_desk.remote().ask(asked, json!({ "slug": slug })).await;
        answer["hub"]["occupancy"]["present"].as_u64().expect("a number")
    }
}

/// A pass works abroad once its event has arrived: a scout, whose pass is given last, tries until admitted, and
/// leaves.
async fn scout(front_desk: &FrontDesk, readers: &[Reader], at: Timestamp) -> String {
    let scout = front_desk.enrol(HUBS[0], "Scout", "04ABFFFF").await;
    front_desk.give_pass(&scout).await;
    let mut touch = Touch { event_id: String::new(), hub: 1, chip: scout.chip, at, is_arrival: true };
    let deadline = Instant::now() + PATIENCE;
    for attempt in 0.. {
        touch.event_id = format!("scout-in-{attempt}");
        let answer = send(readers, &touch).await.expect("an answer");
        if answer["__typename"] == "CheckedIn" {
            break;
        }
        assert!(Instant::now() < deadline, "the scout's pass does not arrive: {answer}");
        tokio::time::sleep(PAUSE).await;
    }
    let out = Touch {
        event_id: "scout-out".to_owned(),
        at: at + SignedDuration::from_hours(1),
        is_arrival: false,
        ..touch
    };
    word(&send(readers, &out).await.expect("an answer")["visit"]["id"])
}

fn seed() -> u64 {
    std::env::var(SEED_VARIABLE).map_or(SEED, |given| given.parse().expect("a number"))
}

/// Returns the touches of a traveller: visits at both hubs, each at its own time.
fn plan(random: &mut SmallRng, beginning: Timestamp, place: usize, traveller: &Traveller) -> Vec<Touch> {
    let visits = if std::env::var_os("HUBNET_TEST_LONG").is_some() { 24 } else { 6 };
    let mut touches = Vec::new();
    let mut at = beginning + SignedDuration::from_mins(random.random_range(0..60));
    for visit in 0..visits {
        let hub = random.random_range(0..HUBS.len());
        for (way, is_arrival) in [("in", true), ("out", false)] {
            let event_id = format!("{place}-{visit}-{way}");
            touches.push(Touch { event_id, hub, chip: traveller.chip.clone(), at, is_arrival });
            at += SignedDuration::from_mins(random.random_range(20..150));
        }
    }
    touches
}

/// Sends touch after touch, each until it is answered; returns their visits.
async fn walk(readers: &[Reader], plan: &[Touch], answered: &AtomicUsize) -> BTreeSet<String> {
    let mut visits = BTreeSet::new();
    for touch in plan {
        let deadline = Instant::now() + PATIENCE;
        let answer = loop {
            assert!(Instant::now() < deadline, "no answer to {touch:?}");
            match send(readers, touch).await {
                Some(answer) => break answer,
                None => tokio::time::sleep(PAUSE).await,
            }
        };
        let expected = if touch.is_arrival { "CheckedIn" } else { "CheckedOut" };
        assert_eq!(answer["__typename"], expected, "{touch:?}: {answer}");
        visits.insert(word(&answer["visit"]["id"]));
        answered.fetch_add(1, Ordering::SeqCst);
    }
    visits
}

/// Sends a touch once; `None` if it is not answered.
async fn send(readers: &[Reader], touch: &Touch) -> Option<Json> {
    const CHECK_IN: &str = "mutation($input: TouchInput!) { touch: checkIn(input: $input) { __typename \
        ... on CheckedIn { visit { id } } ... on AlreadyIn { visit { id } } ... on Denied { reason } } }";
    const CHECK_OUT: &str = "mutation($input: TouchInput!) { touch: checkOut(input: $input) { __typename \
        ... on CheckedOut { visit { id } } ... on Denied { reason } } }";
    let document = if touch.is_arrival { CHECK_IN } else { CHECK_OUT };
    let Reader { remote, hub } = &readers[touch.hub];
    let input = json!({ "hubId": hub, "chip": touch.chip, "eventId": touch.event_id, "at": touch.at });
    let answer = remote.try_response(document, json!({ "input": input })).await.ok()?;
    match answer["errors"][0]["extensions"]["code"].as_str() {
        None => Some(answer["data"]["touch"].clone()),
        Some("UNAVAILABLE" | "DEADLINE_EXCEEDED") => None,
        Some(_refused) => panic!("{touch:?}: {answer}"),
    }
}
