//! The contract with clients: what they can hold the graph to. That every answer has the shape of the schema is checked
//! of every answer of every test (`testkit::assert_contract`); here stand the answers that are hard to get right.

use kernel::Role;
use testkit::{TestApp, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_may_not_see_is_null_and_what_stands_beside_it_is_answered() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let eva = app.member(&hub, "Eva").await;
    let ask = "query($id: ID!) { hub(id: $id) { \
        name members { nodes { name } } visits { nodes { id } } devices { code } \
        auditLog { nodes { action } } roamingAuditLog { nodes { action } } eventsAuditLog { nodes { action } } \
        identityAuditLog { nodes { action } } apiKeys { id } deviceSecrets { id } roles { role } \
        network { name auditLog { nodes { action } } } } hubs { nodes { name } } }";
    let answer = app.as_member(&eva).response(ask, json!({ "id": hub.id })).await;

    let nothing = json!({
        "name": "Hub home", "members": null, "visits": null, "devices": null, "auditLog": null, "roamingAuditLog": null,
        "eventsAuditLog": null, "identityAuditLog": null, "apiKeys": null, "deviceSecrets": null, "roles": null,
        "network": { "name": "Network n", "auditLog": null },
    });
    assert_eq!(answer["data"]["hub"], nothing);
    assert_eq!(answer["data"]["hubs"]["nodes"], json!([{ "name": "Hub home" }]));
    let errors = answer["errors"].as_array().expect("refusals");
    assert_eq!(errors.len(), 11);
    assert!(errors.iter().all(|it| it["extensions"]["code"] == "FORBIDDEN"), "{errors:#?}");

    let alone = "query($id: ID!) { hub(id: $id) { members { nodes { name } } } }";
    let answer = app.as_member(&eva).response(alone, json!({ "id": hub.id })).await;
    assert_eq!(answer["data"], json!({ "hub": { "members": null } }), "the hub is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_mutation_takes_no_other_answer_along() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (hub, other) = (app.hub(&network, "home").await, app.hub(&network, "other").await);
    let (eva, jan) = (app.member(&hub, "Eva").await, app.member(&other, "Jan").await);
    let two = "mutation($a: ID!, $b: ID!) { a: revokeChip(chipId: $a) { chip { id } } \
        b: revokeChip(chipId: $b) { chip { id } } }";
    let operator = app.staff(Role::Operator, &hub);
    let answer = operator.response(two, json!({ "a": eva.chip_id, "b": jan.chip_id })).await;
    assert_eq!(answer["data"], json!({ "a": { "chip": { "id": eva.chip_id } }, "b": null }));
    assert_eq!(answer["errors"][0]["path"], json!(["b"]));
    app.settle().await;
}
