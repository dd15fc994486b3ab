//! Corrections of a member's data: by whom, what they change, and what stays as it was.

use kernel::Role;
use testkit::{Client, Json, TestApp, TestHub, TestMember, TestNetwork, json};

const CORRECT: &str = "mutation($input: CorrectMemberInput!) { correctMember(input: $input) { member { \
    id name email language category version } } }";
const LOG: &str = "query($id: ID!) { hub(id: $id) { \
    auditLog { membership(action: \"member.corrected\") { nodes { object detail } } } } }";

async fn place(app: &TestApp) -> (TestNetwork, TestHub, TestMember) {
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Jana Novkaova").await;
    (network, hub, member)
}

fn correction(member: &TestMember, version: i64, but: Json) -> Json {
    let mut input = json!({ "memberId": member.id, "expectedVersion": version });
    let fields = but.as_object().expect("fields").clone();
    input.as_object_mut().expect("an input").extend(fields);
    json!({ "input": input })
}

async fn correct(client: &Client, member: &TestMember, version: i64, but: Json) -> Json {
    client.ask(CORRECT, correction(member, version, but)).await["correctMember"]["member"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_corrects_a_name_and_the_log_names_the_field_but_not_its_content() {
    let app = TestApp::new().await;
    let (_network, hub, member) = place(&app).await;
    let operator = app.operator(&hub);
    let corrected = correct(&operator, &member, 1, json!({ "name": "Jana Nováková" })).await;
    assert_eq!(
        corrected,
        json!({ "id": member.id, "name": "Jana Nováková", "email": member.email, "language": "cs",
                "category": "RESIDENT", "version": 2 })
    );
    // What is correct already makes no new version and no audit event.
    let again = correct(&operator, &member, 2, json!({ "name": "Jana Nováková" })).await;
    assert_eq!(again["version"], 2);
    let log = app.administrator(&hub).ask(LOG, json!({ "id": hub.id })).await;
    let nodes = log["hub"]["auditLog"]["membership"]["nodes"].as_array().expect("audit events").clone();
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    assert_eq!(nodes[0]["object"], json!(member.id));
    let detail = nodes[0]["detail"].to_string();
    assert!(detail.contains("name") && !detail.contains("Jana"), "{detail}");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_editors_gets_a_version_conflict_and_overwrites_nothing() {
    let app = TestApp::new().await;
    let (_network, hub, member) = place(&app).await;
    let (first, second) = (app.operator(&hub), app.another_process().await);
    correct(&first, &member, 1, json!({ "name": "Jana Nováková" })).await;
    let late = correction(&member, 1, json!({ "name": "Hana Nováková", "language": "pl" }));
    let response = second.response(CORRECT, late).await;
    let refusal = &response["errors"][0]["extensions"];
    assert_eq!(
        (&refusal["code"], &refusal["field"]),
        (&json!("VERSION_CONFLICT"), &json!("expectedVersion"))
    );
    let now = correct(&first, &member, 2, json!({})).await;
    assert_eq!((&now["name"], &now["language"]), (&json!("Jana Nováková"), &json!("cs")));
    app.drain().await;
}

/// Of many simultaneous corrections of one version, one is written.
#[tokio::test(flavor = "multi_thread")]
async fn of_simultaneous_corrections_of_one_version_exactly_one_is_written() {
    let app = TestApp::new().await;
    let (_network, hub, member) = place(&app).await;
    let operator = app.operator(&hub);
    let names = ["Jana A", "Jana B", "Jana C", "Jana D", "Jana E", "Jana F"];
    let all = names.map(|name| operator.response(CORRECT, correction(&member, 1, json!({ "name": name }))));
    let responses = futures_util::future::join_all(all).await;
    let written: Vec<&Json> = responses.iter().filter(|response| response["errors"].is_null()).collect();
    assert_eq!(written.len(), 1, "{responses:?}");
    let code = |response: &Json| response["errors"][0]["extensions"]["code"].clone();
    let refused = responses.iter().filter(|response| code(response) == "VERSION_CONFLICT").count();
    assert_eq!(refused, names.len() - 1, "{responses:?}");
    let now = correct(&operator, &member, 2, json!({})).await;
    assert_eq!(now["name"], written[0]["data"]["correctMember"]["member"]["name"]);
    app.drain().await;
}

/// R18: an invitation to sign in goes to the member's address, so whoever sets the address could act as the member.
#[tokio::test(flavor = "multi_thread")]
async fn r18_only_who_may_erase_a_member_corrects_their_address() {
    let app = TestApp::new().await;
    let (_network, hub, member) = place(&app).await;
    let other = app.member(&hub, "Karel").await;
    let address = |email: &str| correction(&member, 1, json!({ "email": email }));
    assert_eq!(app.operator(&hub).refused(CORRECT, address("mine@example.org")).await, "FORBIDDEN");
    assert_eq!(app.as_member(&member).refused(CORRECT, address("new@example.org")).await, "FORBIDDEN");
    let administrator = app.administrator(&hub);
    assert_eq!(administrator.refused(CORRECT, address(&other.email)).await, "CONFLICT");
    let corrected = correct(&administrator, &member, 1, json!({ "email": "Jana@Example.org" })).await;
    assert_eq!((&corrected["email"], &corrected["version"]), (&json!("jana@example.org"), &json!(2)));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_correct_their_own_name_and_language_and_nobody_elses() {
    let app = TestApp::new().await;
    let (network, hub, member) = place(&app).await;
    let other = app.member(&hub, "Karel").await;
    let own = app.as_member(&member);
    let corrected = correct(&own, &member, 1, json!({ "name": "Jana Nováková", "language": "uk" })).await;
    assert_eq!((&corrected["name"], &corrected["language"]), (&json!("Jana Nováková"), &json!("uk")));
    let category = correction(&member, 2, json!({ "category": "SENIOR" }));
    assert_eq!(own.refused(CORRECT, category).await, "FORBIDDEN");
    let of_other = correction(&other, 1, json!({ "name": "Karl" }));
    assert_eq!(own.refused(CORRECT, of_other.clone()).await, "FORBIDDEN");
    let elsewhere = app.hub(&network, "elsewhere").await;
    assert_eq!(app.operator(&elsewhere).refused(CORRECT, of_other.clone()).await, "NOT_FOUND");
    assert_eq!(app.coordinator(&network).refused(CORRECT, of_other.clone()).await, "FORBIDDEN");
    assert_eq!(app.anonymous().refused(CORRECT, of_other).await, "UNAUTHENTICATED");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_that_the_members_plan_does_not_admit_is_refused_by_its_field() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let plans = json!([{ "code": "resident", "name": "Resident", "monthlyFee": "900.00", "includedMinutes": 6000,
                         "roaming": true, "categories": ["RESIDENT"] }]);
    let hub = app.hub_with(&network, "home", json!({ "plans": plans })).await;
    let member = app.member(&hub, "Jana").await;
    let response =
        app.operator(&hub).response(CORRECT, correction(&member, 1, json!({ "category": "SENIOR" }))).await;
    let refusal = &response["errors"][0]["extensions"];
    assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!("category")));
    for (field, wrong) in [("name", "\u{202E}"), ("language", "de")] {
        let response =
            app.operator(&hub).response(CORRECT, correction(&member, 1, json!({ field: wrong }))).await;
        assert_eq!(response["errors"][0]["extensions"]["field"], json!(field), "{response}");
    }
}

/// The category selects prices. A visit keeps the one under which it began, and the admission cache of no process
/// admits anybody under an outdated one.
#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_category_counts_for_the_next_visit_and_re_rates_nothing() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, host) = (app.hub(&network, "home").await, app.hub(&network, "host").await);
    let publish = "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { id } } }";
    let tariff = json!({ "input": {
        "hubId": host.id, "name": "Guests", "pricePerHour": "60.00", "billingStepSeconds": 900,
        "validFrom": "2026-01-01T00:00:00Z",
        "elements": [{ "categories": ["SENIOR"], "pricePerHour": "20.00" }],
    } });
    app.system().ask(publish, tariff).await;
    app.drain().await;
    let guest = app.roaming_member(&home, "Guest").await;
    let visit = async |minutes: i64| {
        app.check_in(&host, &guest).await;
        app.pass_minutes(minutes);
        app.check_out(&host, &guest).await;
        app.drain().await;
    };
    visit(60).await;
    app.pass_minutes(1);
    app.check_in(&host, &guest).await;
    app.drain().await;
    let desk = app.another_process().await;
    correct(&desk, &guest, 1, json!({ "category": "SENIOR" })).await;
    app.pass_minutes(60);
    app.check_out(&host, &guest).await;
    app.drain().await;
    app.pass_minutes(1);
    visit(60).await;
    let asked = "{ me { member { charges(first: 9) { nodes { amount { minor } } } } } }";
    let mine = app.as_member(&guest).ask(asked, json!({})).await;
    let charges = mine["me"]["member"]["charges"]["nodes"].as_array().expect("charges").clone();
    let amounts: Vec<i64> =
        charges.iter().map(|charge| charge["amount"]["minor"].as_i64().expect("an amount")).collect();
    assert_eq!(amounts, [2_000, 6_000, 6_000], "the latest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_member_is_not_found_for_a_correction() {
    let app = TestApp::new().await;
    let (_network, hub, member) = place(&app).await;
    let erase = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId } }";
    let administrator = app.staff(Role::Administrator, &hub);
    administrator.ask(erase, json!({ "input": { "memberId": member.id } })).await;
    let late = correction(&member, 1, json!({ "name": "Jana" }));
    assert_eq!(administrator.refused(CORRECT, late).await, "NOT_FOUND");
    app.drain().await;
}
