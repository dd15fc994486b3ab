//! Redis is frozen or gone while callers send requests: nobody waits for it, and nobody may send more requests or
//! guess more passwords than one process allows by itself.
//!
//! These tests freeze and kill a Redis, so they have one of their own.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::SignedDuration;
use kernel::{HubId, Id, VisitId, World};
use platform_live::{Live, LiveConfig};
use private_servers::{Durability, Redis, Setting, packages};
use testkit::{Json, Shape, json};

use super::installation;
use crate::{
    support::front_desk::{FrontDesk, HUBS, Traveller, now},
    support::remote::Remote,
};

/// The longest wait for Redis, and the allowance for a busy machine.
const PATIENCE: Duration = Duration::from_millis(300);
const BUSY: Duration = Duration::from_millis(150);
/// No single response takes longer, even on the busiest machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
/// The limits of one person: this many requests at once, then one a second.
const BURST: usize = 30;
const TOUCHES: usize = 6;

fn redis() -> Redis {
    let packages = packages::ensure().expect("the servers are installed");
    Redis::start(&packages, Durability::ProcessCrash).expect("a Redis of our own")
}

fn live(redis: &Redis, prefix: &str) -> Live {
    let config = LiveConfig { url: redis.url().into(), prefix: prefix.to_owned() };
    Live::shared(&config).expect("a URL of Redis")
}

fn settings(redis: &Redis) -> Vec<Setting> {
    let setting = |name: &str, value: String| (format!("HUBNET__{name}"), value);
    vec![
        setting("LIVE__URL", redis.url().to_owned()),
        setting("LIMITS__PER_PERSON_PER_SECOND", "1".to_owned()),
        setting("LIMITS__PER_PERSON_BURST", BURST.to_string()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_redis_delays_no_response_however_many_hubs_change() {
    let redis = redis();
    let (live, world) = (live(&redis, "frozen"), World::for_test(1));
    let arrived: Vec<(HubId, VisitId)> =
        (0..20).map(|_| (HubId::generate(&world), VisitId::generate(&world))).collect();
    live.moved(&[], &arrived).await;
    redis.freeze().expect("it stands still");
    let asked = Instant::now();
    live.moved(&arrived, &[]).await;
    assert!(asked.elapsed() < PATIENCE + BUSY, "the first one waited for {:?}", asked.elapsed());
    live.recounting();
    let asked = Instant::now();
    live.moved(&[], &arrived).await;
    assert!(asked.elapsed() < BUSY, "the next one waited for {:?}", asked.elapsed());
    assert!(live.wants_recount(), "changes that were not published are counted again");
    redis.thaw().expect("it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_a_change_being_published_and_waits_no_longer_than_for_redis() {
    let redis = redis();
    let (live, world) = (live(&redis, "published"), World::for_test(2));
    let (hub, visit) = (HubId::generate(&world), VisitId::generate(&world));
    live.restate(hub, live.mark(hub).await, &[]).await;
    let publishing = tokio::spawn(live.moved(&[], &[(hub, visit)]));
    live.wait_for_changes(hub).await;
    assert_eq!(live.present(hub), Some(1));
    publishing.await.expect("it was published");

    redis.freeze().expect("it stands still");
    let begun = Instant::now();
    let publishing = tokio::spawn(live.moved(&[(hub, visit)], &[]));
    live.wait_for_changes(HubId::generate(&world)).await;
    assert!(begun.elapsed() < BUSY, "another hub's readers waited for {:?}", begun.elapsed());
    live.wait_for_changes(hub).await;
    assert!(begun.elapsed() < PATIENCE + BUSY, "readers waited for {:?}", begun.elapsed());
    publishing.await.expect("it was given up");
    assert!(live.wants_recount(), "changes that were not published are counted again");
    redis.thaw().expect("it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_or_missing_redis_delays_no_response_and_loosens_no_limit() {
    if Shape::of_run() == Shape::Embedded {
        return;
    }
    let redis = redis();
    let installation = installation("frozen");
    installation.onboard();
    let process = installation.launch().settings(settings(&redis)).start().expect("hubnet serves");
    let front_desk = FrontDesk::open(&installation, &process.url()).await;
    let member = front_desk.enrol(HUBS[0], "Eva", "04AB0001").await;
    let reader =
        Remote::anonymous(&process.url()).with_token(&installation.token(&["device", "--hub", HUBS[0]]));
    let visitor = Visitor { reader, hub: front_desk.hub(HUBS[0]).to_owned(), member };
    let usual = visitor.quickest("usual", 60).await;

    redis.freeze().expect("it stands still");
    let frozen = visitor.quickest("frozen", 40).await;
    assert!(frozen < usual + PATIENCE + BUSY, "{frozen:?} while it stands still, {usual:?} otherwise");
    let begun = Instant::now();
    assert!(answered_of_many(front_desk.remote()).await <= BURST, "more than the process allows by itself");
    guessing_is_refused(&process.url(), "nobody@example.org").await;
    redis.thaw().expect("it goes on");

    redis.kill().expect("it is gone");
    let gone = visitor.quickest("gone", 20).await;
    assert!(gone < usual + PATIENCE + BUSY, "{gone:?} while it is gone, {usual:?} otherwise");
    let since = usize::try_from(begun.elapsed().as_secs()).expect("a number");
    assert!(answered_of_many(front_desk.remote()).await <= since + 2, "more than one a second");
    guessing_is_refused(&process.url(), "nobody.else@example.org").await;
}

/// A hub with a member who comes and goes.
struct Visitor {
    reader: Remote,
    hub: String,
    member: Traveller,
}

impl Visitor {
    /// Returns the duration of the fastest of some touches: a wait common to all of them is included.
    async fn quickest(&self, name: &str, minutes_ago: i64) -> Duration {
        let mut at = now() - SignedDuration::from_mins(minutes_ago);
        let mut quickest = Duration::MAX;
        for place in 0..TOUCHES {
            let (way, done) =
                if place % 2 == 0 { ("checkIn", "CheckedIn") } else { ("checkOut", "CheckedOut") };
            let document =
                format!("mutation($input: TouchInput!) {{ touch: {way}(input: $input) {{ __typename }} }}");
            let event_id = format!("{name}-{place}");
            let input = json!({ "hubId": self.hub, "chip": self.member.chip, "eventId": event_id, "at": at });
            at += SignedDuration::from_mins(1);
            let asked = Instant::now();
            let answer = self.reader.ask(&document, json!({ "input": input })).await;
            assert!(asked.elapsed() < ANSWERED_WITHIN, "{event_id} is answered after {:?}", asked.elapsed());
            quickest = quickest.min(asked.elapsed());
            assert_eq!(answer["touch"]["__typename"], done, "{event_id}");
        }
        quickest
    }
}

/// Returns how many of many concurrent requests are answered.
async fn answered_of_many(person: &Remote) -> usize {
    let many = (0..BURST * 3).map(|_| person.response("{ me { id } }", json!({})));
    join_all(many).await.iter().filter(|answer| !answer.to_string().contains("RATE_LIMITED")).count()
}

/// Asserts that the tenth wrong password is the last one checked: the database counts the tries.
async fn guessing_is_refused(url: &str, email: &str) {
    const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { __typename } }";
    let input = json!({ "input": { "email": email, "password": "wrong horse battery" } });
    let stranger = Remote::anonymous(url);
    for place in 0..11 {
        let answer: Json = stranger.response(SIGN_IN, input.clone()).await;
        let code = if place < 10 { "UNAUTHENTICATED" } else { "RATE_LIMITED" };
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
    }
}
