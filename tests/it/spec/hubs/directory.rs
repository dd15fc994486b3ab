//! The public directory: hubs by place, distance, open now, free seats, accessibility.

use testkit::{Client, Json, TestApp, json};

use super::change;

const SEARCH: &str = "query($near: NearInput, $place: String, $openNow: Boolean, $minFreeSeats: Int, $accessibility: AccessibilityInput,
    $kind: HubKind, $first: Int, $after: String, $last: Int, $before: String) {
    hubs(near: $near, place: $place, openNow: $openNow, minFreeSeats: $minFreeSeats, accessibility: $accessibility,
         kind: $kind, first: $first, after: $after, last: $last, before: $before) {
        totalCount nodes { slug } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }";

async fn found(client: &Client, search: Json) -> Vec<String> {
    let hubs = client.ask(SEARCH, search).await["hubs"]["nodes"].clone();
    let hubs = hubs.as_array().expect("hubs").iter();
    hubs.map(|hub| hub["slug"].as_str().expect("a slug").to_owned()).collect()
}

fn prague() -> Json {
    json!({ "latitude": "50.0755", "longitude": "14.4378" })
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_are_found_nearest_first_in_a_town_open_now_with_free_seats_and_with_what_somebody_needs() {
    let app = TestApp::new().await;
    app.set_clock("2026-11-02T09:00:00Z");
    let network = app.network("n").await;
    let at = |city: &str, latitude: &str, longitude: &str, more: Json| {
        let mut but = json!({
            "address": { "street": "S", "city": city, "postalCode": "1", "country": "CZ" },
            "position": { "latitude": latitude, "longitude": longitude },
        });
        but.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        but
    };
    let brno = app.hub_with(&network, "brno", at("Brno", "49.1951", "16.6068", json!({}))).await;
    app.hub_with(&network, "humpolec", at("Humpolec", "49.5415", "15.3593", json!({ "kind": "LIBRARY" })))
        .await;
    let late = json!({ "openingHours": "Mo-Su 20:00-22:00", "capacity": 2 });
    let kolin = app.hub_with(&network, "kolin", at("Kolín", "50.0282", "15.2000", late)).await;
    let anybody = app.anonymous();
    assert_eq!(found(&anybody, json!({ "near": prague() })).await, ["kolin", "humpolec", "brno"]);
    let near = json!({ "latitude": "50.0755", "longitude": "14.4378", "withinKm": 100 });
    assert_eq!(found(&anybody, json!({ "near": near })).await, ["kolin", "humpolec"]);
    assert_eq!(found(&anybody, json!({ "place": "kolín" })).await, ["kolin"]);
    assert_eq!(found(&anybody, json!({ "openNow": true })).await, ["brno", "humpolec"]);
    assert_eq!(found(&anybody, json!({ "kind": "LIBRARY" })).await, ["humpolec"]);
    assert_eq!(found(&anybody, json!({ "minFreeSeats": 3 })).await, ["brno", "humpolec"]);
    let administrator = app.administrator(&brno);
    change(
        &administrator,
        "changeHub",
        &brno,
        json!({ "accessibility": { "stepFree": true, "lift": true } }),
    )
    .await;
    let step_free = json!({ "accessibility": { "stepFree": true } });
    assert_eq!(found(&anybody, step_free).await, ["brno"], "at once what this process changed");
    let quiet = json!({ "accessibility": { "stepFree": true, "quietRoom": true } });
    assert_eq!(found(&anybody, quiet).await, [""; 0]);
    change(&app.administrator(&kolin), "pauseHub", &kolin, json!({})).await;
    app.set_clock("2026-11-02T20:00:00Z");
    assert_eq!(found(&anybody, json!({ "openNow": true })).await, [""; 0], "a paused hub is not open");
    let ask = "query($id: ID!, $from: PositionInput!) { hub(id: $id) { distance(from: $from) } }";
    let distance =
        anybody.ask(ask, json!({ "id": brno.id, "from": prague() })).await["hub"]["distance"].clone();
    assert!((184_000..187_000).contains(&distance.as_i64().expect("metres")), "{distance}");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_read_page_by_page_in_both_directions() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    for (slug, longitude) in [("a", "15.4"), ("b", "15.1"), ("c", "15.3"), ("d", "15.2")] {
        app.hub_with(&network, slug, json!({ "position": { "latitude": "49.5", "longitude": longitude } }))
            .await;
    }
    let near = json!({ "latitude": "49.5", "longitude": "15.0" });
    let first = app.anonymous().ask(SEARCH, json!({ "near": near, "first": 3 })).await["hubs"].clone();
    assert_eq!(first["nodes"], json!([{ "slug": "b" }, { "slug": "d" }, { "slug": "c" }]));
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(4), &json!(true)));
    let rest = json!({ "near": near, "after": first["pageInfo"]["endCursor"] });
    assert_eq!(found(&app.anonymous(), rest).await, ["a"]);
    let last = app.anonymous().ask(SEARCH, json!({ "near": near, "last": 2 })).await["hubs"].clone();
    assert_eq!(last["nodes"], json!([{ "slug": "c" }, { "slug": "a" }]));
    let before = json!({ "near": near, "before": last["pageInfo"]["startCursor"], "last": 9 });
    assert_eq!(found(&app.anonymous(), before).await, ["b", "d"]);
    for (bad, field) in [
        (json!({ "near": { "latitude": "91", "longitude": "0" } }), "position"),
        (json!({ "near": { "latitude": "9", "longitude": "0", "withinKm": 0 } }), "near.withinKm"),
        (json!({ "near": near, "after": "x" }), "after"),
    ] {
        let response = app.anonymous().response(SEARCH, bad).await;
        assert_eq!(response["errors"][0]["extensions"]["field"], field, "{response}");
    }
    app.drain().await;
}
