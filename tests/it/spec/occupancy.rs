//! Occupancy: the live head-count, which is always derived from the open visits.

use futures_util::StreamExt;
use testkit::{Json, TestApp, TestHub, json};

const OCCUPANCY: &str = "query($id: ID!) { hub(id: $id) { occupancy { present capacity free } } }";

async fn present(app: &TestApp, hub: &TestHub) -> Json {
    app.anonymous().ask(OCCUPANCY, json!({ "id": hub.id })).await["hub"]["occupancy"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn r4_everybody_sees_how_many_are_there() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let (jan, eva) = (app.member(&hub, "Jan").await, app.member(&hub, "Eva").await);
    app.check_in(&hub, &jan).await;
    assert_eq!(
        present(&app, &hub).await,
        json!({ "present": 1, "capacity": 10, "free": 9 }),
        "counted from the database"
    );
    app.recount().await;
    app.check_in(&hub, &eva).await;
    assert_eq!(present(&app, &hub).await["present"], 2, "counted live");
    app.check_out(&hub, &jan).await;
    app.recount().await;
    assert_eq!(present(&app, &hub).await["present"], 1, "recounted");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_to_a_hubs_occupancy_sees_people_come_and_go() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let jan = app.member(&hub, "Jan").await;
    app.recount().await;
    let watch = "subscription($id: ID!) { hubOccupancy(hubId: $id) { present free } }";
    let mut seen = app.anonymous().watch(watch, json!({ "id": hub.id }));
    assert_eq!(seen.next().await, Some(json!({ "hubOccupancy": { "present": 0, "free": 10 } })));
    app.check_in(&hub, &jan).await;
    assert_eq!(seen.next().await, Some(json!({ "hubOccupancy": { "present": 1, "free": 9 } })));
    app.check_out(&hub, &jan).await;
    assert_eq!(seen.next().await, Some(json!({ "hubOccupancy": { "present": 0, "free": 10 } })));
    app.drain().await;
}
