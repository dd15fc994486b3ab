//! Hubs that change: what the hubs of the fixture have, and valid inputs of the mutations that change them.
//!
//! Always true: a mutation is sent at the present version of the hub, and the hub is in a state that allows it.

use kernel::NetworkId;
use platform_db::Reach;
use platform_module::Module;
use serde_json::Map;
use testkit::{Json, TestApp, json};

use super::{
    fixture::Target,
    hub::{Hub, text},
};

impl Hub {
    /// Gives the hub hours to come, a special day, a contact, rooms out of use and a retired device.
    pub(super) async fn describe(&mut self, app: &TestApp) {
        let studio = json!({ "code": "studio", "name": "Studio", "kind": "WORKSHOP", "capacity": 4,
                             "resources": [{ "code": "laser", "name": "Laser", "kind": "PRINTER" }] });
        change(app, &self.place.id, "addSpace", json!({ "space": studio })).await;
        let described = json!({
            "contact": { "email": "hub@example.org", "phone": "+420 1", "website": "https://hub.example.org" },
            "languages": ["cs"], "equipment": [{ "code": "projector", "note": "HDMI" }],
        });
        change(app, &self.place.id, "changeHub", described).await;
        let hours = json!({ "openingHours": "Mo-Su 08:00-21:00", "from": "2027-06-07" });
        change(app, &self.place.id, "changeOpeningHours", hours).await;
        let late = json!({ "from": "2026-12-11", "until": "22:00", "note": "A reading" });
        change(app, &self.place.id, "openHubOn", late).await;
        change(app, &self.place.id, "addDevice", json!({ "code": "side-door", "kind": "DOOR" })).await;
        let seen = "query($id: ID!) { hub(id: $id) { spaces { id resources { id } } devices { id code } } }";
        let seen = app.system().ask(seen, json!({ "id": self.place.id })).await["hub"].clone();
        // The studio is the second space, and the side door the second device.
        let space = text(&seen["spaces"][1]["id"]);
        let resource = text(&seen["spaces"][1]["resources"][0]["id"]);
        let door = text(&seen["devices"][1]["id"]);
        let out = |thing: Json| {
            let mut input = json!({ "reason": "Broken", "from": "2026-12-01", "until": "2027-12-01" });
            input.as_object_mut().expect("an object").extend(thing.as_object().expect("an object").clone());
            input
        };
        change(app, &self.place.id, "takeOutOfUse", out(json!({ "spaceId": space }))).await;
        change(app, &self.place.id, "takeOutOfUse", out(json!({ "resourceId": resource }))).await;
        change(app, &self.place.id, "retireDevice", json!({ "deviceId": door })).await;
        self.ids.insert("spaceId".to_owned(), space);
        self.ids.insert("resourceId".to_owned(), resource);
        app.drain().await;
    }
}

/// Completes the input of a mutation that changes a hub. If the caller may change it, the hub is brought into the state
/// that the mutation needs.
pub(super) async fn complete(
    app: &TestApp,
    mutation: &str,
    at: &Target,
    may: bool,
    variables: &mut Map<String, Json>,
) {
    let hub = at.id("hubId").unwrap_or_default().to_owned();
    let Some(input) = variables.get_mut("input").and_then(Json::as_object_mut) else { return };
    let number = text(&input.get("code").cloned().unwrap_or(json!("Something 1")))
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_owned();
    let mut put = |name: &str, value: Json| drop(input.insert(name.to_owned(), value));
    match mutation {
        "changeOpeningHours" => put("from", json!("2027-03-01")),
        "withdrawOpeningHours" => {
            let hours = json!({ "openingHours": "24/7", "from": "2027-04-05" });
            if may {
                change(app, &hub, "changeOpeningHours", hours).await;
            }
            put("from", json!("2027-04-05"));
        }
        "closeHubOn" => put("from", json!("2027-12-24")),
        "openHubOn" => {
            put("from", json!("2027-12-23"));
            put("until", json!("22:00"));
        }
        "withdrawSpecialHours" => {
            if may {
                change(app, &hub, "closeHubOn", json!({ "from": "2027-12-27" })).await;
            }
            put("from", json!("2027-12-27"));
        }
        "addSpace" => {
            let of = "query($id: ID!) { hub(id: $id) { spaces { id } } }";
            let spaces = app.system().ask(of, json!({ "id": hub })).await["hub"]["spaces"].clone();
            let code = format!("room-{}", spaces.as_array().map_or(0, Vec::len));
            put("space", json!({ "code": code, "name": "Room", "kind": "OFFICE", "capacity": 900 }));
        }
        "addResource" => put("code", json!(format!("desk-of-{number}"))),
        "addDevice" | "renameDevice" => put("code", json!(format!("reader-{number}"))),
        "takeOutOfUse" | "putBackIntoUse" => drop(input.remove("resourceId")),
        "startHub" => put("country", json!("CZ")),
        "pauseHub" | "closeHub" if may => become_state(app, &hub, "LIVE").await,
        "reopenHub" if may => become_state(app, &hub, "PAUSED").await,
        "openHub" if may => become_draft(app, at, &hub).await,
        _ => {}
    }
    if let Some(expected) = variables["input"].get_mut("expectedVersion") {
        *expected = json!(version(app, &hub).await);
    }
}

async fn version(app: &TestApp, hub: &str) -> Json {
    let ask = "query($id: ID!) { hub(id: $id) { version } }";
    app.system().ask(ask, json!({ "id": hub })).await["hub"]["version"].clone()
}

async fn change(app: &TestApp, hub: &str, mutation: &str, mut input: Json) {
    let (first, rest) = mutation.split_at(1);
    let document = format!(
        "mutation($input: {}{rest}Input!) {{ {mutation}(input: $input) {{ version }} }}",
        first.to_uppercase()
    );
    input["hubId"] = json!(hub);
    input["expectedVersion"] = version(app, hub).await;
    app.system().ask(&document, json!({ "input": input })).await;
}

async fn become_state(app: &TestApp, hub: &str, wanted: &str) {
    let ask = "query($id: ID!) { hub(id: $id) { status { state } } }";
    let state = app.system().ask(ask, json!({ "id": hub })).await["hub"]["status"]["state"].clone();
    match (state.as_str(), wanted) {
        (Some("LIVE"), "PAUSED") => change(app, hub, "pauseHub", json!({})).await,
        (Some("PAUSED" | "CLOSED"), "LIVE") => change(app, hub, "reopenHub", json!({})).await,
        _ => {}
    }
}

/// A hub that is live is never a draft again; here it becomes one, to be opened once more.
async fn become_draft(app: &TestApp, at: &Target, hub: &str) {
    let network: NetworkId = at.id("networkId").expect("a network").parse().expect("an id");
    let hub: kernel::HubId = hub.parse().expect("an id");
    let membership = app.services().membership().expect("membership runs here");
    let tx = membership.db().write(Reach::Network(network)).await.expect("a transaction");
    let sql = "update hub set details = '{\"state\":{\"is\":\"draft\"}}' where hub_id = $1";
    tx.run(sql, [uuid::Uuid::from(hub).into()]).await.expect("a draft");
    tx.commit().await.expect("committed");
}
