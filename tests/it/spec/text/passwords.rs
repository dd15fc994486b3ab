//! A password is the same on every keyboard (RFC 8265, OpaqueString), and a password set before that rule still
//! works.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, phc::PasswordHash},
};
use kernel::{NetworkId, PersonId};
use platform_db::Reach;
use testkit::{TestApp, TestHub, TestMember, json};

const INVITE: &str = "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId code } }";
const CHANGE: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { ... on SignedIn { accessToken } } }";
const COMPOSED: &str = "Žluťoučký kůň 1";
const DECOMPOSED: &str = "Z\u{30C}lut\u{30C}ouc\u{30C}ky\u{301} ku\u{30A}n\u{30C} 1";

/// Returns the hash of a password as it was typed, from before passwords were normalized.
fn hashed_as_typed(password: &str) -> String {
    let hashed: Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(password.as_bytes(), b"sixteen of bytes");
    hashed.expect("a hash").to_string()
}

async fn invited(app: &TestApp, hub: &TestHub) -> (TestMember, testkit::Json) {
    let member = app.member(hub, "Jana").await;
    app.drain().await;
    let input = json!({ "input": { "memberId": member.id, "email": member.email, "language": "cs" } });
    let invitation = app.administrator(hub).ask(INVITE, input).await["inviteMember"].clone();
    (member, invitation)
}

async fn hub(app: &TestApp) -> TestHub {
    let network = app.network("n").await;
    app.hub(&network, "home").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_signs_in_from_every_keyboard() {
    let app = TestApp::new().await;
    let hub = hub(&app).await;
    let (member, invitation) = invited(&app, &hub).await;
    let tokens = app.accept(&invitation, COMPOSED).await;
    app.sign_in(&member.email, DECOMPOSED).await;
    app.sign_in(&member.email, &COMPOSED.replace(' ', "\u{A0}")).await;
    assert_eq!(app.cannot_sign_in(&member.email, &COMPOSED.to_uppercase()).await, "UNAUTHENTICATED");
    assert_eq!(app.cannot_sign_in(&member.email, &format!("{COMPOSED} ")).await, "UNAUTHENTICATED");
    let client = app.with_token(tokens["accessToken"].as_str().expect("a token"));
    client.ask(CHANGE, json!({ "input": { "present": DECOMPOSED, "new": "Příliš dlouhé heslo" } })).await;
    app.sign_in(&member.email, "Pr\u{30C}i\u{301}lis\u{30C} dlouhe\u{301} heslo").await;
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_hashed_as_it_was_typed_still_opens_and_is_hashed_anew() {
    let app = TestApp::new().await;
    let hub = hub(&app).await;
    let (member, invitation) = invited(&app, &hub).await;
    app.accept(&invitation, "correct horse battery").await;
    let identity =
        app.services().service_databases().into_iter().find(|(service, _)| service.name() == "identity");
    let (_, db) = identity.expect("identity runs here");
    let network: NetworkId = hub.network.parse().expect("an id");
    let person: PersonId = invitation["personId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let tx = db.write(Reach::Network(network)).await.expect("a transaction");
    let sql = "update sign_in_account set password_hash = $1 where network_id = $2 and person_id = $3";
    let values = [
        hashed_as_typed(DECOMPOSED).into(),
        uuid::Uuid::from(network).into(),
        uuid::Uuid::from(person).into(),
    ];
    tx.run(sql, values).await.expect("an old hash");
    tx.commit().await.expect("committed");

    assert_eq!(
        app.cannot_sign_in(&member.email, COMPOSED).await,
        "UNAUTHENTICATED",
        "the hash is of the other form"
    );
    app.sign_in(&member.email, DECOMPOSED).await;
    app.sign_in(&member.email, COMPOSED).await;
    app.sign_in(&member.email, DECOMPOSED).await;
    app.drain().await;
}
