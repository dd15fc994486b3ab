//! The plain routes: health, metrics, and those that do not exist.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::toy::{Answer, Toy};

async fn get(toy: &Toy, path: &str) -> Answer {
    Answer::of(toy.client.get(toy.url(path))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_whose_database_is_away_lives_but_is_not_ready() {
    let toy = Toy::start().await;
    assert_eq!(get(&toy, "/health/ready").await.status, 200);

    toy.readiness.database_away.store(true, Ordering::SeqCst);
    assert_eq!(get(&toy, "/health/live").await.status, 200);
    let answer = get(&toy, "/health/ready").await;
    assert_eq!((answer.status, answer.header("content-type")), (503, "application/problem+json"));
    assert_eq!(answer.body["missing"], json!(["database"]));
    assert_eq!(answer.body["code"], "UNAVAILABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_served_as_text() {
    let answer = get(&Toy::start().await, "/metrics").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, Some("visits_total 3\n")));
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_route_is_a_problem_with_a_code() {
    let toy = Toy::start().await;
    let nowhere = get(&toy, "/nowhere").await;
    assert_eq!((nowhere.status, &nowhere.body["code"]), (404, &json!("NOT_FOUND")));
    let wrong_method = Answer::of(toy.client.post(toy.url("/health/live"))).await;
    assert_eq!((wrong_method.status, &wrong_method.body["code"]), (405, &json!("METHOD_NOT_ALLOWED")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_asked_all_the_time_whether_it_is_ready_does_not_ask_its_database_all_the_time() {
    let toy = Toy::start().await;
    let begun = std::time::Instant::now();
    for _time in 0..200 {
        assert_eq!(get(&toy, "/health/ready").await.status, 200);
    }
    let seconds = u32::try_from(begun.elapsed().as_secs()).expect("not long") + 2;
    let asked = toy.readiness.asked.load(Ordering::SeqCst);
    assert!(asked <= 20 * seconds && asked < 200, "asked {asked} times");
}
