//! Consuming the other services' events.

use kernel::{HubId, Id, MemberId};
use platform_bus::{deliver, postponed_events};
use platform_module::Module as _;

use crate::app::TestApp;

#[tokio::test]
async fn facts_come_in_any_order_and_any_number_of_times() {
    let app = TestApp::build().await;
    let (hub, member) = (HubId::generate(&app.world), MemberId::generate(&app.world));
    let joined = app.member_joined(member, hub);
    let joined_again = app.member_joined(member, hub);
    let onboarded = app.event("membership.hub_onboarded.v1", app.hub_onboarded(hub));
    let handler = app.events.handler(&app.world);
    let batch = [joined.clone(), joined_again, onboarded, joined];
    for _twice in 0..2 {
        deliver(handler.as_ref(), &batch).await.expect("taken in");
        let (postponed, _) = postponed_events(handler.db(), handler.consumer()).await.expect("a count");
        assert_eq!(postponed, 0, "taken in");
    }

    let event = app.published(hub, 1, 6).await;
    let wanted = events::TakeSeat { event_id: event.id, member_id: None };
    app.events.take_seat(&app.member(member), wanted).await.expect("an outcome");
    assert_eq!(app.seats_counted().await, 1);
}
