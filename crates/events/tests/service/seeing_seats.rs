//! Who sees who sits where.

use events::{EventsError, TakeSeat};
use jiff::ToSpan;
use kernel::{Coded, ErrorCode, MemberId, PageRequest, Refused, Scope};

use crate::house::House;

async fn seats(house: &House, scope: &Scope, member: MemberId) -> Result<usize, Refused> {
    let page = PageRequest::new(None, None).expect("a page");
    let mut seats = house.events.list_seats(scope, &[member], &page).await.expect("an answer");
    seats.remove(&member).expect("an answer for each member").map(|page| page.items.len())
}

async fn seated_member(house: &House, events: i32) -> MemberId {
    let member = house.member_of(house.humpolec).await;
    for days in 1..=events {
        let event = house.published(house.poznan, days, 6).await;
        let wanted = TakeSeat { event_id: event.id, member_id: None };
        house.events.take_seat(&house.member(member), wanted).await.expect("an outcome");
        house.later(1.second());
    }
    member
}

#[tokio::test]
async fn seats_are_seen_by_the_member_and_the_staff_of_their_home_hub() {
    let house = House::build().await;
    let member = seated_member(&house, 2).await;
    assert_eq!(seats(&house, &house.member(member), member).await, Ok(2));
    assert_eq!(seats(&house, &house.operator(house.humpolec), member).await, Ok(2));

    let fellow = house.member_of(house.humpolec).await;
    assert_eq!(seats(&house, &house.member(fellow), member).await, Err(Refused::NotFound));
    assert_eq!(seats(&house, &house.operator(house.poznan), member).await, Err(Refused::NotFound));
    assert_eq!(seats(&house, &house.coordinator(), member).await, Err(Refused::Forbidden));
    assert_eq!(seats(&house, &house.foreigner(), member).await, Err(Refused::NotFound));
    assert_eq!(seats(&house, &house.anonymous(), member).await, Err(Refused::Unauthenticated));
}

#[tokio::test]
async fn seats_are_read_page_by_page_newest_first() {
    let house = House::build().await;
    let member = seated_member(&house, 3).await;
    let scope = house.member(member);
    let read = async |after: Option<String>| {
        let page = PageRequest::new(Some(2), after).expect("a page");
        let mut pages = house.events.list_seats(&scope, &[member], &page).await.expect("an answer");
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
    let house = House::build().await;
    let member = seated_member(&house, 1).await;
    let page = PageRequest::new(Some(2), Some("yesterday".into())).expect("a page");
    let refused = house.events.list_seats(&house.member(member), &[member], &page).await;
    assert_eq!(refused.map_err(|error: EventsError| error.code()).err(), Some(ErrorCode::InvalidInput));
}
