//! Announcing events.

use jiff::ToSpan;
use kernel::{Coded, ErrorCode, HubId, Id, PageRequest, Scope};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn an_operator_announces_an_event_and_the_others_hear_of_it() {
    let house = House::build().await;
    let operator = house.operator(house.humpolec);
    let event =
        house.events.publish_event(&operator, house.lecture(house.humpolec, 3, 6)).await.expect("published");

    assert_eq!(house.events.load_event(event.id).await.expect("there"), event);
    let told =
        json!({"event_id": event.id, "hub_id": house.humpolec, "starts_at": event.starts_at, "capacity": 6});
    assert_eq!(house.outbox().await, [("events.event_published.v1".to_owned(), told)]);
}

#[tokio::test]
async fn only_those_who_run_a_hub_announce_its_events() {
    let house = House::build().await;
    let member = house.member_of(house.humpolec).await;
    let callers = [
        (house.anonymous(), ErrorCode::Unauthenticated),
        (house.operator(house.poznan), ErrorCode::NotFound),
        (house.foreigner(), ErrorCode::NotFound),
        (house.member(member), ErrorCode::NotFound),
        (house.coordinator(), ErrorCode::Forbidden),
    ];
    for (caller, code) in callers {
        let refused = house.events.publish_event(&caller, house.lecture(house.humpolec, 3, 6)).await;
        assert_eq!(refused.expect_err("refused").code(), code, "{:?}", caller.caller());
    }
    assert!(house.outbox().await.is_empty());
}

#[tokio::test]
async fn a_refused_announcement_names_the_field_and_leaves_nothing_behind() {
    let house = House::build().await;
    let refused = house
        .events
        .publish_event(&house.operator(house.humpolec), house.lecture(house.humpolec, 3, 0))
        .await;
    let refused = refused.expect_err("no seats");
    assert_eq!(refused.code(), ErrorCode::InvalidInput);
    assert!(refused.to_string().starts_with("capacity "), "{refused}");
    assert!(house.outbox().await.is_empty());
}

#[tokio::test]
async fn the_same_request_under_the_same_key_announces_once() {
    let house = House::build().await;
    let operator = house.operator(house.humpolec);
    let under = |key: &str| operator.clone().with_idempotency_key(Some(key.into()));
    let announce = async |key, capacity| {
        let event = house.events.publish_event(&under(key), house.lecture(house.humpolec, 3, capacity)).await;
        event.map(|event| event.id).map_err(|error| error.code())
    };
    let first = announce("autumn", 6).await.expect("published");
    assert_eq!(announce("autumn", 6).await, Ok(first));
    assert_eq!(announce("autumn", 7).await, Err(ErrorCode::IdempotencyConflict));
    assert_ne!(announce("winter", 6).await, Ok(first));
    assert_eq!(house.outbox().await.len(), 2);
}

#[tokio::test]
async fn a_hub_that_is_still_on_its_way_is_waited_for() {
    let house = House::build().await;
    let hub = HubId::generate(&house.world);
    let system = Scope::system(house.world.clone());
    let (published, ()) = tokio::join!(
        house.events.publish_event(&system, house.lecture(hub, 3, 6)),
        house.hear(house.told("membership.hub_onboarded.v1", house.hub_onboarded(hub))),
    );
    assert_eq!(published.expect("the hub has arrived").hub_id, hub);
}

#[tokio::test]
async fn upcoming_events_come_in_order_of_their_start_until_they_are_over() {
    let house = House::build().await;
    for days in [3, 1, 2] {
        house.published(house.humpolec, days, 6).await;
    }
    house.published(house.poznan, 1, 6).await;
    let hubs = [house.humpolec, house.poznan, HubId::generate(&house.world)];
    let titles = async |first| {
        let page = PageRequest::new(Some(first), None).expect("a page");
        let events =
            house.events.list_upcoming_events(&house.anonymous(), &hubs, &page).await.expect("public");
        hubs.map(|hub| events[&hub].iter().map(|event| String::from(event.title.clone())).collect::<Vec<_>>())
    };
    assert_eq!(titles(2).await, [vec!["Day 1", "Day 2"], vec!["Day 1"], vec![]]);
    house.later(25.hours());
    assert_eq!(titles(2).await, [vec!["Day 1", "Day 2"], vec!["Day 1"], vec![]], "under way");
    house.later(1.hour());
    assert_eq!(titles(2).await, [vec!["Day 2", "Day 3"], vec![], vec![]], "over");
}
