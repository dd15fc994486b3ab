//! Who sees seats.

use events::{EventsError, TakeSeat};
use jiff::ToSpan;
use kernel::{AuthError, Coded, ErrorCode, MemberId, OpContext, PageRequest};

use crate::app::TestApp;

async fn seats(app: &TestApp, op: &OpContext, member: MemberId) -> Result<usize, AuthError> {
    let page = PageRequest::new(None, None).expect("a page");
    let mut seats = app.events.list_seats(op, &[member], &page).await.expect("an answer");
    seats.remove(&member).expect("an answer for each member").map(|page| page.items.len())
}

async fn seated_member(app: &TestApp, events: i32) -> MemberId {
    let member = app.member_of(app.humpolec).await;
    for days in 1..=events {
        let event = app.published(app.poznan, days, 6).await;
        let wanted = TakeSeat { event_id: event.id, member_id: None };
        app.events.take_seat(&app.member(member), wanted).await.expect("an outcome");
        app.later(1.second());
    }
    member
}

#[tokio::test]
async fn seats_are_seen_by_the_member_and_the_staff_of_their_home_hub() {
    let app = TestApp::build().await;
    let member = seated_member(&app, 2).await;
    assert_eq!(seats(&app, &app.member(member), member).await, Ok(2));
    assert_eq!(seats(&app, &app.operator(app.humpolec), member).await, Ok(2));

    let fellow = app.member_of(app.humpolec).await;
    assert_eq!(seats(&app, &app.member(fellow), member).await, Err(AuthError::NotFound));
    assert_eq!(seats(&app, &app.operator(app.poznan), member).await, Err(AuthError::NotFound));
    assert_eq!(seats(&app, &app.coordinator(), member).await, Err(AuthError::Forbidden));
    assert_eq!(seats(&app, &app.foreigner(), member).await, Err(AuthError::NotFound));
    assert_eq!(seats(&app, &app.anonymous(), member).await, Err(AuthError::Unauthenticated));
}

#[tokio::test]
async fn seats_are_read_page_by_page_newest_first() {
    let app = TestApp::build().await;
    let member = seated_member(&app, 3).await;
    let op = app.member(member);
    let read = async |after: Option<String>| {
        let page = PageRequest::new(Some(2), after).expect("a page");
        let mut pages = app.events.list_seats(&op, &[member], &page).await.expect("an answer");
        pages.remove(&member).expect("an answer").expect("their own")
    };
    let newest = read(None).await;
    let oldest = read(newest.items.last().map(|seat| seat.id.to_string())).await;
    assert_eq!((newest.items.len(), newest.has_next), (2, true));
    assert_eq!((oldest.items.len(), oldest.has_next), (1, false));
    assert!(newest.items[0].id > newest.items[1].id && newest.items[1].id > oldest.items[0].id);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let app = TestApp::build().await;
    let member = seated_member(&app, 1).await;
    let page = PageRequest::new(Some(2), Some("yesterday".into())).expect("a page");
    let refused = app.events.list_seats(&app.member(member), &[member], &page).await;
    assert_eq!(refused.map_err(|error: EventsError| error.code()).err(), Some(ErrorCode::InvalidInput));
}
