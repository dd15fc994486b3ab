//! Messages in the caller's language: over HTTP, over sockets and streams, on plain routes.

use serde_json::json;

use crate::{
    socket::Socket,
    toy::{Answer, Toy},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_in_the_callers_preferred_language() {
    let toy = Toy::start().await;
    for (accept_language, language, message) in [
        ("cs-CZ,cs;q=0.9,en;q=0.1", "cs", "Nic takového tu není."),
        ("de, pl;q=0.5", "pl", "Nie ma tu nic takiego."),
        ("uk", "uk", "Тут такого немає."),
        ("de", "en", "no such hub"),
    ] {
        let asked = || toy.post(&json!({"query": "{ missing }"})).header("accept-language", accept_language);
        let answer = Answer::of(asked()).await;
        let error = &answer.body["errors"][0];
        assert_eq!((answer.code(), &error["message"]), ("NOT_FOUND", &json!(message)), "{accept_language}");
        assert_eq!(error["extensions"]["detail"], "no such hub", "the detail stays English");

        let refused = Answer::of(asked().bearer_auth("forged")).await;
        assert_eq!(refused.header("content-language"), language);
        assert_eq!(refused.body["errors"][0]["extensions"]["detail"], "sign in again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_does_not_fit_is_refused_in_the_callers_language_with_its_reason() {
    let toy = Toy::start().await;
    for query in ["{ nonsense }", "{ nonsense", "{ double }"] {
        let asked = toy.post(&json!({"query": query})).header("accept-language", "cs");
        let answer = Answer::of(asked).await;
        let error = &answer.body["errors"][0];
        assert!(error["message"].as_str().is_some_and(|text| text.starts_with("Dotaz ne")), "{error}");
        assert!(error["extensions"]["detail"].as_str().is_some_and(str::is_ascii), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_and_streams_speak_it_too() {
    let toy = Toy::start().await;
    let mut socket = Socket::greeted(&toy, json!({"Accept-Language": "pl"})).await;
    socket.subscribe("s", "{ missing }").await;
    let message = socket.receive_message().await;
    assert_eq!(message["payload"]["errors"][0]["message"], "Nie ma tu nic takiego.", "{message}");
    assert_eq!(socket.receive_message().await["type"], "complete");
    socket.subscribe("s", "mutation { trace }").await;
    assert_eq!(socket.receive_message().await["payload"][0]["message"], "Zmiany trzeba wysyłać metodą POST.");

    let events = toy.post(&json!({"query": "{ missing }"})).header("accept", "text/event-stream");
    let body = events.header("accept-language", "uk").send().await.expect("a stream").text().await;
    assert!(body.as_ref().is_ok_and(|text| text.contains("Тут такого немає.")), "{body:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_routes_refuse_with_a_problem_in_the_callers_language() {
    let toy = Toy::start().await;
    let answer = Answer::of(toy.client.get(toy.url("/nowhere")).header("accept-language", "cs")).await;
    assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"));
    assert_eq!(answer.header("content-language"), "cs");
    let problem = json!({
        "type": "urn:hubnet:problem:not-found", "title": "Nic takového tu není.", "status": 404,
        "detail": "No such route.", "code": "NOT_FOUND",
    });
    assert_eq!(answer.body, problem);
}
