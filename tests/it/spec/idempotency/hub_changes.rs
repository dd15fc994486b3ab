//! The mutations that change a hub. Each raises the version of a hub of their own by one, so the versions are known.

use testkit::{Json, json};

use super::mutations::{Fixture, Proof, whole};

macro_rules! change {
    ($name:literal, $input:literal) => {
        concat!("mutation($input: ", $input, "!) { ", $name, "(input: $input) { version hub { id } } }")
    };
}

#[expect(clippy::too_many_lines, reason = "a list: one entry for each mutation")]
pub(super) async fn proofs(fixture: &Fixture) -> Vec<Proof> {
    let app = &fixture.app;
    let hub = app.hub(&fixture.network, "changing").await;
    let start = "mutation($input: StartHubInput!) { startHub(input: $input) { hub { id slug } } }";
    let draft = |slug: &str| {
        json!({ "input": { "networkId": fixture.network.id, "slug": slug, "name": "Draft", "kind": "LIBRARY",
            "language": "cs", "timeZone": "Europe/Prague", "currency": "CZK", "country": "CZ", "capacity": 5,
            "fromTemplate": true } })
    };
    let started = app.system().ask(start, draft("started")).await["startHub"]["hub"]["id"].clone();
    let described = json!({ "input": { "hubId": started, "expectedVersion": 1, "legalName": "L", "taxNumber": "1",
        "address": { "street": "S", "city": "C", "postalCode": "1", "country": "CZ" },
        "position": { "latitude": "49", "longitude": "15" } } });
    app.system().ask(change!("changeHub", "ChangeHubInput"), described).await;
    app.drain().await;
    let seen = "query($id: ID!) { hub(id: $id) { spaces { id resources { id } } devices { id } } }";
    let seen = app.system().ask(seen, json!({ "id": hub.id })).await["hub"].clone();
    let (space, device) = (&seen["spaces"][0]["id"], &seen["devices"][0]["id"]);
    let resource = &seen["spaces"][0]["resources"][0]["id"];
    let room = |code: &str| json!({ "code": code, "name": "Room", "kind": "OFFICE", "capacity": 2 });
    let changes: Vec<(&str, &str, Json, Json)> = vec![
        ("changeHub", change!("changeHub", "ChangeHubInput"), json!({ "name": "A" }), json!({ "name": "B" })),
        (
            "changeOpeningHours",
            change!("changeOpeningHours", "ChangeOpeningHoursInput"),
            json!({ "openingHours": "24/7", "from": "2027-01-04" }),
            json!({ "openingHours": "24/7", "from": "2027-01-05" }),
        ),
        (
            "withdrawOpeningHours",
            change!("withdrawOpeningHours", "WithdrawOpeningHoursInput"),
            json!({ "from": "2027-01-04" }),
            json!({ "from": "2027-01-05" }),
        ),
        (
            "closeHubOn",
            change!("closeHubOn", "CloseHubOnInput"),
            json!({ "from": "2026-12-24" }),
            json!({ "from": "2026-12-25" }),
        ),
        (
            "openHubOn",
            change!("openHubOn", "OpenHubOnInput"),
            json!({ "from": "2026-12-23", "until": "22:00" }),
            json!({ "from": "2026-12-23", "until": "23:00" }),
        ),
        (
            "withdrawSpecialHours",
            change!("withdrawSpecialHours", "WithdrawSpecialHoursInput"),
            json!({ "from": "2026-12-24" }),
            json!({ "from": "2026-12-23" }),
        ),
        (
            "addSpace",
            change!("addSpace", "AddSpaceInput"),
            json!({ "space": room("one") }),
            json!({ "space": room("two") }),
        ),
        (
            "changeSpace",
            change!("changeSpace", "ChangeSpaceInput"),
            json!({ "spaceId": space, "name": "A" }),
            json!({ "spaceId": space, "name": "B" }),
        ),
        (
            "addResource",
            change!("addResource", "AddResourceInput"),
            json!({ "spaceId": space, "code": "desk-7", "name": "A", "kind": "DESK" }),
            json!({ "spaceId": space, "code": "desk-8", "name": "A", "kind": "DESK" }),
        ),
        (
            "changeResource",
            change!("changeResource", "ChangeResourceInput"),
            json!({ "resourceId": resource, "name": "A" }),
            json!({ "resourceId": resource, "name": "B" }),
        ),
        (
            "takeOutOfUse",
            change!("takeOutOfUse", "TakeOutOfUseInput"),
            json!({ "spaceId": space, "reason": "A" }),
            json!({ "spaceId": space, "reason": "B" }),
        ),
        (
            "putBackIntoUse",
            change!("putBackIntoUse", "PutBackIntoUseInput"),
            json!({ "spaceId": space }),
            json!({ "resourceId": resource }),
        ),
        (
            "addDevice",
            change!("addDevice", "AddDeviceInput"),
            json!({ "code": "door", "kind": "DOOR" }),
            json!({ "code": "gate", "kind": "DOOR" }),
        ),
        (
            "renameDevice",
            change!("renameDevice", "RenameDeviceInput"),
            json!({ "deviceId": device, "code": "front" }),
            json!({ "deviceId": device, "code": "back" }),
        ),
        (
            "retireDevice",
            change!("retireDevice", "RetireDeviceInput"),
            json!({ "deviceId": device }),
            json!({ "deviceId": device, "expectedVersion": 1 }),
        ),
        ("pauseHub", change!("pauseHub", "PauseHubInput"), json!({ "note": "A" }), json!({ "note": "B" })),
        ("reopenHub", change!("reopenHub", "ReopenHubInput"), json!({}), json!({ "expectedVersion": 1 })),
        ("closeHub", change!("closeHub", "CloseHubInput"), json!({ "note": "A" }), json!({ "note": "B" })),
    ];
    let at = |version: i64, input: &Json| {
        let mut whole = json!({ "hubId": hub.id, "expectedVersion": version });
        let (into, from) = (whole.as_object_mut().expect("an object"), input.as_object().expect("an object"));
        into.extend(from.clone());
        json!({ "input": whole })
    };
    let numbered = (1..).zip(&changes);
    let mut proofs: Vec<Proof> = numbered
        .map(|(version, (mutation, document, input, other))| {
            whole(mutation, app.system(), document, at(version, input), at(version, other))
        })
        .collect();
    proofs.push(whole("startHub", app.system(), start, draft("new-draft"), draft("newer-draft")));
    let open = |version: i64| json!({ "input": { "hubId": started, "expectedVersion": version } });
    proofs.push(whole("openHub", app.system(), change!("openHub", "OpenHubInput"), open(2), open(3)));
    proofs
}
