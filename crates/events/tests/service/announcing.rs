//! Announcing events.

use jiff::ToSpan;
use kernel::{Coded, ErrorCode, HubId, Id, OpContext, PageRequest};
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn an_operator_announces_an_event_and_the_service_publishes_it() {
    let app = TestApp::build().await;
    let operator = app.operator(app.humpolec);
    let event =
        app.events.publish_event(&operator, app.lecture(app.humpolec, 3, 6)).await.expect("published");

    assert_eq!(app.events.load_event(event.id).await.expect("there"), event);
    let expected =
        json!({"event_id": event.id, "hub_id": app.humpolec, "starts_at": event.starts_at, "capacity": 6});
    assert_eq!(app.outbox().await, [("events.event_published.v1".to_owned(), expected)]);
}

#[tokio::test]
async fn only_those_who_run_a_hub_announce_its_events() {
    let app = TestApp::build().await;
    let member = app.member_of(app.humpolec).await;
    let callers = [
        (app.anonymous(), ErrorCode::Unauthenticated),
        (app.operator(app.poznan), ErrorCode::NotFound),
        (app.foreigner(), ErrorCode::NotFound),
        (app.member(member), ErrorCode::NotFound),
        (app.coordinator(), ErrorCode::Forbidden),
    ];
    for (caller, code) in callers {
        let refused = app.events.publish_event(&caller, app.lecture(app.humpolec, 3, 6)).await;
        assert_eq!(refused.expect_err("refused").code(), code, "{:?}", caller.caller());
    }
    assert!(app.outbox().await.is_empty());
}

#[tokio::test]
async fn a_refused_announcement_names_the_field_and_leaves_nothing_behind() {
    let app = TestApp::build().await;
    let refused =
        app.events.publish_event(&app.operator(app.humpolec), app.lecture(app.humpolec, 3, 0)).await;
    let refused = refused.expect_err("no seats");
    assert_eq!(refused.code(), ErrorCode::InvalidInput);
    assert!(refused.to_string().starts_with("capacity: "), "{refused}");
    assert!(app.outbox().await.is_empty());
}

#[tokio::test]
async fn the_same_request_under_the_same_key_announces_once() {
    let app = TestApp::build().await;
    let operator = app.operator(app.humpolec);
    let under = |key: &str| operator.clone().with_idempotency_key(Some(key.into()));
    let announce = async |key, capacity| {
        let event = app.events.publish_event(&under(key), app.lecture(app.humpolec, 3, capacity)).await;
        event.map(|event| event.id).map_err(|error| error.code())
    };
    let first = announce("autumn", 6).await.expect("published");
    assert_eq!(announce("autumn", 6).await, Ok(first));
    assert_eq!(announce("autumn", 7).await, Err(ErrorCode::IdempotencyConflict));
    assert_ne!(announce("winter", 6).await, Ok(first));
    assert_eq!(app.outbox().await.len(), 2);
}

#[tokio::test]
async fn a_hub_that_is_still_on_its_way_is_waited_for() {
    let app = TestApp::build().await;
    let hub = HubId::generate(&app.world);
    let system = OpContext::system(app.world.clone());
    let (published, ()) = tokio::join!(
        app.events.publish_event(&system, app.lecture(hub, 3, 6)),
        app.receive(app.event("membership.hub_onboarded.v1", app.hub_onboarded(hub))),
    );
    assert_eq!(published.expect("the hub has arrived").hub_id, hub);
}

#[tokio::test]
async fn upcoming_events_come_in_order_of_their_start_until_they_are_over() {
    let app = TestApp::build().await;
    for days in [3, 1, 2] {
        app.published(app.humpolec, days, 6).await;
    }
    app.published(app.poznan, 1, 6).await;
    let hubs = [app.humpolec, app.poznan, HubId::generate(&app.world)];
    let titles = async |first| {
        let page = PageRequest::new(Some(first), None).expect("a page");
        let events = app.events.list_upcoming_events(&app.anonymous(), &hubs, &page).await.expect("public");
        hubs.map(|hub| events[&hub].iter().map(|event| String::from(event.title.clone())).collect::<Vec<_>>())
    };
    assert_eq!(titles(2).await, [vec!["Day 1", "Day 2"], vec!["Day 1"], vec![]]);
    app.later(25.hours());
    assert_eq!(titles(2).await, [vec!["Day 1", "Day 2"], vec!["Day 1"], vec![]], "under way");
    app.later(1.hour());
    assert_eq!(titles(2).await, [vec!["Day 2", "Day 3"], vec![], vec![]], "over");
}
