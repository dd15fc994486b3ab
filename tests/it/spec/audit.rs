//! The audit log (G13): it contains every audit event, and a change of it is detected.

mod tampering;

use futures_util::future::join_all;
use kernel::{Caller, DeviceId, Grant, Id, NetworkId, Permission, PersonId, Place, Role};
use platform_db::{Reach, verify_audit};
use testkit::{Client, Json, TestApp, TestHub, TestNetwork, json};

const HUB_LOG: &str = "query($id: ID!, $action: String) { hub(id: $id) { \
    auditLog { membership(action: $action) { edges { node { sequence actor roles action object detail } } } \
    roaming(action: $action) { edges { node { action object roles } } } \
    events(action: $action) { edges { node { action object roles } } } } } }";
const NETWORK_LOG: &str = "query($id: ID!) { network(id: $id) { \
    auditLog { membership { edges { node { action object } } } roaming { edges { node { action } } } } } }";
const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";

#[tokio::test(flavor = "multi_thread")]
async fn audited_actions_are_in_the_log_of_their_hub() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let administrator = app.staff(Role::Administrator, &hub);
    let operator = app.operator(&hub);
    let member = app.roaming_member(&hub, "Eva").await;
    let revoke = "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { id } } }";
    let by_hand = json!({ "input": { "hubId": hub.id, "memberId": member.id } });
    operator
        .ask("mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }", by_hand.clone())
        .await;
    operator.ask("mutation($input: TouchInput!) { checkOut(input: $input) { __typename } }", by_hand).await;
    operator.ask(revoke, json!({ "id": member.chip_id })).await;
    operator.ask(revoke, json!({ "id": member.chip_id })).await;
    upload(&operator, &hub, &member.chip).await;
    app.tariff(&hub, "60").await;
    app.drain().await;

    let log = administrator.ask(HUB_LOG, json!({ "id": hub.id })).await["hub"]["auditLog"].clone();
    let actions =
        ["device_log.uploaded", "chip.revoked", "member.checked_out_by_hand", "member.checked_in_by_hand"];
    assert_eq!(
        words(&log["membership"], "action")[..4],
        actions,
        "the latest first; revoking again makes no audit event"
    );
    assert_eq!(words(&log["membership"], "action")[4..], ["chip.issued", "member.enrolled"]);
    assert_eq!(words(&log["roaming"], "action"), ["tariff.published", "pass.issued"]);
    let revoked = &log["membership"]["edges"][1]["node"];
    assert_eq!(revoked["object"], json!(member.chip_id));
    assert_eq!(revoked["roles"], json!(["operator"]));
    assert!(revoked["actor"].as_str().is_some_and(|actor| actor.starts_with("per_")), "{revoked}");
    let text = log.to_string();
    for personal in ["Eva", &member.email, &member.chip] {
        assert!(!text.contains(personal), "the log names {personal}");
    }
    let only = administrator.ask(HUB_LOG, json!({ "id": hub.id, "action": "chip.revoked" })).await;
    assert_eq!(words(&only["hub"]["auditLog"]["membership"], "action"), ["chip.revoked"]);
    assert_eq!(words(&only["hub"]["auditLog"]["roaming"], "action"), [""; 0]);

    let log = network_administrator(&app, &network).ask(NETWORK_LOG, json!({ "id": network.id })).await;
    assert_eq!(
        words(&log["network"]["auditLog"]["membership"], "action"),
        ["hub.onboarded", "network.founded"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_read_the_audit_log_of_their_hub() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (own, other) = (app.hub(&network, "own").await, app.hub(&network, "other").await);
    let eva = app.member(&own, "Eva").await;
    let log = "query($id: ID!) { hub(id: $id) { auditLog { membership { edges { cursor } } } } }";
    for (who, code) in [
        (app.operator(&own), "FORBIDDEN"),
        (app.coordinator(&network), "FORBIDDEN"),
        (app.as_member(&eva), "FORBIDDEN"),
        (app.staff(Role::Administrator, &other), "NOT_FOUND"),
        (app.anonymous(), "UNAUTHENTICATED"),
    ] {
        assert_eq!(who.refused(log, json!({ "id": own.id })).await, code);
    }
    let log = "query($id: ID!) { network(id: $id) { auditLog { membership { edges { cursor } } } } }";
    assert_eq!(
        app.staff(Role::Administrator, &own).refused(log, json!({ "id": network.id })).await,
        "FORBIDDEN"
    );
    let south = app.network("south").await;
    let seen = network_administrator(&app, &south).refused(log, json!({ "id": network.id })).await;
    assert_eq!(seen, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn reader_reports_and_refused_requests_are_not_audited() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Eva").await;
    let reader = app.client(Caller::Device {
        device: DeviceId::generate(app.services().world()),
        hub: hub.id.parse().expect("an id"),
        network: hub.network.parse().expect("an id"),
        capability: Permission::RecordPresence,
    });
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    reader.ask(touch, json!({ "input": { "hubId": hub.id, "chip": member.chip } })).await;
    let taken = json!({ "input": { "memberId": member.id, "number": member.chip } });
    assert_eq!(app.operator(&hub).refused(CHIP, taken).await, "CONFLICT");
    app.drain().await;
    let log = app.staff(Role::Administrator, &hub).ask(HUB_LOG, json!({ "id": hub.id })).await;
    assert_eq!(words(&log["hub"]["auditLog"]["membership"], "action"), ["chip.issued", "member.enrolled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn chains_do_not_fork_however_many_write_at_once() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (one, other) = (app.hub(&network, "one").await, app.hub(&network, "other").await);
    let (eva, jan) = (app.member(&one, "Eva").await, app.member(&other, "Jan").await);
    let issued = (0..64).map(|number| {
        let (hub, member) = if number % 2 == 0 { (&one, &eva) } else { (&other, &jan) };
        let input = json!({ "input": { "memberId": member.id, "number": format!("04BB{number:010X}") } });
        let operator = app.operator(hub);
        async move { operator.ask(CHIP, input).await }
    });
    join_all(issued).await;
    let network: NetworkId = network.id.parse().expect("an id");
    let tx = app.services().databases()[0].read(Reach::Network(network)).await.expect("a transaction");
    let verified = verify_audit(&tx, network, None, &[]).await.expect("verified");
    assert_eq!(verified.broken, []);
    let lengths: Vec<i64> =
        verified.heads.iter().filter(|head| head.hub.is_some()).map(|head| head.sequence).collect();
    assert_eq!(lengths, [34, 34], "two each for the members, and half of the chips");
}

async fn upload(client: &Client, hub: &TestHub, chip: &str) {
    const UPLOAD: &str =
        "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { taken } }";
    let line = json!({ "eventId": "1", "at": "2026-11-02T08:30:00Z", "credential": chip, "direction": "IN" });
    let input = json!({ "input": { "hubId": hub.id, "device": "reception", "lines": [line] } });
    client.ask(UPLOAD, input.clone()).await;
    // The second upload brings nothing new, so it makes no audit event.
    client.ask(UPLOAD, input).await;
}

fn network_administrator(app: &TestApp, network: &TestNetwork) -> Client {
    let id: NetworkId = network.id.parse().expect("an id");
    app.client(Caller::Person {
        person: PersonId::generate(app.services().world()),
        network: id,
        member: None,
        grants: vec![Grant { role: Role::NetworkAdministrator, at: Place::Network(id) }],
    })
}

fn words(connection: &Json, field: &str) -> Vec<String> {
    let edges = connection["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"][field].as_str().expect("a word").to_owned()).collect()
}
