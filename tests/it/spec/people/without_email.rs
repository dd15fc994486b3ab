//! Members without an e-mail address: seniors and children.

use testkit::{Json, TestApp, TestHub, json};

const ENROL: &str =
    "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id name email } } }";
const CORRECT: &str =
    "mutation($input: CorrectMemberInput!) { correctMember(input: $input) { member { email version } } }";
const INVITE: &str = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId code } }";
const FIND: &str = "query($hub: ID!, $search: MemberSearchInput) { hub(id: $hub) { \
    members(search: $search) { nodes { name email } } } }";

async fn enrol(app: &TestApp, hub: &TestHub, name: &str) -> Json {
    let input = json!({ "hubId": hub.id, "name": name, "language": "uk", "category": "SENIOR" });
    app.operator(hub).ask(ENROL, json!({ "input": input })).await["enrollMember"]["member"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_members_may_have_no_address_and_each_is_found_by_name() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let (first, second) =
        (enrol(&app, &hub, "Марія Коваль").await, enrol(&app, &hub, "Марія Коваленко").await);
    assert_eq!((&first["email"], &second["email"]), (&Json::Null, &Json::Null));
    assert_ne!(first["id"], second["id"]);
    let asked = json!({ "hub": hub.id, "search": { "text": "kovalen" } });
    let found = app.operator(&hub).ask(FIND, asked).await;
    assert_eq!(found["hub"]["members"]["nodes"], json!([{ "name": "Марія Коваленко", "email": null }]));
    // Their chip opens the door.
    let issue = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
    let chip = json!({ "input": { "memberId": first["id"], "number": "04A224B1C35580" } });
    app.operator(&hub).ask(issue, chip).await;
    let touch = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";
    let input = json!({ "input": { "hubId": hub.id, "chip": "04A224B1C35580" } });
    assert_eq!(app.system().ask(touch, input).await["checkIn"]["__typename"], "CheckedIn");
    app.drain().await;
}

/// R18: without an address of the member, every address is another one, and the inviter must have verified who asks.
#[tokio::test(flavor = "multi_thread")]
async fn r18_a_member_without_an_address_is_invited_by_an_administrator_or_after_it_was_added() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = enrol(&app, &hub, "Marie").await["id"].clone();
    app.drain().await;
    let invite = json!({ "input": { "memberId": member, "email": "marie@example.org", "language": "cs" } });
    assert_eq!(app.operator(&hub).refused(INVITE, invite).await, "FORBIDDEN");
    let administrator = app.administrator(&hub);
    let input = json!({ "memberId": member, "expectedVersion": 1, "email": "marie@example.org" });
    let corrected = administrator.ask(CORRECT, json!({ "input": input })).await;
    let expected = json!({ "email": "marie@example.org", "version": 2 });
    assert_eq!(corrected["correctMember"]["member"], expected);
    let name = json!({ "memberId": member, "expectedVersion": 2, "name": "Marie Nová" });
    let corrected = app.operator(&hub).ask(CORRECT, json!({ "input": name })).await;
    assert_eq!(corrected["correctMember"]["member"]["email"], "marie@example.org", "it stays");
    app.drain().await;
}
