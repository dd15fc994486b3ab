//! Onboarding: a hub is created completely or not at all.

use kernel::Role;
use testkit::{Json, TestApp, TestNetwork, json};

const ONBOARD: &str = "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { hub { id } } }";

async fn refused(app: &TestApp, network: &TestNetwork, but: Json) -> String {
    let mut input = TestApp::hub_input(network, "hub");
    if let (Some(input), Some(but)) = (input.as_object_mut(), but.as_object()) {
        input.extend(but.clone());
    }
    app.system().refused(ONBOARD, json!({ "input": input })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_makes_no_sense_is_refused_and_nothing_of_it_is_written() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let address =
        |country: &str| json!({ "street": "A 1", "city": "B", "postalCode": "1", "country": country });
    let space = |code: &str| json!({ "code": code, "name": "S", "kind": "OFFICE", "capacity": 1 });
    for wrong in [
        json!({ "timeZone": "Europe/Humpolec" }),
        json!({ "openingHours": "Mo-Fr 08:00-12:00,11:00-16:00" }),
        json!({ "openingHours": "whenever" }),
        json!({ "currency": "XQZ" }),
        json!({ "slug": "Not A Slug" }),
        json!({ "language": "de" }),
        json!({ "capacity": 0 }),
        json!({ "position": { "latitude": "95", "longitude": "15" } }),
        json!({ "plans": [{ "code": "p", "name": "P", "monthlyFee": "1.005", "includedMinutes": 1, "roaming": true }] }),
        json!({ "spaces": [space("a"), space("a")] }),
        json!({ "name": "" }),
        json!({ "address": address("UK"), "openingHours": "Mo-Su 08:00-20:00; PH off" }),
        json!({ "address": address("XX") }),
        json!({ "address": address("cz") }),
        json!({ "openingHours": "Mo-Su 08:00-20:00; SH off" }),
        json!({ "openingHours": "Mo-Su 18:00+" }),
        json!({ "openingHours": "Mo-Fr 08:00-20:00; Sa unknown" }),
    ] {
        assert_eq!(refused(&app, &network, wrong.clone()).await, "INVALID_INPUT", "{wrong}");
    }
    let hubs = app.anonymous().ask("{ hubs { edges { node { slug } } } }", json!({})).await;
    assert_eq!(hubs["hubs"]["edges"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_is_unique_in_the_whole_installation() {
    let app = TestApp::new().await;
    let (one, other) = (app.network("one").await, app.network("other").await);
    app.hub(&one, "hub").await;
    assert_eq!(refused(&app, &other, json!({})).await, "CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_network_administrator_onboards_hubs() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "first").await;
    let input = json!({ "input": TestApp::hub_input(&network, "second") });
    assert_eq!(app.anonymous().refused(ONBOARD, input.clone()).await, "UNAUTHENTICATED");
    assert_eq!(app.operator(&hub).refused(ONBOARD, input.clone()).await, "FORBIDDEN");
    assert_eq!(app.coordinator(&network).refused(ONBOARD, input).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_servers_own_machine_founds_networks() {
    const FOUND: &str = "mutation($input: FoundNetworkInput!) { foundNetwork(input: $input) { network { slug name hubs { nodes { id } } } } }";
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "first").await;
    let input = json!({ "input": {
        "slug": "second", "name": "The second", "clearingCurrency": "EUR", "timeZone": "Europe/Warsaw",
        "homeCommissionBp": 500, "networkCommissionBp": 200,
    } });
    assert_eq!(app.anonymous().refused(FOUND, input.clone()).await, "UNAUTHENTICATED");
    assert_eq!(app.staff(Role::Administrator, &hub).refused(FOUND, input.clone()).await, "FORBIDDEN");
    let runs_the_network = app.staff_of(Role::NetworkAdministrator, &network);
    assert_eq!(runs_the_network.refused(FOUND, input.clone()).await, "FORBIDDEN");
    let founded = app.system().ask(FOUND, input).await["foundNetwork"]["network"].clone();
    assert_eq!(founded, json!({ "slug": "second", "name": "The second", "hubs": { "nodes": [] } }));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_is_described_to_everybody() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "humpolec").await;
    let asked = "query($slug: String!) { hub(slug: $slug) { id slug timeZone currency openNow network { slug } \
                 spaces { code resources { code } } plans { code monthlyFee { display } } } }";
    let seen = app.anonymous().ask(asked, json!({ "slug": "humpolec" })).await;
    assert_eq!(
        seen["hub"],
        json!({
            "id": hub.id, "slug": "humpolec", "timeZone": "Europe/Prague", "currency": "CZK", "openNow": true,
            "network": { "slug": "n" },
            "spaces": [{ "code": "open-space", "resources": [{ "code": "desk-1" }] }],
            "plans": [{ "code": "resident", "monthlyFee": { "display": "900.00 CZK" } }],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn onboarding_warns_of_nights_that_the_next_days_rule_cuts_short() {
    const WITH_WARNINGS: &str = "mutation($input: OnboardHubInput!) { onboardHub(input: $input) { \
                                 nightsCutShort { evening meantToCloseAt closesAt } } }";
    let app = TestApp::new().await;
    let network = app.network("n").await;
    for (slug, hours, expected) in [
        (
            "cut",
            "Mo-Th 08:00-20:00; Fr 18:00-02:00; Sa 10:00-14:00",
            json!([{ "evening": "2026-11-06", "meantToCloseAt": "02:00", "closesAt": "00:00" }]),
        ),
        ("whole", "Mo-Th 08:00-20:00; Fr 18:00-02:00, Sa 10:00-14:00", json!([])),
    ] {
        let mut input = TestApp::hub_input(&network, slug);
        input["openingHours"] = json!(hours);
        let done = app.system().ask(WITH_WARNINGS, json!({ "input": input })).await;
        assert_eq!(done["onboardHub"]["nightsCutShort"], expected, "{hours}");
    }
    app.drain().await;
}
