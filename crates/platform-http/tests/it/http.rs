//! `/graphql` over HTTP: which requests succeed and which fail, with which status and which code.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::toy::{Answer, Toy};

const GRAPHQL_JSON: &str = "application/graphql-response+json";

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_answered_to_the_authenticated_caller() {
    let toy = Toy::start().await;
    let answer = toy.ask("{ me double(number: 21) }").await;
    assert_eq!((answer.status, &answer.body), (200, &json!({"data": {"me": "stranger", "double": 42}})));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");

    let known = toy.post(&json!({"query": "{ me }"})).bearer_auth("mara").header("idempotency-key", "k1");
    assert_eq!(Answer::of(known).await.body["data"]["me"], "mara with k1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_is_refused_before_anything_runs() {
    let toy = Toy::start().await;
    let asked = toy.post(&json!({"query": "mutation { doIt }"})).bearer_auth("forged");
    let answer = Answer::of(asked).await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(answer.body["errors"][0]["message"], "sign in again");
    assert!(answer.body.get("data").is_none());

    let limited = Answer::of(toy.post(&json!({"query": "{ me }"})).bearer_auth("limited")).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_is_read() {
    let toy = Toy::start().await;
    let with = |content_type: &'static str| {
        let body = json!({"query": "{ me }"}).to_string();
        Answer::of(toy.client.post(toy.url("/graphql")).header("content-type", content_type).body(body))
    };
    for read in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""]
    {
        assert_eq!(with(read).await.status, 200, "{read}");
    }
    for unread in [
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "",
    ] {
        let answer = with(unread).await;
        assert_eq!((answer.status, answer.code()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{unread}");
    }
    let packed = toy.post(&json!({"query": "{ me }"})).header("content-encoding", "gzip");
    assert_eq!(Answer::of(packed).await.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_request_is_refused() {
    let toy = Toy::start().await;
    for (body, code) in [
        ("", "BAD_REQUEST"),
        ("{", "BAD_REQUEST"),
        ("1", "BAD_REQUEST"),
        ("{}", "BAD_REQUEST"),
        (r#"{"query": null}"#, "BAD_REQUEST"),
        (r#"{"query": ["{ me }"]}"#, "BAD_REQUEST"),
        (r#"{"query": "{ me }", "operationName": 7}"#, "BAD_REQUEST"),
        (r#"{"query": "{ me }", "variables": "x"}"#, "BAD_REQUEST"),
        (r#"{"query": "{ me }", "variables": [1]}"#, "BAD_REQUEST"),
        (r#"{"query": "{ me }", "extensions": 1}"#, "BAD_REQUEST"),
        ("{\"query\": \"{ me \\ud800 }\"}", "BAD_REQUEST"),
        (r#" [{"query": "{ me }"}]"#, "BATCH_NOT_SUPPORTED"),
    ] {
        let post = toy.client.post(toy.url("/graphql")).header("content-type", "application/json");
        let answer = Answer::of(post.body(body)).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{body}");
        assert!(answer.body["errors"][0]["message"].is_string(), "{body}");
    }
    let nothing = json!({"query": "{ me }", "variables": null, "operationName": null, "extensions": null});
    assert_eq!(Answer::of(toy.post(&nothing)).await.status, 200, "null means left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_announced_or_not() {
    let toy = Toy::start_with(|edge| {
        edge.limits.body_bytes = 1000;
        edge.limits.large_body_bytes = 5000;
    })
    .await;
    let fits = json!({"query": "{ me }", "extensions": {"pad": "x".repeat(900)}});
    assert_eq!(Answer::of(toy.post(&fits)).await.status, 200);

    let large = json!({"query": "{ me }", "extensions": {"pad": "x".repeat(1000)}});
    let announced = Answer::of(toy.post(&large)).await;
    assert_eq!((announced.status, announced.code()), (413, "PAYLOAD_TOO_LARGE"));

    let chunked = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         7d0\r\n{}\r\n0\r\n\r\n",
        " ".repeat(2000)
    );
    assert!(talk(&toy, &chunked).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_too_slowly_is_not_waited_for() {
    let toy = Toy::start_with(|edge| edge.limits.body_timeout = Duration::from_millis(200)).await;
    let unfinished =
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let answer = talk(&toy, unfinished).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("REQUEST_TIMEOUT"), "{answer}");
}

/// Sends raw bytes and reads until the server closes.
async fn talk(toy: &Toy, request: &str) -> String {
    let mut stream = TcpStream::connect(toy.address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer));
    // A server that closes while the client still writes may reset the connection after its response.
    let _end = reading.await.expect("the server closes");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_document_have_a_status_only_for_clients_that_read_it() {
    let toy = Toy::start().await;
    for (query, code) in [
        ("{ me", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { double(number: $n) }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ double(number: \"one\") }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let plain = toy.ask(query).await;
        assert_eq!((plain.status, plain.code()), (200, code), "{query}");

        let strict = Answer::of(toy.post(&json!({"query": query})).header("accept", GRAPHQL_JSON)).await;
        assert_eq!((strict.status, strict.code()), (400, code), "{query}");
        assert_eq!(strict.header("content-type"), "application/graphql-response+json; charset=utf-8");
        assert!(strict.body.get("data").is_none(), "{query}");
    }
    let partly = toy.post(&json!({"query": "{ missing double(number: 1) }"})).header("accept", GRAPHQL_JSON);
    let answer = Answer::of(partly).await;
    assert_eq!((answer.status, &answer.body["data"]), (200, &json!({"missing": null, "double": 2})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_accepts_no_type_of_ours_gets_406() {
    let toy = Toy::start().await;
    let answer = Answer::of(toy.post(&json!({"query": "{ me }"})).header("accept", "image/png")).await;
    assert_eq!((answer.status, answer.code()), (406, "NOT_ACCEPTABLE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_over_budget_is_refused_whatever_the_client_reads() {
    let toy = Toy::start().await;
    let bomb: Vec<String> =
        (0..30).map(|n| format!("fragment f{n} on Query{{...f{}...f{}}}", n + 1, n + 1)).collect();
    for query in [
        format!("{{...f0}}{}", bomb.concat()),
        format!("{{{}}}", "a:me ".repeat(31)),
        format!("{}me{}", "{itself".repeat(15), "}".repeat(15)).replace("itselfme", "itself{me}"),
        format!("{{me{}}}", "@include(if:true)".repeat(6)),
        "{...a} fragment a on Query{...a}".to_owned(),
        format!("{{me}}#{}", "x".repeat(16 * 1024)),
    ] {
        let answer = toy.ask(&query).await;
        assert_eq!((answer.status, answer.code()), (400, "QUERY_TOO_COMPLEX"), "{query:.60}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_explorers_ask_about_the_schema_is_within_the_budget() {
    let toy = Toy::start().await;
    let introspection = include_str!("introspection.graphql");
    let answer = toy.ask(introspection).await;
    assert_eq!(answer.body["data"]["__schema"]["queryType"]["name"], "Query", "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_a_code_and_our_own_faults_stay_with_us() {
    let toy = Toy::start().await;
    let broken = toy.ask("{ broken me }").await;
    assert_eq!((broken.status, broken.code()), (200, "INTERNAL"));
    assert_eq!(broken.body["data"], json!({"broken": null, "me": "stranger"}));
    assert!(!broken.body.to_string().contains("/dev/sda"), "{}", broken.body);

    let missing = toy.ask("{ missing }").await;
    assert_eq!((missing.code(), &missing.body["errors"][0]["message"]), ("NOT_FOUND", &json!("no such hub")));

    let panicking = toy.ask("{ panicking }").await;
    assert_eq!((panicking.status, panicking.code()), (500, "INTERNAL"));
    assert_eq!(toy.ask("{ me }").await.status, 200, "and the next one is served");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_out_of_range_is_the_callers_fault() {
    let toy = Toy::start().await;
    let body = json!({"query": "query ($n: Int!) { double(number: $n) }", "variables": {"n": 1_i64 << 40}});
    let answer = Answer::of(toy.post(&body)).await;
    assert!(["INVALID_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&answer.code()), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_given_up() {
    let toy = Toy::start_with(|edge| edge.limits.request_deadline = Duration::from_millis(500)).await;
    let answer = toy.ask("{ slow }").await;
    assert_eq!((answer.status, answer.code()), (503, "DEADLINE_EXCEEDED"));
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_runs_to_its_end_although_its_client_is_gone() {
    let toy = Toy::start().await;
    let client = tokio::spawn(toy.post(&json!({"query": "mutation { doIt }"})).send());
    toy.slow.begun.notified().await;
    client.abort();
    assert!(client.await.expect_err("aborted").is_cancelled());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!toy.slow.done.load(Ordering::SeqCst));
    toy.slow.go_on.notify_one();
    toy.slow.finished.notified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_runs_to_its_end_although_its_deadline_has_passed() {
    let toy = Toy::start_with(|edge| edge.limits.request_deadline = Duration::from_millis(500)).await;
    assert_eq!(toy.ask("mutation { doIt }").await.code(), "DEADLINE_EXCEEDED");
    toy.slow.go_on.notify_one();
    toy.slow.finished.notified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_never_runs_anything() {
    let toy = Toy::start().await;
    let address = toy.url("/graphql?query=mutation%7BdoIt%7D");
    for request in [toy.client.get(&address), toy.client.put(&address), toy.client.delete(&address)] {
        let answer = Answer::of(request).await;
        assert_eq!((answer.status, answer.code()), (405, "METHOD_NOT_ALLOWED"));
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_get_the_explorer_only_where_it_is_switched_on() {
    let page =
        |toy: &Toy| Answer::of(toy.client.get(toy.url("/graphql")).header("accept", "text/html,*/*;q=0.8"));
    let open = Toy::start_with(|edge| edge.graphiql = true).await;
    let answer = page(&open).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.header("content-security-policy").contains("script-src"));
    assert_eq!(page(&Toy::start().await).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_needs_a_stream() {
    let toy = Toy::start().await;
    let answer = toy.ask("subscription { count(to: 2) }").await;
    assert_eq!((answer.status, answer.code()), (400, "STREAM_REQUIRED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_that_keep_browsers_safe() {
    let toy = Toy::start().await;
    for answer in [toy.ask("{ me }").await, toy.ask("{ nonsense").await, unknown_route(&toy).await] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(answer.header("access-control-allow-origin"), "", "other sites stay outside");
    }
}

async fn unknown_route(toy: &Toy) -> Answer {
    Answer::of(toy.client.get(toy.url("/nowhere")).header("origin", "https://evil.example")).await
}
