//! Callers that send too many requests, and a full server.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use platform_http::{Edge, Rate, SharedCounts, TrafficLimits};
use serde_json::json;

use crate::{
    socket::{Received, Socket, request},
    toy::{Answer, Toy},
};

const ONE: Rate = Rate { per_second: 1, burst: 1 };

fn with(traffic: TrafficLimits) -> impl FnOnce(&mut Edge) {
    move |edge| edge.limits.traffic = traffic
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_learns_when_to_retry() {
    let toy = Toy::start_with(with(TrafficLimits {
        per_address: ONE,
        per_person: ONE,
        ..TrafficLimits::default()
    }))
    .await;
    assert_eq!(toy.ask("{ me }").await.status, 200);
    let refused = toy.ask("{ me }").await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));

    let mara = || toy.post(&json!({"query": "{ me }"})).bearer_auth("mara");
    assert_eq!(Answer::of(mara()).await.status, 200, "counted as herself, not as her address");
    assert_eq!(Answer::of(mara()).await.status, 429);
    let reader = toy.post(&json!({"query": "{ me }"})).bearer_auth("reader");
    assert_eq!(Answer::of(reader).await.status, 200, "devices have a class of their own");
    let forged = toy.post(&json!({"query": "{ me }"})).bearer_auth("forged");
    assert_eq!(Answer::of(forged).await.status, 429, "tokens cannot be guessed any faster");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_on_a_socket_are_counted_like_requests() {
    let toy = Toy::start_with(with(TrafficLimits { per_address: ONE, ..TrafficLimits::default() })).await;
    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.subscribe("a", "{ me }").await;
    assert_eq!(socket.receive_message().await["type"], "next");
    assert_eq!(socket.receive_message().await["type"], "complete");
    socket.subscribe("b", "{ me }").await;
    assert_eq!(socket.receive_message().await["payload"][0]["extensions"]["code"], "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_holds_only_so_many_sockets_and_streams() {
    let toy =
        Toy::start_with(with(TrafficLimits { sockets_per_address: 2, ..TrafficLimits::default() })).await;
    let first = Socket::greeted(&toy, json!({})).await;
    let stream =
        toy.post(&json!({"query": "subscription { forever }"})).header("accept", "text/event-stream");
    let stream = stream.send().await.expect("a stream");
    assert_eq!(Socket::open_with(request(&toy)).await.err(), Some(429));
    drop((first, stream));
    for _ in 0..100 {
        if Socket::open_with(request(&toy)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("places of the gone are not given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_refuses_at_once_and_keeps_room_for_devices() {
    let toy = Toy::start_with(with(TrafficLimits {
        requests_at_once: 5,
        per_address: Rate::UNLIMITED,
        ..TrafficLimits::default()
    }))
    .await;
    let slow: Vec<_> =
        (0..4).map(|_| tokio::spawn(until_admitted(toy.post(&json!({"query": "{ slow }"}))))).collect();
    let refused = loop {
        let answer = toy.ask("{ me }").await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!((refused.status, refused.code(), refused.header("retry-after")), (503, "OVERLOADED", "1"));
    let reader = toy.post(&json!({"query": "{ me }"})).bearer_auth("reader");
    assert_eq!(Answer::of(reader).await.status, 200);
    slow.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Retries while another caller occupies the place for a moment.
async fn until_admitted(request: reqwest::RequestBuilder) -> Answer {
    loop {
        let answer = Answer::of(request.try_clone().expect("its body is text")).await;
        if answer.status != 503 {
            return answer;
        }
    }
}

/// Counts that two servers share, as Redis would hold them.
#[derive(Default)]
struct Memory {
    totals: Mutex<HashMap<(i64, String), u64>>,
    /// While false, each process gets back only its own counts.
    shares: AtomicBool,
}

#[async_trait]
impl SharedCounts for Memory {
    async fn add(&self, window: i64, counts: &[(String, u64)]) -> Option<Vec<u64>> {
        let mut totals = self.totals.lock().expect("no panic");
        let add = |(name, count): &(String, u64)| {
            let total = totals.entry((window, name.clone())).or_default();
            *total += count;
            if self.shares.load(Ordering::SeqCst) { *total } else { *count }
        };
        Some(counts.iter().map(add).collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_add_up_what_a_caller_asks_of_them() {
    let shared: Arc<Memory> = Arc::default();
    let join = |edge: &mut Edge| {
        let rate = Rate { per_second: 4, burst: 80 };
        edge.limits.traffic = TrafficLimits { per_person: rate, ..TrafficLimits::default() };
        edge.shared_counts = Some(Arc::<Memory>::clone(&shared));
        edge.clock = Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
    };
    let (one, other) = (Toy::start_with(join).await, Toy::start_with(join).await);
    for toy in [&one, &other] {
        for _ in 0..75 {
            let asked = toy.post(&json!({"query": "{ me }"})).bearer_auth("mara");
            assert_eq!(Answer::of(asked).await.status, 200, "each of them alone is patient");
        }
    }
    shared.shares.store(true, Ordering::SeqCst);
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let asked = other.post(&json!({"query": "{ me }"})).bearer_auth("mara");
        if Answer::of(asked).await.code() == "RATE_LIMITED" {
            return;
        }
    }
    panic!("150 requests where a window holds 120 were not added up");
}

/// A request counts whatever its token and however wrong the rest is; it used to end before it was counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_nobody_gave_does_not_switch_the_rate_of_its_address_off() {
    let toy = Toy::start_with(with(TrafficLimits { per_address: ONE, ..TrafficLimits::default() })).await;
    let forged = |body: String, media: &'static str| {
        let asked = toy.client.post(toy.url("/graphql")).header("authorization", "x");
        Answer::of(asked.header("content-type", media).body(body))
    };
    let media = "application/json";
    assert_eq!(forged("{}".to_owned(), media).await.status, 401, "the first one");
    for (body, media) in [
        ("{}".to_owned(), media),
        ("not JSON".to_owned(), media),
        (json!({"query": "x".repeat(100_000)}).to_string(), media),
        ("{}".to_owned(), "text/plain"),
    ] {
        assert_eq!(forged(body, media).await.status, 429, "{media}");
    }
    let unreadable = toy.post(&json!({"query": "{ me }"})).header("idempotency-key", "");
    assert_eq!(Answer::of(unreadable).await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_not_guessed_any_faster_over_sockets() {
    let toy = Toy::start_with(with(TrafficLimits { per_address: ONE, ..TrafficLimits::default() })).await;
    let mut codes = Vec::new();
    for _guess in 0..2 {
        let mut socket = Socket::open(&toy).await;
        let payload = json!({"authorization": "Bearer forged"});
        socket.send(json!({"type": "connection_init", "payload": payload})).await;
        let Received::Closed(_, reason) = socket.receive().await else { panic!("the socket stays open") };
        codes.push(reason);
    }
    assert_eq!(codes, ["UNAUTHENTICATED", "RATE_LIMITED"]);
}
