//! Hearing the other services.

use kernel::{HubId, Id, MemberId};
use platform_bus::{deliver, postponed_events};

use crate::house::House;

#[tokio::test]
async fn facts_come_in_any_order_and_any_number_of_times() {
    let house = House::build().await;
    let (hub, member) = (HubId::generate(&house.world), MemberId::generate(&house.world));
    let joined = house.member_joined(member, hub);
    let told_again = house.member_joined(member, hub);
    let onboarded = house.told("membership.hub_onboarded.v1", house.hub_onboarded(hub));
    let handler = house.events.handler();
    let batch = [joined.clone(), told_again, onboarded, joined];
    for _twice in 0..2 {
        deliver(handler.as_ref(), &batch).await.expect("taken in");
        let (postponed, _) = postponed_events(handler.db(), handler.consumer()).await.expect("a count");
        assert_eq!(postponed, 0, "taken in");
    }

    let event = house.published(hub, 1, 6).await;
    let wanted = events::TakeSeat { event_id: event.id, member_id: None };
    house.events.take_seat(&house.member(member), wanted).await.expect("an outcome");
    assert_eq!(house.seats_counted().await, 1);
}
