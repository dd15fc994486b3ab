//! The limits of one caller's requests, the same over HTTP and over a socket: each met exactly and exceeded by one.

use std::time::{Duration, Instant};

use platform_http::{DocumentsMode, Rate};
use serde_json::json;

use crate::{
    socket::Socket,
    toy::{Answer, Toy},
};

/// A document's own cost recurs each time; a delay by other work does not recur three times.
const TIMES: usize = 3;

/// The largest documents that still parse, and their expected errors.
fn too_much() -> Vec<(&'static str, String, &'static str)> {
    // 841 bytes of fragments, each spreading the next one twice: expanded, half a million fields.
    let fragments: Vec<String> =
        (0..19).map(|n| format!("fragment f{n:02} on Query{{...f{:02} ...f{:02}}}", n + 1, n + 1)).collect();
    let bomb = format!("{{...f00}}{}fragment f19 on Query{{me}}", fragments.concat());
    assert!((700..900).contains(&bomb.len()), "{}", bomb.len());
    let chain: Vec<String> =
        (0..9).map(|n| format!("fragment g{n} on Query{{...g{} ...g{}}}", n + 1, n + 1)).collect();
    vec![
        ("the fragment bomb", bomb, "QUERY_TOO_COMPLEX"),
        ("document", format!("{{me}}#{}", "x".repeat(16 * 1024 - 4)), "QUERY_TOO_COMPLEX"),
        ("tokens", format!("{{{}}}", "me ".repeat(499)), "QUERY_TOO_COMPLEX"),
        ("nesting", format!("{{double(number:{}1{})}}", "[".repeat(14), "]".repeat(14)), "QUERY_TOO_COMPLEX"),
        ("spreads", format!("{{{}}}", "...{me}".repeat(21)), "QUERY_TOO_COMPLEX"),
        ("aliases", format!("{{{}}}", "a:me ".repeat(31)), "QUERY_TOO_COMPLEX"),
        ("directives", format!("{{me{}}}", "@include(if:true)".repeat(6)), "QUERY_TOO_COMPLEX"),
        (
            "depth",
            "{itself{itself{itself{itself{itself{itself{itself{itself{me}}}}}}}}}".to_owned(),
            "QUERY_TOO_COMPLEX",
        ),
        ("complexity", "{page(first:99){nodes{page(first:99){nodes{me}}}}}".to_owned(), "QUERY_TOO_COMPLEX"),
        (
            "complexity of fragments",
            format!("{{...g0 ...g0}}{}fragment g9 on Query{{me}}", chain.concat()),
            "QUERY_TOO_COMPLEX",
        ),
        (
            "circle",
            "{...a} fragment a on Query{...b} fragment b on Query{...a}".to_owned(),
            "QUERY_TOO_COMPLEX",
        ),
        (
            "circle of the schema",
            "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}".to_owned(),
            "QUERY_TOO_COMPLEX",
        ),
        ("string without an end", format!("{{me(x:\"{}", "x".repeat(16_000)), "GRAPHQL_PARSE_FAILED"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_at_once_by_post() {
    let toy = Toy::start().await;
    assert_eq!(toy.ask("{me}").await.status, 200);
    let mut worst = Duration::ZERO;
    for (what, query, code) in too_much() {
        let mut quickest = Duration::MAX;
        for _time in 0..TIMES {
            let asked =
                toy.post(&json!({"query": query})).header("accept", "application/graphql-response+json");
            let before = Instant::now();
            let answer = Answer::of(asked).await;
            quickest = quickest.min(before.elapsed());
            assert_eq!((answer.status, answer.code()), (400, code), "{what}: {}", answer.body);
        }
        worst = worst.max(quickest);
    }
    println!("the worst refusal by POST took {worst:?}");
    assert!(worst < Duration::from_millis(50), "{worst:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_at_once_over_a_socket() {
    let toy = Toy::start().await;
    let mut socket = Socket::greeted(&toy, json!({})).await;
    let mut worst = Duration::ZERO;
    for (what, query, code) in too_much() {
        let mut quickest = Duration::MAX;
        for _time in 0..TIMES {
            let before = Instant::now();
            socket.subscribe("s", &query).await;
            let message = socket.receive_message().await;
            quickest = quickest.min(before.elapsed());
            assert_eq!(message["type"], "error", "{what}: {message}");
            assert_eq!(message["payload"][0]["extensions"]["code"], code, "{what}: {message}");
        }
        worst = worst.max(quickest);
    }
    println!("the worst refusal over a socket took {worst:?}");
    assert!(worst < Duration::from_millis(50), "{worst:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_just_enough_is_answered() {
    // The rate of such requests is another limit.
    let toy = Toy::start_with(|edge| edge.limits.traffic.per_address = Rate::UNLIMITED).await;
    for query in [
        format!("{{{}}}", "me ".repeat(498)),
        format!("{{{}}}", "a:me ".repeat(30)),
        format!("{{{}}}", "...{me}".repeat(20)),
        format!("{{{}}}", "me@include(if:true) ".repeat(5)),
        "{itself{itself{itself{itself{itself{itself{itself{me}}}}}}}}".to_owned(),
        "{page(first:30){nodes{page(first:30){nodes{me}}}}}".to_owned(),
    ] {
        let answer = toy.ask(&query).await;
        assert!(answer.body["errors"].is_null(), "{query:.60}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_carries_no_more_than_a_post() {
    let toy = Toy::start().await;
    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.subscribe("s", &"x".repeat(64 * 1024)).await;
    assert_eq!(socket.receive_close_code().await, 1009);

    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.send(json!({"type": "subscribe", "id": "s", "payload": [{"query": "{me}"}]})).await;
    assert_eq!(socket.receive_close_code().await, 4400, "no batches");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_read_for_a_known_caller_with_a_large_mutation() {
    let toy = Toy::start().await;
    let upload = |query: &str, bytes: usize| {
        toy.post(&json!({"query": query, "variables": {"lines": ["x".repeat(bytes)]}}))
    };
    let fitting = "mutation($lines: [String!]!) { uploadLog(lines: $lines) }";
    let known = Answer::of(upload(fitting, 500_000).bearer_auth("reader")).await;
    assert_eq!(known.body, json!({"data": {"uploadLog": 1}}));
    for (what, request, status) in [
        ("a stranger", upload(fitting, 500_000), 413),
        ("a forged token", upload(fitting, 500_000).bearer_auth("forged"), 401),
        ("more than a log needs", upload(fitting, 4 << 20).bearer_auth("reader"), 413),
        ("a query", upload("query($lines: [String!]!) { me }", 70_000).bearer_auth("reader"), 413),
        (
            "another mutation beside it",
            upload("mutation($lines: [String!]!) { uploadLog(lines: $lines) trace }", 70_000)
                .bearer_auth("reader"),
            413,
        ),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_described_only_where_that_is_switched_on() {
    let toy = Toy::start_with(|edge| edge.limits.query.introspection = false).await;
    for query in ["{__schema{types{name}}}", "{...f} fragment f on Query{__type(name:\"Query\"){name}}"] {
        assert_eq!(toy.ask(query).await.code(), "INTROSPECTION_OFF", "{query}");
    }
    assert_eq!(toy.ask("{__typename}").await.body, json!({"data": {"__typename": "Query"}}));
    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.subscribe("s", "{__schema{types{name}}}").await;
    assert_eq!(socket.receive_message().await["payload"][0]["extensions"]["code"], "INTROSPECTION_OFF");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_documents_are_required_only_known_ones_are_answered() {
    let list = json!({ platform_http::Documents::id("{ me }"): "{ me }" }).to_string();
    let documents = platform_http::Documents::read(DocumentsMode::Require, &list).expect("a list");
    let toy = Toy::start_with(|edge| edge.documents = std::sync::Arc::new(documents)).await;
    let id = platform_http::Documents::id("{ me }");
    for known in [
        json!({"documentId": id}),
        json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": id.trim_start_matches("sha256:")}}}),
        json!({"query": "{ me }"}),
    ] {
        assert_eq!(Answer::of(toy.post(&known)).await.body, json!({"data": {"me": "stranger"}}), "{known}");
    }
    assert_eq!(Answer::of(toy.post(&json!({"documentId": "sha256:00"}))).await.code(), "DOCUMENT_UNKNOWN");
    assert_eq!(toy.ask("{ double(number: 1) }").await.code(), "DOCUMENT_REQUIRED");
    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.subscribe("s", "subscription { forever }").await;
    assert_eq!(socket.receive_message().await["payload"][0]["extensions"]["code"], "DOCUMENT_REQUIRED");
}
