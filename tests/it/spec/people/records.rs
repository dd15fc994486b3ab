//! What a hub keeps beside a membership: guardians and emergency contacts, consents, notes of the staff.

use kernel::Role;
use platform_db::Reach;
use testkit::{Client, Json, TestApp, TestHub, TestMember, json};

const ADD: &str = "mutation($input: AddMemberContactInput!) { addMemberContact(input: $input) { member { \
    contacts { id role name phone email } } } }";
const REMOVE: &str = "mutation($input: RemoveMemberContactInput!) { removeMemberContact(input: $input) { member { \
    contacts { name } } } }";
const CONSENT: &str = "mutation($input: RecordConsentInput!) { recordConsent(input: $input) { member { \
    consents { id purpose textVersion guardianId givenAt withdrawnAt } } } }";
const WITHDRAW: &str = "mutation($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { member { \
    consents { withdrawnAt } } } }";
const NOTE: &str = "mutation($input: WriteMemberNoteInput!) { writeMemberNote(input: $input) { member { \
    notes { id text } } } }";
const UNNOTE: &str = "mutation($input: DeleteMemberNoteInput!) { deleteMemberNote(input: $input) { member { \
    notes { id } } } }";
const MINE: &str = "{ me { member { contacts { name } consents { purpose } notes { text } } } }";

async fn place(app: &TestApp) -> (TestHub, TestMember) {
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Eliška").await;
    (hub, member)
}

async fn add(client: &Client, member: &TestMember, role: &str, name: &str) -> Json {
    let input = json!({ "memberId": member.id, "role": role, "name": name, "phone": "+420 600 000 000" });
    client.ask(ADD, json!({ "input": input })).await["addMemberContact"]["member"]["contacts"].clone()
}

fn fields(response: &Json) -> (String, Json) {
    let refusal = &response["errors"][0]["extensions"];
    (refusal["code"].as_str().unwrap_or_default().to_owned(), refusal["field"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guardian_consents_for_a_minor_to_a_version_of_a_text_and_withdraws_it() {
    let app = TestApp::new().await;
    let (hub, child) = place(&app).await;
    let operator = app.operator(&hub);
    let guardian = add(&operator, &child, "GUARDIAN", "Marie Nová").await[0]["id"].clone();
    let input = json!({ "memberId": child.id, "purpose": "photos", "textVersion": "2026-09", "guardianId": guardian });
    let recorded = operator.ask(CONSENT, json!({ "input": input })).await;
    let consent = recorded["recordConsent"]["member"]["consents"][0].clone();
    assert_eq!((&consent["textVersion"], &consent["guardianId"]), (&json!("2026-09"), &guardian));
    assert_eq!(consent["withdrawnAt"], Json::Null);
    // The member withdraws it as easily as it was given; a second time changes nothing.
    app.pass_minutes(5);
    let withdrawn_at = app.now();
    for client in [&app.as_member(&child), &operator] {
        let input = json!({ "input": { "memberId": child.id, "consentId": consent["id"] } });
        let withdrawn = client.ask(WITHDRAW, input).await;
        assert_eq!(withdrawn["withdrawConsent"]["member"]["consents"][0]["withdrawnAt"], json!(withdrawn_at));
        app.pass_minutes(5);
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_guardian_of_the_member_consents_for_them() {
    let app = TestApp::new().await;
    let (hub, child) = place(&app).await;
    let other = app.member(&hub, "Karel").await;
    let operator = app.operator(&hub);
    let neighbour = add(&operator, &child, "EMERGENCY", "Neighbour").await[0]["id"].clone();
    let foreign = add(&operator, &other, "GUARDIAN", "Somebody").await[0]["id"].clone();
    for guardian in [neighbour, foreign] {
        let input =
            json!({ "memberId": child.id, "purpose": "photos", "textVersion": "1", "guardianId": guardian });
        let response = operator.response(CONSENT, json!({ "input": input })).await;
        assert_eq!(fields(&response), ("INVALID_INPUT".into(), json!("guardianId")));
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_can_be_reached_and_is_removed_once() {
    let app = TestApp::new().await;
    let (hub, member) = place(&app).await;
    let operator = app.operator(&hub);
    let silent = json!({ "memberId": member.id, "role": "EMERGENCY", "name": "Nobody" });
    let response = operator.response(ADD, json!({ "input": silent })).await;
    assert_eq!(fields(&response), ("INVALID_INPUT".into(), json!("phone")));
    let contacts = add(&operator, &member, "EMERGENCY", "Jan Nový").await;
    let remove = json!({ "input": { "memberId": member.id, "contactId": contacts[0]["id"] } });
    let removed = operator.ask(REMOVE, remove.clone()).await;
    assert_eq!(removed["removeMemberContact"]["member"]["contacts"], json!([]));
    assert_eq!(operator.refused(REMOVE, remove).await, "NOT_FOUND");
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_for_the_staff_of_the_home_hub_alone() {
    let app = TestApp::new().await;
    let (hub, member) = place(&app).await;
    let operator = app.operator(&hub);
    let input = json!({ "memberId": member.id, "text": "Speaks Polish" });
    let written = operator.ask(NOTE, json!({ "input": input })).await;
    let note = written["writeMemberNote"]["member"]["notes"][0].clone();
    assert_eq!(note["text"], "Speaks Polish");
    add(&operator, &member, "EMERGENCY", "Jan Nový").await;
    let mine = app.as_member(&member).ask(MINE, json!({})).await;
    let expected = json!({ "contacts": [{ "name": "Jan Nový" }], "consents": [], "notes": null });
    assert_eq!(mine["me"]["member"], expected);
    let input = json!({ "input": { "memberId": member.id, "noteId": note["id"] } });
    assert_eq!(app.as_member(&member).refused(UNNOTE, input.clone()).await, "FORBIDDEN");
    let deleted = operator.ask(UNNOTE, input).await;
    assert_eq!(deleted["deleteMemberNote"]["member"]["notes"], json!([]));
    let blank = json!({ "memberId": member.id, "text": " \n " });
    let response = operator.response(NOTE, json!({ "input": blank })).await;
    assert_eq!(fields(&response), ("INVALID_INPUT".into(), json!("text")));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_kept_beside_a_membership_outlives_the_erasure() {
    let app = TestApp::new().await;
    let (hub, member) = place(&app).await;
    let administrator = app.staff(Role::Administrator, &hub);
    add(&administrator, &member, "GUARDIAN", "Marie Nová").await;
    let input = json!({ "memberId": member.id, "purpose": "photos", "textVersion": "1" });
    administrator.ask(CONSENT, json!({ "input": input })).await;
    administrator.ask(NOTE, json!({ "input": { "memberId": member.id, "text": "Speaks Polish" } })).await;
    let erase = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId } }";
    administrator.ask(erase, json!({ "input": { "memberId": member.id } })).await;
    let tx = app.services().databases()[0].read(Reach::Network(hub.network.parse().expect("an id"))).await;
    let tx = tx.expect("a transaction");
    for table in ["member_contact", "member_consent", "member_note"] {
        let rows = tx.rows(&format!("select member_id from {table}"), []).await.expect("rows");
        assert!(rows.is_empty(), "{table}");
    }
    drop(tx);
    app.drain().await;
}
