//! The contract with clients: what they can hold the graph to. That every answer has the shape of the schema is checked
//! of every answer of every test (`testkit::assert_contract`); here stand the answers that are hard to get right.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use kernel::Role;
use testkit::{Client, Json, TestApp, json};

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
    let two = "mutation($a: ID!, $b: ID!) { a: revokeChip(input: { chipId: $a }) { chip { id } } \
        b: revokeChip(input: { chipId: $b }) { chip { id } } }";
    let operator = app.staff(Role::Operator, &hub);
    let answer = operator.response(two, json!({ "a": eva.chip_id, "b": jan.chip_id })).await;
    assert_eq!(answer["data"], json!({ "a": { "chip": { "id": eva.chip_id } }, "b": null }));
    assert_eq!(answer["errors"][0]["path"], json!(["b"]));
    app.settle().await;
}

/// The databases keep microseconds: a stretch that is shorter is empty, and refused as such.
#[tokio::test(flavor = "multi_thread")]
async fn a_time_a_nanosecond_after_another_is_the_same_time() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let eva = app.member(&hub, "Eva").await;
    app.pass_minutes(120);
    let (early, late) = ("2026-11-03T09:00:00.000000000Z", "2026-11-03T09:00:00.000000001Z");
    let administrator = app.administrator(&hub);

    let pass =
        "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { validFrom } } }";
    let input = json!({ "input": { "memberId": eva.id, "validFrom": early, "validUntil": late } });
    refused(&administrator, pass, input, "INVALID_INPUT", "validUntil").await;
    let event = "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
    let input = json!({ "input": { "hubId": hub.id, "title": "T", "summary": "S", "kind": "LECTURE", "language": "cs",
        "startsAt": early, "endsAt": late, "capacity": 3 } });
    refused(&administrator, event, input, "INVALID_INPUT", "endsAt").await;
    let key = "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { apiKey { expiresAt } } }";
    let input = json!({ "input": { "hubId": hub.id, "name": "K", "scopes": ["READ_INDICATORS"], "expiresAt": late } });
    let issued = administrator.ask(key, input).await;
    assert_eq!(issued["issueApiKey"]["apiKey"]["expiresAt"], "2026-11-03T09:00:00Z");
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { ... on CheckedIn { visit { startedAt } } } }";
    let at = "2026-11-02T13:59:59.123456789Z";
    let touched =
        administrator.ask(touch, json!({ "input": { "hubId": hub.id, "chip": eva.chip, "at": at } })).await;
    assert_eq!(touched["checkIn"]["visit"]["startedAt"], "2026-11-02T13:59:59.123456Z");
    app.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_does_not_exist_is_refused_by_the_name_of_its_field() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let eva = app.member(&hub, "Eva").await;
    app.pass_minutes(120);
    let operator = app.operator(&hub);
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    let upload = "mutation($input: UploadDeviceLogInput!) { uploadDeviceLog(input: $input) { \
        taken refused { line code message } } }";
    for at in ["2026-11-02T11:00:00Z[America/Nowhere]", "2026-11-02T11:00:00+25:00", "noon", ""] {
        let input = json!({ "input": { "hubId": hub.id, "chip": eva.chip, "at": at } });
        refused(&operator, touch, input, "INVALID_INPUT", "at").await;
        let line = |at: &str, id: &str| json!({ "eventId": id, "at": at, "credential": eva.chip, "direction": "IN" });
        let lines = [line(at, "a"), line("2026-11-02T14:00:00+01:00[Europe/Prague]", "b")];
        let input = json!({ "input": { "hubId": hub.id, "device": "reception", "lines": lines } });
        let uploaded = &operator.ask(upload, input).await["uploadDeviceLog"];
        assert_eq!(
            (&uploaded["taken"], &uploaded["refused"][0]["line"]),
            (&json!(1), &json!(0)),
            "{uploaded}"
        );
        assert_eq!(uploaded["refused"][0]["code"], "INVALID_INPUT");
    }
    let month = "mutation { closeSettlement(input: { month: \"2026-13\" }) { settlement { id } } }";
    refused(&app.coordinator(&network), month, json!({}), "INVALID_INPUT", "month").await;
    app.settle().await;
}

async fn refused(client: &Client, document: &str, variables: Json, code: &str, field: &str) {
    let answer = client.response(document, variables).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["field"]), (&json!(code), &json!(field)), "{answer:#}");
}

/// One dialect: who has used one mutation can guess the next, and a field can be added without breaking anybody.
#[test]
fn every_mutation_takes_one_input_and_answers_a_payload() {
    let document = parse_schema(server::command::sdl()).expect("a schema");
    let mutations = document.definitions.iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(it) if it.node.name.node == "Mutation" => match &it.node.kind {
            TypeKind::Object(object) => Some(&object.fields),
            _ => None,
        },
        _ => None,
    });
    let mut takers = BTreeMap::<String, Vec<&str>>::new();
    let mutations = mutations.expect("mutations");
    for mutation in mutations.iter().map(|it| &it.node) {
        let (name, answer) = (mutation.name.node.as_str(), mutation.ty.node.to_string());
        assert!(
            answer.ends_with("Payload"),
            "{name} answers {answer}, which is nullable and ends in Payload"
        );
        match mutation.arguments.as_slice() {
            [] => {}
            [input] if input.node.name.node == "input" => {
                takers.entry(input.node.ty.node.to_string()).or_default().push(name);
            }
            _ => panic!("{name} takes something beside `input`"),
        }
    }
    for (input, takers) in takers {
        let own = format!("{}Input!", takers[0]);
        let is_named_after_it = takers.len() == 1 && input.eq_ignore_ascii_case(&own);
        assert!(
            is_named_after_it || (takers.len() > 1 && input.ends_with("Input!")),
            "{takers:?} takes {input}"
        );
    }
}
