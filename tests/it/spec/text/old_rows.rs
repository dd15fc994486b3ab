//! Rows whose texts are not in their canonical form, such as a release with other rules left behind: they are read as
//! they stand, none is merged, and `hubnet doctor` names them.

use kernel::{NetworkId, PersonId};
use platform_db::{Db, Reach};
use testkit::{TestApp, TestHub, TestMember, json};
use uuid::Uuid;

fn database(app: &TestApp, service: &str) -> Db {
    let found = app.services().service_databases().into_iter().find(|(one, _)| one.name() == service);
    found.expect("the service runs here").1
}

/// Writes a text as an older version would have stored it.
async fn spell(
    app: &TestApp,
    service: &str,
    table: &str,
    column: &str,
    who: (NetworkId, PersonId),
    text: &str,
) {
    let tx = database(app, service).write(Reach::Network(who.0)).await.expect("a transaction");
    let sql = format!("update {table} set {column} = $1 where network_id = $2 and person_id = $3");
    tx.run(&sql, [text.into(), Uuid::from(who.0).into(), Uuid::from(who.1).into()]).await.expect("a row");
    tx.commit().await.expect("committed");
}

async fn read(app: &TestApp, service: &str, table: &str, column: &str, who: (NetworkId, PersonId)) -> String {
    let tx = database(app, service).read(Reach::Network(who.0)).await.expect("a transaction");
    let sql = format!("select {column} as text from {table} where network_id = $1 and person_id = $2");
    let row = tx.row(&sql, [Uuid::from(who.0).into(), Uuid::from(who.1).into()]).await.expect("read");
    row.expect("a row").try_get("", "text").expect("a text")
}

async fn person_of(app: &TestApp, network: NetworkId, member: &TestMember) -> (NetworkId, PersonId) {
    let tx = database(app, "membership").read(Reach::Network(network)).await.expect("a transaction");
    let id: kernel::MemberId = member.id.parse().expect("an id");
    let row = tx.row("select person_id from member where member_id = $1", [Uuid::from(id).into()]).await;
    (network, row.expect("read").expect("a row").try_get::<Uuid>("", "person_id").expect("an id").into())
}

async fn stage(app: &TestApp) -> (NetworkId, TestHub) {
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    (network.id.parse().expect("an id"), hub)
}

/// Opens the application as the next start does.
async fn start_again(app: &TestApp) {
    app.another_process().await;
}

const PERSON: (&str, &str) = ("membership", "person");
const ACCOUNT: (&str, &str) = ("identity", "sign_in_account");

#[tokio::test(flavor = "multi_thread")]
async fn two_older_rows_of_one_mailbox_both_stay_and_are_named() {
    let app = TestApp::new().await;
    let (network, hub) = stage(&app).await;
    let (first, second) = (app.member(&hub, "First").await, app.member(&hub, "Second").await);
    let odd = app.member(&hub, "Odd").await;
    let of = async |member: &TestMember| person_of(&app, network, member).await;
    let (first_person, second_person, odd_person) = (of(&first).await, of(&second).await, of(&odd).await);
    app.drain().await;

    spell(&app, PERSON.0, PERSON.1, "email", first_person, "jana@xn--hj-mia.cz").await;
    spell(&app, PERSON.0, PERSON.1, "email", second_person, "jana@háj.cz").await;
    spell(&app, PERSON.0, PERSON.1, "email", odd_person, "dot@example.org.").await;
    start_again(&app).await;
    let emails = async |person| read(&app, PERSON.0, PERSON.1, "email", person).await;
    assert_eq!(emails(first_person).await, "jana@xn--hj-mia.cz", "whoever has the one form has the mailbox");
    assert_eq!(emails(second_person).await, "jana@háj.cz", "the other one stays");
    assert_eq!(emails(odd_person).await, "dot@example.org.");
    let membership = app.services().membership().expect("membership runs here");
    let mut old = membership.examine_addresses().await.expect("examined");
    old.sort();
    let id = |member: &TestMember| member.id.parse::<kernel::MemberId>().expect("an id");
    let mut expected = vec![(id(&second), Some(id(&first))), (id(&odd), None)];
    expected.sort();
    assert_eq!(old, expected);
    let asked = "query($id: ID!) { hub(id: $id) { members(first: 10) { edges { node { id email } } } } }";
    let seen =
        app.operator(&hub).ask(asked, json!({ "id": hub.id })).await["hub"]["members"]["edges"].to_string();
    assert!(seen.contains("jana@háj.cz"), "an older row is still read: {seen}");
}

/// An account's e-mail stays as it is, too, and its holder is named.
#[tokio::test(flavor = "multi_thread")]
async fn two_older_accounts_of_one_mailbox_both_stay_and_are_named() {
    const STAFF: &str = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId } }";
    let app = TestApp::new().await;
    let (network, hub) = stage(&app).await;
    let mut persons = Vec::new();
    for email in ["a@example.org", "b@example.org"] {
        let input =
            json!({ "input": { "email": email, "language": "cs", "role": "OPERATOR", "hubId": hub.id } });
        let invited = app.system().ask(STAFF, input).await;
        let person: PersonId =
            invited["inviteStaff"]["personId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        persons.push((network, person));
    }
    app.drain().await;
    spell(&app, ACCOUNT.0, ACCOUNT.1, "email", persons[0], "jana@ha\u{301}j.cz").await;
    spell(&app, ACCOUNT.0, ACCOUNT.1, "email", persons[1], "jana@xn--hj-mia.cz").await;
    start_again(&app).await;
    assert_eq!(read(&app, ACCOUNT.0, ACCOUNT.1, "email", persons[0]).await, "jana@ha\u{301}j.cz");
    assert_eq!(read(&app, ACCOUNT.0, ACCOUNT.1, "email", persons[1]).await, "jana@xn--hj-mia.cz");
    let identity = app.services().identity().expect("identity runs here");
    let old = identity.examine_addresses().await.expect("examined");
    assert_eq!(old, [platform_db::OldAddress { person: persons[0].1, holder: Some(persons[1].1) }]);
}
