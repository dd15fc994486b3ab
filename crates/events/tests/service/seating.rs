//! Taking seats (R15).

use std::collections::HashSet;

use events::{EventsError, TakeSeat, TakeSeatOutcome};
use jiff::ToSpan;
use kernel::{Coded, ErrorCode, EventId, Id, MemberId, OpContext};
use serde_json::json;

use crate::app::TestApp;

fn own(event_id: EventId) -> TakeSeat {
    TakeSeat { event_id, member_id: None }
}

fn seat_for(event_id: EventId, member: MemberId) -> TakeSeat {
    TakeSeat { event_id, member_id: Some(member) }
}

async fn refusal(app: &TestApp, op: &OpContext, wanted: TakeSeat) -> ErrorCode {
    app.events.take_seat(op, wanted).await.expect_err("refused").code()
}

#[tokio::test]
async fn a_member_of_any_hub_of_the_network_takes_a_seat() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 6).await;
    let traveller = app.member_of(app.poznan).await;
    let outcome = app.events.take_seat(&app.member(traveller), own(event.id)).await.expect("an outcome");

    let TakeSeatOutcome::SeatTaken(seat, event) = outcome else { panic!("{outcome:?}") };
    assert_eq!((seat.member_id, event.seats_taken, event.seats_free()), (traveller, 1, 5));
    let expected =
        json!({"seat_id": seat.id, "event_id": event.id, "hub_id": app.humpolec, "member_id": traveller});
    assert_eq!(app.outbox().await.pop(), Some(("events.seat_confirmed.v1".to_owned(), expected)));
}

#[tokio::test]
async fn the_same_member_is_seated_once() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 1).await;
    let member = app.member_of(app.humpolec).await;
    let op = app.member(member);
    let first = app.events.take_seat(&op, own(event.id)).await.expect("an outcome");
    let again = app.events.take_seat(&op, own(event.id)).await.expect("an outcome");

    let TakeSeatOutcome::SeatTaken(seat, event) = first else { panic!("{first:?}") };
    assert_eq!(again, TakeSeatOutcome::AlreadySeated(seat, event), "although the event is full");
    assert_eq!(app.outbox().await.len(), 2, "one announcement, one seat");
}

#[tokio::test]
async fn a_full_event_takes_nobody_more() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 1).await;
    let (early, late) = (app.member_of(app.humpolec).await, app.member_of(app.humpolec).await);
    app.events.take_seat(&app.member(early), own(event.id)).await.expect("an outcome");
    let outcome = app.events.take_seat(&app.member(late), own(event.id)).await.expect("an outcome");

    let TakeSeatOutcome::EventFull(event) = outcome else { panic!("{outcome:?}") };
    assert_eq!((event.seats_taken, event.seats_free()), (1, 0));
    assert_eq!(app.seats_counted().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn r15_confirmed_seats_never_exceed_capacity_when_everybody_asks_at_once() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 7).await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let op = app.member(app.member_of(app.poznan).await);
        let (events, wanted) = (app.events.clone(), own(event.id));
        asking.spawn(async move { events.take_seat(&op, wanted).await });
    }
    let outcomes: Vec<TakeSeatOutcome> =
        asking.join_all().await.into_iter().collect::<Result<_, EventsError>>().expect("outcomes");

    let taken = outcomes.iter().filter(|outcome| matches!(outcome, TakeSeatOutcome::SeatTaken(..))).count();
    let full = outcomes.iter().filter(|outcome| matches!(outcome, TakeSeatOutcome::EventFull(_))).count();
    assert_eq!((taken, full), (7, 33));
    assert_eq!(app.seats_counted().await, 7);
    assert_eq!(app.events.load_event(event.id).await.expect("there").seats_taken, 7);
    assert_eq!(app.outbox().await.len(), 8, "one announcement, seven seats");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_member_who_asks_many_times_at_once_gets_one_seat() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 7).await;
    let member = app.member_of(app.humpolec).await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (events, op, wanted) = (app.events.clone(), app.member(member), own(event.id));
        asking.spawn(async move { events.take_seat(&op, wanted).await.expect("an outcome") });
    }
    let seats: HashSet<_> = asking
        .join_all()
        .await
        .into_iter()
        .map(|outcome| match outcome {
            TakeSeatOutcome::SeatTaken(seat, _) | TakeSeatOutcome::AlreadySeated(seat, _) => seat.id,
            TakeSeatOutcome::EventFull(_) => panic!("there are seats"),
        })
        .collect();
    assert_eq!(seats.len(), 1);
    assert_eq!(app.events.load_event(event.id).await.expect("there").seats_taken, 1);
}

#[tokio::test]
async fn staff_seat_the_members_of_their_own_hub() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 6).await;
    let member = app.member_of(app.poznan).await;
    let wanted = seat_for(event.id, member);
    assert_eq!(refusal(&app, &app.operator(app.humpolec), wanted).await, ErrorCode::NotFound);
    assert_eq!(refusal(&app, &app.coordinator(), wanted).await, ErrorCode::Forbidden);
    let fellow = app.member_of(app.poznan).await;
    assert_eq!(refusal(&app, &app.member(fellow), wanted).await, ErrorCode::NotFound);

    let outcome = app.events.take_seat(&app.operator(app.poznan), wanted).await.expect("an outcome");
    assert!(matches!(outcome, TakeSeatOutcome::SeatTaken(seat, _) if seat.member_id == member));
}

#[tokio::test]
async fn to_another_network_and_to_nobody_there_are_no_seats() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 6).await;
    let member = app.member_of(app.humpolec).await;
    assert_eq!(refusal(&app, &app.foreigner(), own(event.id)).await, ErrorCode::NotFound);
    assert_eq!(refusal(&app, &app.foreigner(), seat_for(event.id, member)).await, ErrorCode::NotFound);
    assert_eq!(refusal(&app, &app.anonymous(), seat_for(event.id, member)).await, ErrorCode::Unauthenticated);
    assert_eq!(refusal(&app, &app.operator(app.humpolec), own(event.id)).await, ErrorCode::InvalidInput);
    let unknown = EventId::generate(&app.world);
    assert_eq!(refusal(&app, &app.member(member), own(unknown)).await, ErrorCode::NotFound);
    assert_eq!(app.seats_counted().await, 0);
}

#[tokio::test]
async fn nobody_takes_a_seat_at_an_event_that_is_over() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 6).await;
    let member = app.member_of(app.humpolec).await;
    app.later(26.hours());
    assert_eq!(refusal(&app, &app.member(member), own(event.id)).await, ErrorCode::Conflict);
}

#[tokio::test]
async fn a_member_who_joined_a_moment_ago_is_waited_for() {
    let app = TestApp::build().await;
    let event = app.published(app.humpolec, 1, 6).await;
    let member = MemberId::generate(&app.world);
    let op = app.member(member);
    let (outcome, ()) = tokio::join!(
        app.events.take_seat(&op, own(event.id)),
        app.receive(app.member_joined(member, app.humpolec)),
    );
    assert!(matches!(outcome, Ok(TakeSeatOutcome::SeatTaken(..))));
}
