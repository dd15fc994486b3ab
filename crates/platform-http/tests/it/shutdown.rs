//! Start and stop of a server.

use std::{sync::atomic::Ordering, time::Duration};

use platform_http::{BindError, bind};
use serde_json::json;

use crate::toy::{Answer, Toy};

#[test]
fn a_port_that_is_taken_is_refused_by_name() {
    let first = bind("127.0.0.1:0").expect("a free port");
    let address = first.local_addr().to_string();
    let Err(BindError::Taken { address: taken }) = bind(&address) else { panic!("the port is taken") };
    assert_eq!(taken, address);
}

#[test]
fn an_address_that_is_none_is_refused() {
    for address in ["", "8080", "nowhere.invalid:8080", "127.0.0.1:99999", "192.0.2.1:8080"] {
        assert!(matches!(bind(address), Err(BindError::Unusable { .. })), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn going_down_waits_for_what_has_begun() {
    let mut toy = Toy::start().await;
    let asked = tokio::spawn(Answer::of(toy.post(&json!({"query": "mutation { doIt }"}))));
    toy.slow.begun.notified().await;
    let down = toy.stop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!down.is_finished(), "a mutation is still running");
    toy.slow.go_on.notify_one();
    assert_eq!(asked.await.expect("an answer").body, json!({"data": {"doIt": true}}));
    down.await.expect("no panic").expect("down in order");
    assert!(toy.slow.done.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn going_down_waits_for_a_mutation_whose_client_is_gone() {
    let mut toy = Toy::start().await;
    let client = tokio::spawn(toy.post(&json!({"query": "mutation { doIt }"})).send());
    toy.slow.begun.notified().await;
    client.abort();
    let down = toy.stop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    toy.slow.go_on.notify_one();
    down.await.expect("no panic").expect("down in order");
    assert!(toy.slow.done.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_idles_holds_nothing_up() {
    let mut toy = Toy::start().await;
    assert_eq!(toy.ask("{ me }").await.status, 200);
    let down = tokio::time::timeout(Duration::from_secs(3), toy.stop()).await;
    down.expect("at once").expect("no panic").expect("down in order");
}
