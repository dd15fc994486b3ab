//! A hub is brought in step by step: a draft with a list of what is missing, from a template if wanted, then live.

use testkit::{Client, Json, TestApp, TestHub, TestNetwork, json};

use super::{change, refused, touch};

const START: &str =
    "mutation($input: StartHubInput!) { startHub(input: $input) { hub { id version status { state } } } }";
const LIST: &str = "query($id: ID!) { hub(id: $id) { checklist { item done required hint } } }";

async fn start(client: &Client, network: &TestNetwork, slug: &str, but: Json) -> TestHub {
    let mut input = json!({ "networkId": network.id, "slug": slug, "name": "Knihovna", "kind": "LIBRARY", "language": "cs",
        "timeZone": "Europe/Prague", "currency": "CZK", "country": "CZ", "capacity": 30 });
    if let (Some(input), Some(but)) = (input.as_object_mut(), but.as_object()) {
        input.extend(but.clone());
    }
    let started = client.ask(START, json!({ "input": input })).await["startHub"]["hub"].clone();
    assert_eq!(started["status"]["state"], "DRAFT");
    let id = started["id"].as_str().expect("an id").to_owned();
    TestHub { id, slug: slug.to_owned(), network: network.id.clone() }
}

async fn missing(client: &Client, hub: &TestHub) -> Vec<String> {
    let list = client.ask(LIST, json!({ "id": hub.id })).await["hub"]["checklist"].clone();
    let open = list.as_array().expect("a list").iter().filter(|item| item["done"] == false);
    open.map(|item| item["item"].as_str().expect("a word").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_seen_by_those_who_run_it_admits_nobody_and_goes_live_when_nothing_is_missing() {
    let app = TestApp::new().await;
    app.set_clock("2026-11-02T09:00:00Z");
    let network = app.network("n").await;
    let coordinator = app.staff_of(kernel::Role::NetworkAdministrator, &network);
    let hub = start(&coordinator, &network, "library", json!({})).await;
    app.drain().await;
    let find = "query($id: ID!) { hub(id: $id) { slug } }";
    assert_eq!(app.anonymous().ask(find, json!({ "id": hub.id })).await["hub"], Json::Null);
    let listed = app.anonymous().ask("{ hubs(first: 5) { totalCount } }", json!({})).await;
    assert_eq!(listed["hubs"]["totalCount"], 0);
    let found = app.anonymous().ask("{ hubs(place: \"Humpolec\") { totalCount } }", json!({})).await;
    assert_eq!(found["hubs"]["totalCount"], 0);
    let every =
        ["PLACE", "LEGAL_ENTITY", "OPENING_HOURS", "SPACES", "CONTACT", "RESOURCES", "PLANS", "DEVICES"];
    assert_eq!(missing(&coordinator, &hub).await, every);
    let refusal = refused(&coordinator, "openHub", &hub, json!({})).await;
    assert_eq!(refusal, ("INVALID_INPUT".to_owned(), json!("hubId")));

    let administrator = app.administrator(&hub);
    let described = json!({
        "legalName": "Město Humpolec", "taxNumber": "CZ00248266",
        "address": { "street": "Havlíčkovo náměstí 91", "city": "Humpolec", "postalCode": "396 01", "country": "CZ" },
        "position": { "latitude": "49.5415", "longitude": "15.3593" },
    });
    change(&administrator, "changeHub", &hub, described).await;
    let hours = json!({ "openingHours": "Mo-Su 08:00-20:00", "from": "2026-11-02" });
    change(&administrator, "changeOpeningHours", &hub, hours).await;
    let space = json!({ "code": "reading-room", "name": "Čítárna", "kind": "OPEN_SPACE", "capacity": 30 });
    change(&administrator, "addSpace", &hub, json!({ "space": space })).await;
    app.drain().await;
    let eva = app.member_with_plan(&hub, "Eva", None).await;
    assert_eq!(touch(&app.system(), &hub, &eva).await, "HUB_CLOSED", "a draft admits nobody");
    app.pass_minutes(1);
    assert_eq!(missing(&administrator, &hub).await, ["CONTACT", "RESOURCES", "PLANS", "DEVICES"]);
    change(&coordinator, "openHub", &hub, json!({})).await;
    assert_eq!(touch(&app.system(), &hub, &eva).await, "CheckedIn");
    assert_eq!(app.anonymous().ask(find, json!({ "id": hub.id })).await["hub"]["slug"], "library");
    assert_eq!(refused(&coordinator, "openHub", &hub, json!({})).await.0, "CONFLICT");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_brings_the_rooms_of_its_kind_in_the_language_of_the_hub() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    for (kind, language, space) in [
        ("LIBRARY", "pl", "Czytelnia"),
        ("COWORKING", "cs", "Otevřený prostor"),
        ("COMMUNITY", "uk", "Зала"),
        ("SOCIAL_ENTERPRISE", "en", "Café"),
    ] {
        let slug = kind.to_lowercase().replace('_', "-");
        let but = json!({ "kind": kind, "language": language, "fromTemplate": true });
        let hub = start(&app.system(), &network, &slug, but).await;
        let ask = "query($id: ID!) { hub(id: $id) { openingHours spaces { name resources { code } } plans { code } } }";
        let seen = app.system().ask(ask, json!({ "id": hub.id })).await["hub"].clone();
        let spaces = seen["spaces"].as_array().expect("spaces");
        assert!(spaces.iter().any(|it| it["name"] == space), "{kind}: {seen}");
        assert_eq!(missing(&app.system(), &hub).await[..2], ["PLACE", "LEGAL_ENTITY"], "{kind}");
    }
    app.drain().await;
}
