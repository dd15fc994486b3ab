//! Opening hours from a day on, and single days that differ. Everything that asks for hours asks for those of the day.

use std::sync::Arc;

use testkit::{Json, TestApp, TestHub, json};

use super::{change, home, refused, touch};

const HOURS: &str = "query($id: ID!) { hub(id: $id) { openNow openingHours
    openingHoursVersions { from openingHours } specialDays { day isClosed note open { from until } } } }";

async fn seen(app: &TestApp, hub: &TestHub) -> Json {
    app.anonymous().ask(HOURS, json!({ "id": hub.id })).await["hub"].clone()
}

async fn calendar(app: &TestApp, hub: &TestHub) -> Arc<str> {
    let membership = app.services().membership().expect("membership runs here");
    membership.opening_hours_calendar(hub.id.parse().expect("an id"), app.now()).await.expect("a calendar")
}

#[tokio::test(flavor = "multi_thread")]
async fn new_hours_count_from_their_day_on_for_admission_and_the_closing_of_visits() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let eva = app.member(&hub, "Eva").await;
    app.set_clock("2026-11-02T09:00:00Z");
    let input = json!({ "openingHours": "Mo-Su 08:00-22:00", "from": "2026-11-09" });
    change(&administrator, "changeOpeningHours", &hub, input).await;
    assert_eq!(
        seen(&app, &hub).await["openingHoursVersions"],
        json!([{ "from": null, "openingHours": "Mo-Su 08:00-20:00" },
               { "from": "2026-11-09", "openingHours": "Mo-Su 08:00-22:00" }])
    );
    app.set_clock("2026-11-08T20:30:00Z");
    assert_eq!(touch(&app.system(), &hub, &eva).await, "HUB_CLOSED", "half past nine on the day before");
    app.set_clock("2026-11-09T20:30:00Z");
    assert_eq!(touch(&app.system(), &hub, &eva).await, "CheckedIn", "half past nine on the first day");
    assert_eq!(seen(&app, &hub).await["openingHours"], "Mo-Su 08:00-22:00");
    app.set_clock("2026-11-09T21:01:00Z");
    assert_eq!(app.close_forgotten_visits().await, 1);
    let visits = "query($id: ID!) { hub(id: $id) { visits(first: 1) { nodes { endedAt endedBy } } } }";
    let visit =
        app.operator(&hub).ask(visits, json!({ "id": hub.id })).await["hub"]["visits"]["nodes"][0].clone();
    assert_eq!(visit, json!({ "endedAt": "2026-11-09T21:00:00Z", "endedBy": "CLOSING_TIME" }));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_have_begun_to_count_are_not_withdrawn_and_those_to_come_are() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    app.set_clock("2026-11-02T09:00:00Z");
    let input = json!({ "openingHours": "24/7", "from": "2026-11-09" });
    change(&administrator, "changeOpeningHours", &hub, input.clone()).await;
    let nothing =
        refused(&administrator, "withdrawOpeningHours", &hub, json!({ "from": "2026-11-10" })).await;
    assert_eq!(nothing.0, "NOT_FOUND");
    change(&administrator, "withdrawOpeningHours", &hub, json!({ "from": "2026-11-09" })).await;
    change(&administrator, "changeOpeningHours", &hub, input).await;
    app.set_clock("2026-11-09T09:00:00Z");
    let begun = refused(&administrator, "withdrawOpeningHours", &hub, json!({ "from": "2026-11-09" })).await;
    assert_eq!(begun, ("INVALID_INPUT".to_owned(), json!("from")));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_is_closed_on_a_day_open_late_on_another_and_as_usual_again_when_that_is_withdrawn() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let (eva, jan) = (app.member(&hub, "Eva").await, app.member(&hub, "Jan").await);
    app.set_clock("2026-12-01T09:00:00Z");
    let closed = json!({ "from": "2026-12-24", "through": "2026-12-25", "note": "Christmas" });
    change(&administrator, "closeHubOn", &hub, closed).await;
    let late = json!({ "from": "2026-12-04", "until": "22:00", "note": "A reading" });
    change(&administrator, "openHubOn", &hub, late).await;
    let short = json!({ "from": "2026-12-31", "open": [{ "from": "09:00", "until": "12:30" }] });
    change(&administrator, "openHubOn", &hub, short).await;
    assert_eq!(
        seen(&app, &hub).await["specialDays"],
        json!([
            { "day": "2026-12-04", "isClosed": false, "note": "A reading", "open": [{ "from": "08:00", "until": "22:00" }] },
            { "day": "2026-12-24", "isClosed": true, "note": "Christmas", "open": [] },
            { "day": "2026-12-25", "isClosed": true, "note": "Christmas", "open": [] },
            { "day": "2026-12-31", "isClosed": false, "note": null, "open": [{ "from": "09:00", "until": "12:30" }] },
        ])
    );
    let feed = calendar(&app, &hub).await;
    assert!(feed.contains("DTEND;TZID=Europe/Prague:20261204T220000"), "{feed}");
    assert!(feed.contains("DESCRIPTION;LANGUAGE=cs:A reading"), "{feed}");
    assert!(!feed.contains("20261224T"), "{feed}");
    app.set_clock("2026-12-04T20:30:00Z");
    assert_eq!(touch(&app.system(), &hub, &eva).await, "CheckedIn");
    app.set_clock("2026-12-24T10:00:00Z");
    assert_eq!(touch(&app.system(), &hub, &jan).await, "HUB_CLOSED");
    change(&administrator, "withdrawSpecialHours", &hub, json!({ "from": "2026-12-24" })).await;
    assert_eq!(touch(&app.system(), &hub, &jan).await, "CheckedIn");
    assert_eq!(app.close_forgotten_visits().await, 1, "Eva's, and Jan is in");
    let visits = "query($id: ID!) { hub(id: $id) { visits(last: 1) { nodes { endedAt } } } }";
    let first =
        app.operator(&hub).ask(visits, json!({ "id": hub.id })).await["hub"]["visits"]["nodes"][0].clone();
    assert_eq!(first["endedAt"], "2026-12-04T21:00:00Z", "the closing time of that Friday");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_cannot_be_are_refused_with_their_field() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    app.set_clock("2026-11-02T09:00:00Z");
    for (mutation, input, field) in [
        ("changeOpeningHours", json!({ "openingHours": "24/7", "from": "2026-11-01" }), "from"),
        ("changeOpeningHours", json!({ "openingHours": "24/7", "from": "tomorrow" }), "from"),
        (
            "changeOpeningHours",
            json!({ "openingHours": "Mo 08:00-12:00,11:00-13:00", "from": "2026-11-09" }),
            "openingHours",
        ),
        ("closeHubOn", json!({ "from": "2026-11-09", "through": "2026-11-08" }), "through"),
        ("closeHubOn", json!({ "from": "2026-11-09", "through": "2028-11-08" }), "through"),
        ("openHubOn", json!({ "from": "2026-11-09", "until": "10 pm" }), "until"),
        ("openHubOn", json!({ "from": "2026-11-09" }), "until"),
        (
            "openHubOn",
            json!({ "from": "2026-11-09", "open": [{ "from": "09:00", "until": "12:00" }, { "from": "11:00", "until": "13:00" }] }),
            "openingHours",
        ),
        ("withdrawSpecialHours", json!({ "from": "2026-11-01" }), "from"),
    ] {
        let refusal = refused(&administrator, mutation, &hub, input.clone()).await;
        assert_eq!(refusal, ("INVALID_INPUT".to_owned(), json!(field)), "{mutation}: {input}");
    }
    assert_eq!(super::version(&administrator, &hub).await, 1);
    app.drain().await;
}

/// In the night to 28 March 2027 clocks go forward in Prague: 22:00 is at 20:00 UTC.
#[tokio::test(flavor = "multi_thread")]
async fn a_special_day_on_which_the_clock_changes_closes_by_the_clock_on_the_wall() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let eva = app.member(&hub, "Eva").await;
    change(&administrator, "openHubOn", &hub, json!({ "from": "2027-03-28", "until": "22:00" })).await;
    app.set_clock("2027-03-28T19:59:00Z");
    assert_eq!(touch(&app.system(), &hub, &eva).await, "CheckedIn");
    app.set_clock("2027-03-28T20:00:00Z");
    assert_eq!(app.close_forgotten_visits().await, 0, "the hub closes at this instant");
    app.set_clock("2027-03-28T20:00:01Z");
    assert_eq!(app.close_forgotten_visits().await, 1);
    app.drain().await;
}
