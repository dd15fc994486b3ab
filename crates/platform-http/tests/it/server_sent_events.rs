//! Responses as server-sent events.

use std::time::Duration;

use serde_json::{Value, json};

use crate::toy::{Answer, Toy};

/// An event: its name and its data.
type Event = (String, Value);

fn asked(toy: &Toy, query: &str) -> reqwest::RequestBuilder {
    toy.post(&json!({"query": query})).header("accept", "text/event-stream")
}

/// Reads a stream to its end; comments are left out.
async fn events(request: reqwest::RequestBuilder) -> Vec<Event> {
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let text = response.text().await.expect("the whole stream");
    assert!(text.starts_with(":\n\n"), "a comment opens the stream: {text}");
    text.split("\n\n").filter_map(event).collect()
}

fn event(block: &str) -> Option<Event> {
    let (name, data) = block.trim().strip_prefix("event: ")?.split_once('\n')?;
    let data = data.strip_prefix("data:").expect("an event has data").trim();
    Some((name.to_owned(), serde_json::from_str(data).unwrap_or(Value::Null)))
}

fn complete() -> Event {
    ("complete".to_owned(), Value::Null)
}

fn next(payload: Value) -> Event {
    ("next".to_owned(), payload)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_one_event_after_the_other() {
    let toy = Toy::start().await;
    let received = events(asked(&toy, "subscription { count(to: 2) }")).await;
    let counted = |n| next(json!({"data": {"count": n}}));
    assert_eq!(received, [counted(1), counted(2), complete()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_one_event() {
    let toy = Toy::start().await;
    let received = events(asked(&toy, "{ me }").bearer_auth("mara")).await;
    assert_eq!(received, [next(json!({"data": {"me": "mara"}})), complete()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_document_are_events_and_refusals_of_the_edge_are_not() {
    let toy = Toy::start().await;
    for (query, code) in [
        ("{ me", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { unopened }", "INTERNAL"),
    ] {
        let received = events(asked(&toy, query)).await;
        assert_eq!(received[0].1["errors"][0]["extensions"]["code"], code, "{query}");
        assert_eq!(received[1..], [complete()]);
        assert!(!format!("{received:?}").contains("queue.internal"));
    }
    let refused = Answer::of(asked(&toy, "subscription { forever }").bearer_auth("forged")).await;
    assert_eq!((refused.status, refused.code()), (401, "UNAUTHENTICATED"));
    let bomb = Answer::of(asked(&toy, &format!("{{{}}}", "a:me ".repeat(31)))).await;
    assert_eq!((bomb.status, bomb.code()), (400, "QUERY_TOO_COMPLEX"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_callers_token() {
    let toy = Toy::start_with(|edge| edge.limits.readmission_interval = Duration::from_millis(200)).await;
    for caller in ["brief", "fickle"] {
        let received = events(asked(&toy, "subscription { forever }").bearer_auth(caller)).await;
        assert_eq!(received[0], next(json!({"data": {"forever": 1}})));
        assert_eq!(received[1].1["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{caller}");
        assert_eq!(received[2], complete());
    }
}
