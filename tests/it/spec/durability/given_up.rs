//! A write whose caller goes away at any of its awaits is stored completely or not at all, and the writes after it
//! are complete.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
};

use platform_db::Reach;
use testkit::{Json, TestApp, TestHub, json};

const ENROL: &str = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
/// No write has more awaits.
const MOST_AWAITS: usize = 2_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_write_given_up_at_any_await_is_stored_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let operator = app.operator(&hub);
    for awaits in 0..MOST_AWAITS {
        let before = members(&app, &hub).await;
        let answer =
            given_up_after(awaits, operator.ask(ENROL, member(&hub, &format!("given{awaits}")))).await;
        let known = operator.ask(ENROL, member(&hub, &format!("whole{awaits}"))).await;
        assert!(known["enrollMember"]["member"]["id"].is_string());
        let after = members(&app, &hub).await;
        if answer.is_some() {
            assert_eq!(after, before + 2, "both were answered");
            app.drain().await;
            return assert_eq!(facts(&app, &hub).await, after, "each member with its audit event");
        }
        assert!((before + 1..=before + 2).contains(&after), "the later one is stored: {before}, {after}");
        assert_eq!(facts(&app, &hub).await, after, "no member without its audit event");
    }
    panic!("it never answers");
}

/// Awaits some work, and drops it at the next await after a number of them.
async fn given_up_after<T>(awaits: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut looks = 0;
    poll_fn(|context| {
        if looks > awaits {
            return Poll::Ready(None);
        }
        looks += 1;
        Pin::new(&mut work).as_mut().poll(context).map(Some)
    })
    .await
}

fn member(hub: &TestHub, name: &str) -> Json {
    json!({ "input": {
        "hubId": hub.id, "name": name, "email": format!("{name}@example.org"), "language": "cs", "category": "RESIDENT",
    } })
}

async fn members(app: &TestApp, hub: &TestHub) -> i64 {
    count(app, hub, "member").await
}

async fn facts(app: &TestApp, hub: &TestHub) -> i64 {
    count(app, hub, "audit where action = 'member.enrolled'").await
}

async fn count(app: &TestApp, hub: &TestHub, from: &str) -> i64 {
    let reach = Reach::Network(hub.network.parse().expect("an id"));
    let tx = app.services().databases()[0].read(reach).await.expect("a transaction");
    let row = tx.row(&format!("select count(*) as many from {from}"), []).await.expect("a row");
    row.expect("a count").try_get("", "many").expect("a number")
}
