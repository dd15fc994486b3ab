//! A hub changes whenever life changes, from a day where that matters, and what was true before stays true of its time.

use kernel::{Caller, DeviceId, Permission};
use testkit::{Client, Json, TestApp, TestHub, TestMember, json};

mod directory;
mod drafts;
mod hours;

const CHANGE: &str = "mutation($input: ChangeHubInput!) { changed: changeHub(input: $input) { version warnings hub { name } } }";
const VERSION: &str = "query($id: ID!) { hub(id: $id) { version } }";

/// Returns the present version of a hub.
pub(super) async fn version(client: &Client, hub: &TestHub) -> i64 {
    client.ask(VERSION, json!({ "id": hub.id })).await["hub"]["version"].as_i64().expect("a version")
}

/// Sends a change of the hub at its present version; returns the payload.
pub(super) async fn change(client: &Client, mutation: &str, hub: &TestHub, input: Json) -> Json {
    let (document, variables) = at_present(client, mutation, hub, input).await;
    client.ask(&document, variables).await["changed"].clone()
}

/// Sends a change of the hub at its present version that is refused; returns the code and the field.
pub(super) async fn refused(client: &Client, mutation: &str, hub: &TestHub, input: Json) -> (String, Json) {
    let (document, variables) = at_present(client, mutation, hub, input).await;
    let response = client.response(&document, variables).await;
    let extensions = &response["errors"][0]["extensions"];
    (extensions["code"].as_str().unwrap_or_default().to_owned(), extensions["field"].clone())
}

async fn at_present(client: &Client, mutation: &str, hub: &TestHub, mut input: Json) -> (String, Json) {
    let (first, rest) = mutation.split_at(1);
    let kind = format!("{}{rest}Input", first.to_uppercase());
    input["hubId"] = json!(hub.id);
    input["expectedVersion"] = json!(version(client, hub).await);
    let document = format!(
        "mutation($input: {kind}!) {{ changed: {mutation}(input: $input) {{ version warnings hub {{ id }} }} }}"
    );
    (document, json!({ "input": input }))
}

async fn home(app: &TestApp) -> (TestHub, Client) {
    let hub = app.hub(&app.network("n").await, "home").await;
    let administrator = app.administrator(&hub);
    (hub, administrator)
}

fn reader(app: &TestApp, hub: &TestHub, device: &str) -> Client {
    let device: DeviceId = device.parse().expect("an id");
    app.client(Caller::Device {
        device,
        hub: hub.id.parse().expect("an id"),
        network: hub.network.parse().expect("an id"),
        capability: Permission::RecordPresence,
    })
}

/// Touches a reader; returns the outcome.
async fn touch(client: &Client, hub: &TestHub, member: &TestMember) -> String {
    let document = "mutation($input: TouchInput!) { done: checkIn(input: $input) { __typename ... on Denied { reason } } }";
    let input = json!({ "hubId": hub.id, "chip": member.chip });
    let done = client.ask(document, json!({ "input": input })).await["done"].clone();
    done["reason"].as_str().or(done["__typename"].as_str()).expect("an outcome").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_about_a_hub_can_be_changed_and_the_history_keeps_what_was_true_before() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let began = app.now();
    app.pass_minutes(60);
    let changed = change(
        &administrator,
        "changeHub",
        &hub,
        json!({
            "name": "Library of Humpolec", "legalName": "Town of Humpolec", "taxNumber": "CZ00248266",
            "kind": "LIBRARY", "languages": ["cs", "de"], "catchmentPopulation": 12000,
            "address": { "street": "Havlíčkovo náměstí 91", "city": "Humpolec", "postalCode": "396 01", "country": "CZ" },
            "position": { "latitude": "49.5415", "longitude": "15.3593" },
            "contact": { "email": "Library@Example.org", "phone": "+420 565 532 000", "website": "https://library.example.org" },
            "accessibility": { "lift": true, "stepFree": true },
            "equipment": [{ "code": "3d-printer", "note": "Ask at the counter" }],
        }),
    )
    .await;
    assert_eq!(changed["version"], 2);
    let ask = "query($id: ID!) { hub(id: $id) { name legalName kind languages catchmentPopulation version
        address { street latitude } contact { email phone website }
        accessibility { lift stepFree inductionLoop quietRoom accessibleToilet } equipment { code note } } }";
    let seen = app.anonymous().ask(ask, json!({ "id": hub.id })).await["hub"].clone();
    assert_eq!(seen["name"], "Library of Humpolec");
    assert_eq!(seen["address"], json!({ "street": "Havlíčkovo náměstí 91", "latitude": "49.5415" }));
    assert_eq!(seen["contact"]["email"], "library@example.org");
    assert_eq!(seen["equipment"], json!([{ "code": "3d-printer", "note": "Ask at the counter" }]));
    let facts = json!({ "lift": true, "stepFree": true, "inductionLoop": false, "quietRoom": false, "accessibleToilet": false });
    assert_eq!(seen["accessibility"], facts);
    let ask = "query($id: ID!) { hub(id: $id) { history { version validFrom name kind status { state } } } }";
    let history = administrator.ask(ask, json!({ "id": hub.id })).await["hub"]["history"].clone();
    assert_eq!(history[0]["name"], "Library of Humpolec");
    assert_eq!(history[0]["validFrom"], app.now().to_string());
    assert_eq!(
        history[1],
        json!({ "version": 1, "validFrom": began.to_string(), "name": "Hub home", "kind": "COWORKING",
                "status": { "state": "LIVE" } })
    );
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_people_who_edit_one_hub_the_second_gets_a_version_conflict_and_overwrites_nothing() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let seen = version(&administrator, &hub).await;
    let input = |name: &str| json!({ "input": { "hubId": hub.id, "expectedVersion": seen, "name": name } });
    administrator.ask(CHANGE, input("First")).await;
    let other = app.another_process().await;
    let response = app.administrator(&hub).response(CHANGE, input("Second")).await;
    assert_eq!(response["errors"][0]["extensions"]["code"], "VERSION_CONFLICT");
    assert!(response["errors"][0]["message"].as_str().expect("a message").ends_with("now 2"), "{response}");
    let name = "query($id: ID!) { hub(id: $id) { name } }";
    assert_eq!(other.ask(name, json!({ "id": hub.id })).await["hub"]["name"], "First");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_changes_nothing_leaves_no_version_behind() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let changed = change(&administrator, "changeHub", &hub, json!({ "name": "Hub home" })).await;
    assert_eq!(changed["version"], 1);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_change_is_refused_with_its_field_and_changes_nothing() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let address =
        |country: &str| json!({ "street": "S", "city": "C", "postalCode": "1", "country": country });
    for (input, field) in [
        (json!({ "name": "New", "capacity": 0 }), "capacity"),
        (json!({ "name": "" }), "name"),
        (json!({ "language": "tlh" }), "language"),
        (json!({ "languages": ["czech"] }), "languages[0]"),
        (json!({ "address": address("Czechia") }), "address.country"),
        (json!({ "position": { "latitude": "91", "longitude": "0" } }), "position"),
        (json!({ "position": { "latitude": "north", "longitude": "0" } }), "position.latitude"),
        (json!({ "contact": { "email": "nobody" } }), "contact.email"),
        (json!({ "contact": { "phone": "call me" } }), "contact.phone"),
        (json!({ "contact": { "website": "javascript:alert(1)" } }), "contact.website"),
        (json!({ "equipment": [{ "code": "A Projector" }] }), "equipment[0].code"),
    ] {
        let refusal = refused(&administrator, "changeHub", &hub, input.clone()).await;
        assert_eq!(refusal, ("INVALID_INPUT".to_owned(), json!(field)), "{input}");
    }
    assert_eq!(version(&administrator, &hub).await, 1);
    app.drain().await;
}

/// R24: nobody new is admitted while more people are inside than the capacity; who is inside stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_capacity_below_the_people_inside_is_allowed_and_admits_nobody_new() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let (eva, jan, ida) =
        (app.member(&hub, "Eva").await, app.member(&hub, "Jan").await, app.member(&hub, "Ida").await);
    app.check_in(&hub, &eva).await;
    app.check_in(&hub, &jan).await;
    app.drain().await;
    app.recount().await;
    let changed = change(&administrator, "changeHub", &hub, json!({ "capacity": 1 })).await;
    assert!(
        changed["warnings"].as_array().expect("warnings").contains(&json!("CAPACITY_BELOW_PRESENT")),
        "{changed}"
    );
    assert_eq!(touch(&app.system(), &hub, &ida).await, "HUB_FULL");
    app.check_out(&hub, &eva).await;
    assert_eq!(touch(&app.system(), &hub, &ida).await, "HUB_FULL");
    app.check_out(&hub, &jan).await;
    assert_eq!(touch(&app.system(), &hub, &ida).await, "CheckedIn");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capacity_that_contradicts_the_rooms_is_warned_of() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let changed = change(&administrator, "changeHub", &hub, json!({ "capacity": 5000 })).await;
    assert_eq!(changed["warnings"], json!(["CAPACITY_ABOVE_SPACES"]));
    let changed = change(&administrator, "changeHub", &hub, json!({ "capacity": 1 })).await;
    assert_eq!(changed["warnings"], json!(["SPACE_ABOVE_CAPACITY"]));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_added_taken_out_of_use_and_put_back_and_nothing_is_deleted() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let space = json!({ "code": "studio", "name": "Studio", "kind": "WORKSHOP", "capacity": 6,
                        "resources": [{ "code": "laser", "name": "Laser", "kind": "PRINTER" }] });
    change(&administrator, "addSpace", &hub, json!({ "space": space.clone() })).await;
    let again = refused(&administrator, "addSpace", &hub, json!({ "space": space })).await;
    assert_eq!(again.0, "CONFLICT");
    let ask = "query($id: ID!) { hub(id: $id) { spaces { id code name outOfUse { from until reason }
        resources { id code outOfUse { reason } } } } }";
    let studio = async || -> Json {
        let hub = app.anonymous().ask(ask, json!({ "id": hub.id })).await["hub"].clone();
        let spaces = hub["spaces"].as_array().expect("spaces").clone();
        spaces.into_iter().find(|space| space["code"] == "studio").expect("the studio")
    };
    let (id, laser) = (studio().await["id"].clone(), studio().await["resources"][0]["id"].clone());
    let input = json!({ "spaceId": id, "name": "Big studio", "capacity": 8 });
    change(&administrator, "changeSpace", &hub, input).await;
    let input = json!({ "spaceId": id, "code": "saw", "name": "Saw", "kind": "DESK" });
    change(&administrator, "addResource", &hub, input).await;
    change(&administrator, "changeResource", &hub, json!({ "resourceId": laser, "name": "Laser cutter" }))
        .await;
    let out = json!({ "resourceId": laser, "reason": "The lens is broken", "until": "2026-11-09" });
    change(&administrator, "takeOutOfUse", &hub, out).await;
    let out = json!({ "spaceId": id, "reason": "Let to the school", "from": "2027-01-01" });
    change(&administrator, "takeOutOfUse", &hub, out).await;
    let seen = studio().await;
    assert_eq!(seen["name"], "Big studio");
    assert_eq!(
        seen["outOfUse"],
        json!({ "from": "2027-01-01", "until": null, "reason": "Let to the school" })
    );
    assert_eq!(seen["resources"][0]["outOfUse"]["reason"], "The lens is broken");
    assert_eq!(seen["resources"][1]["code"], "saw");
    change(&administrator, "putBackIntoUse", &hub, json!({ "spaceId": id })).await;
    assert_eq!(studio().await["outOfUse"], Json::Null);
    let late = json!({ "spaceId": id, "reason": "R", "from": "2026-01-01" });
    let refusal = refused(&administrator, "takeOutOfUse", &hub, late).await;
    assert_eq!(refusal, ("INVALID_INPUT".to_owned(), json!("from")));
    let neighbour = app.hub(&app.network("other").await, "other").await;
    let foreign =
        refused(&app.administrator(&neighbour), "changeSpace", &neighbour, json!({ "spaceId": id })).await;
    assert_eq!(foreign.0, "NOT_FOUND", "a space of another hub");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retired_device_is_denied_at_once_and_its_secret_stops() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let eva = app.member(&hub, "Eva").await;
    change(&administrator, "addDevice", &hub, json!({ "code": "side-door", "kind": "READER" })).await;
    app.drain().await;
    let ask = "query($id: ID!) { hub(id: $id) { devices { id code retiredAt } } }";
    let devices = administrator.ask(ask, json!({ "id": hub.id })).await["hub"]["devices"].clone();
    let devices = devices.as_array().expect("devices");
    let door = devices.iter().find(|device| device["code"] == "side-door").expect("the door")["id"].clone();
    let issue = "mutation($input: IssueDeviceSecretInput!) { issueDeviceSecret(input: $input) { secret } }";
    let input = json!({ "input": { "hubId": hub.id, "deviceId": door } });
    let secret = administrator.ask(issue, input.clone()).await["issueDeviceSecret"]["secret"].clone();
    let exchange =
        "mutation($secret: String!) { exchangeSecret(input: { secret: $secret }) { accessToken } }";
    app.anonymous().ask(exchange, json!({ "secret": secret })).await;
    let input_of_code = json!({ "deviceId": door, "code": "back-door" });
    change(&administrator, "renameDevice", &hub, input_of_code).await;
    let at_door = reader(&app, &hub, door.as_str().expect("an id"));
    assert_eq!(touch(&at_door, &hub, &eva).await, "CheckedIn");
    app.check_out(&hub, &eva).await;

    change(&administrator, "retireDevice", &hub, json!({ "deviceId": door })).await;
    app.pass_minutes(1);
    assert_eq!(touch(&at_door, &hub, &eva).await, "DEVICE_RETIRED");
    app.drain().await;
    assert_eq!(app.anonymous().refused(exchange, json!({ "secret": secret })).await, "UNAUTHENTICATED");
    assert_eq!(administrator.refused(issue, input).await, "NOT_FOUND");
    let retired = version(&administrator, &hub).await;
    let again = change(&administrator, "retireDevice", &hub, json!({ "deviceId": door })).await;
    assert_eq!(again["version"], retired, "a second time changes nothing");
}

/// The version of a hub on its row of seats decides, not what a process has cached of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pause_counts_at_once_in_every_process_and_open_visits_end_at_that_moment() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let other = app.another_process().await;
    let (eva, jan) = (app.member(&hub, "Eva").await, app.member(&hub, "Jan").await);
    assert_eq!(touch(&other, &hub, &eva).await, "CheckedIn");
    app.pass_minutes(30);
    let paused_at = app.now();
    let input = json!({ "note": "Water damage", "reopensOn": null });
    change(&administrator, "pauseHub", &hub, input).await;
    let visits = "query($id: ID!) { hub(id: $id) { visits(first: 1) { nodes { endedAt endedBy } }
        openNow status { state since note reopensOn } } }";
    let seen = app.operator(&hub).ask(visits, json!({ "id": hub.id })).await["hub"].clone();
    assert_eq!(
        seen["visits"]["nodes"][0],
        json!({ "endedAt": paused_at.to_string(), "endedBy": "CLOSING_TIME" })
    );
    assert_eq!(
        seen["status"],
        json!({ "state": "PAUSED", "since": paused_at.to_string(), "note": "Water damage", "reopensOn": null })
    );
    assert_eq!(seen["openNow"], false);
    for client in [&app.system(), &other] {
        assert_eq!(touch(client, &hub, &jan).await, "HUB_CLOSED");
    }
    let members = "query($id: ID!) { hub(id: $id) { members(first: 5) { totalCount } } }";
    let kept = app.operator(&hub).ask(members, json!({ "id": hub.id })).await;
    assert_eq!(kept["hub"]["members"]["totalCount"], 2, "members keep their memberships");

    app.pass_minutes(30);
    change(&administrator, "reopenHub", &hub, json!({})).await;
    for (client, member) in [(&other, &jan), (&app.system(), &eva)] {
        assert_eq!(touch(client, &hub, member).await, "CheckedIn");
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_pauses_until_a_day_opens_again_by_itself() {
    let app = TestApp::new().await;
    app.set_clock("2026-11-02T09:00:00Z");
    let (hub, administrator) = home(&app).await;
    let eva = app.member(&hub, "Eva").await;
    let early = refused(&administrator, "pauseHub", &hub, json!({ "reopensOn": "2026-11-02" })).await;
    assert_eq!(early, ("INVALID_INPUT".to_owned(), json!("reopensOn")));
    change(&administrator, "pauseHub", &hub, json!({ "reopensOn": "2026-11-04" })).await;
    let until = "query($id: ID!) { hub(id: $id) { status { reopensOn } } }";
    let until =
        app.anonymous().ask(until, json!({ "id": hub.id })).await["hub"]["status"]["reopensOn"].clone();
    assert_eq!(until, "2026-11-04");
    assert_eq!(touch(&app.system(), &hub, &eva).await, "HUB_CLOSED");
    app.set_clock("2026-11-04T09:00:00Z");
    assert_eq!(touch(&app.system(), &hub, &eva).await, "CheckedIn");
    let ask = "query($id: ID!) { hub(id: $id) { status { state } } }";
    assert_eq!(app.anonymous().ask(ask, json!({ "id": hub.id })).await["hub"]["status"]["state"], "LIVE");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_hub_admits_nobody_announces_nothing_and_keeps_its_figures() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let eva = app.member(&hub, "Eva").await;
    app.check_in(&hub, &eva).await;
    app.pass_minutes(60);
    change(&administrator, "closeHub", &hub, json!({ "note": "Moved to Pelhřimov" })).await;
    app.drain().await;
    assert_eq!(touch(&app.system(), &hub, &eva).await, "HUB_CLOSED");
    let event = json!({ "input": { "hubId": hub.id, "title": "T", "summary": "S", "kind": "LECTURE", "language": "cs",
        "capacity": 5, "startsAt": "2026-12-01T10:00:00Z", "endsAt": "2026-12-01T12:00:00Z" } });
    let publish = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    assert_eq!(app.operator(&hub).refused(publish, event).await, "CONFLICT");
    let figures = "query($id: ID!) { hub(id: $id) { status { state note } metrics(from: \"2026-11\", until: \"2026-12\", by: MONTH) { visits minutes } } }";
    let seen = administrator.ask(figures, json!({ "id": hub.id })).await["hub"].clone();
    assert_eq!(seen["status"], json!({ "state": "CLOSED", "note": "Moved to Pelhřimov" }));
    assert_eq!(seen["metrics"]["visits"], json!([1]));
    assert_eq!(refused(&administrator, "closeHub", &hub, json!({})).await.0, "CONFLICT");
    assert_eq!(refused(&administrator, "pauseHub", &hub, json!({})).await.0, "CONFLICT");
    app.pass_minutes(30);
    change(&administrator, "reopenHub", &hub, json!({})).await;
    assert_eq!(touch(&app.system(), &hub, &eva).await, "CheckedIn");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_record_of_a_change_names_the_fields_and_not_their_contents() {
    let app = TestApp::new().await;
    let (hub, administrator) = home(&app).await;
    let contact = json!({ "email": "secret@example.org" });
    change(&administrator, "changeHub", &hub, json!({ "name": "Elsewhere", "contact": contact })).await;
    let ask = "query($id: ID!) { hub(id: $id) { auditLog { membership(first: 1, action: \"hub.changed\") { nodes { action detail } } } } }";
    let log = administrator.ask(ask, json!({ "id": hub.id })).await["hub"]["auditLog"]["membership"]["nodes"]
        [0]
    .clone();
    let detail = log["detail"].to_string();
    assert!(detail.contains("name") && detail.contains("contact"), "{log}");
    assert!(!detail.contains("Elsewhere") && !detail.contains("secret"), "{log}");
    app.drain().await;
}
