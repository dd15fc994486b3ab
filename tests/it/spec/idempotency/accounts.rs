//! Identity's mutations. Their keys have an effect if no secret results; otherwise the secret itself shows whether
//! the request was done before.

use private_servers::Smtp;
use testkit::{Client, Json, TestApp, TestHub, json};

use crate::{
    spec::identity::single_sign_on::{Liar, VERIFIER},
    support::post::SEND_MAIL,
};

use super::mutations::{Again, Fixture, Proof, Refusal, whole};

const PASSWORD: &str = "correct horse battery";
const INVITE_MEMBER: &str =
    "mutation($input: InviteMemberInput!) { inviteMember(input: $input) { personId code expiresAt } }";
const INVITE_STAFF: &str =
    "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { personId code expiresAt } }";
const GRANT: &str =
    "mutation($input: GrantRoleInput!) { grantRole(input: $input) { role { id grantedAt } } }";
const ISSUE_KEY: &str =
    "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { id } } }";
const FORGOTTEN: &str =
    "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }";
const ASK_TO_VERIFY: &str = "mutation { requestEmailVerification { accepted } }";

/// An application without a mail server: codes are returned to the caller.
pub(super) async fn proofs(fixture: &Fixture) -> Vec<Proof> {
    let app = &fixture.app;
    let anna = Person::signed_up(fixture, "Anna").await;
    let bela = Person::signed_up(fixture, "Bela").await;
    let mut proofs = of_sessions(fixture, &anna).await;
    proofs.extend(of_second_factors(fixture).await);
    proofs.extend(of_invitations(fixture).await);
    proofs.extend(of_machines(fixture).await);
    let person = |person: &Person| json!({ "id": person.id });
    let role = |role: &str| to_role(&anna.id, role, &fixture.hub);
    let mut held = Vec::new();
    for word in ["OPERATOR", "COORDINATOR"] {
        let granted = app.system().ask(GRANT, role(word)).await;
        held.push(json!({ "id": granted["grantRole"]["role"]["id"] }));
    }
    let mut offered = Vec::new();
    for word in ["OPERATOR", "COORDINATOR", "ADMINISTRATOR"] {
        let granted = app.system().ask(GRANT, to_role(&bela.id, word, &fixture.hub)).await;
        offered.push(json!({ "id": granted["grantRole"]["role"]["id"] }));
    }
    let accept = "mutation($id: ID!) { acceptRole(input: { assignmentId: $id }) { role { id validFrom } } }";
    let decline =
        "mutation($id: ID!) { declineRole(input: { assignmentId: $id }) { role { id revokedAt } } }";
    let offeree = || app.with_token(word(&bela.tokens["accessToken"]));
    let system = || app.system();
    let (suspend, reinstate) = (
        "mutation($id: ID!) { suspendPerson(input: { personId: $id }) { personId status } }",
        "mutation($id: ID!) { reinstatePerson(input: { personId: $id }) { personId status } }",
    );
    let revoke = "mutation($id: ID!) { revokeRole(input: { assignmentId: $id }) { role { id revokedAt } } }";
    proofs.extend([
        whole("declineRole", offeree(), decline, offered[0].clone(), offered[1].clone()),
        whole("acceptRole", offeree(), accept, offered[1].clone(), offered[2].clone()),
        whole("suspendPerson", system(), suspend, person(&anna), person(&bela)),
        whole("reinstatePerson", system(), reinstate, person(&anna), person(&bela)),
        whole("grantRole", system(), GRANT, role("ADMINISTRATOR"), role("NETWORK_ADMINISTRATOR")),
        whole("revokeRole", system(), revoke, held[0].clone(), held[1].clone()),
    ]);
    proofs
}

/// The order matters: a new password ends the earlier sessions.
async fn of_sessions(fixture: &Fixture, anna: &Person) -> Vec<Proof> {
    let app = &fixture.app;
    let other = app.sign_in(&anna.email, PASSWORD).await;
    let client = || app.with_token(word(&anna.tokens["accessToken"]));
    let session = |tokens: &Json| json!({ "id": tokens["sessionId"] });
    let sign_in =
        "mutation($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { sessionId } } }";
    let refresh =
        "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) { refreshToken } }";
    let end = "mutation($id: ID!) { endSession(input: { sessionId: $id }) { signedOut } }";
    let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { ... on SignedIn { sessionId } } }";
    let everywhere = "mutation { signOutEverywhere { signedOut } }";
    let passwords = json!({ "input": { "present": PASSWORD, "new": "a better horse battery" } });
    vec![
        by_secret("signIn", app.anonymous(), sign_in, credentials(&anna.email), Again::Anew),
        by_secret(
            "refreshSession",
            app.anonymous(),
            refresh,
            json!({ "token": anna.tokens["refreshToken"] }),
            Again::Anew,
        ),
        whole("endSession", client(), end, session(&other), session(&anna.tokens)),
        without_payload("signOut", client(), "mutation { signOut { signedOut } }"),
        by_secret("changePassword", client(), change, passwords, Again::Refused("UNAUTHENTICATED")),
        without_payload("signOutEverywhere", client(), everywhere),
    ]
}

/// The order matters: recovery codes are used, replaced, and removed.
async fn of_second_factors(fixture: &Fixture) -> Vec<Proof> {
    let app = &fixture.app;
    let mut people = Vec::new();
    for name in ["Fanny", "Gita", "Hana", "Ivan"] {
        people.push(Person::signed_up(fixture, name).await);
    }
    let client = |place: usize| app.with_token(word(&people[place].tokens["accessToken"]));
    let enroll =
        "mutation($input: EnrollSecondFactorInput!) { enrollSecondFactor(input: $input) { secret uri } }";
    let confirm =
        "mutation($code: String!) { confirmSecondFactor(input: { code: $code }) { recoveryCodes } }";
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { ... on SecondFactorNeeded { challenge } } }";
    let complete = "mutation($input: CompleteSignInInput!) { completeSignIn(input: $input) { sessionId } }";
    let renew =
        "mutation($input: SecondFactorProofInput!) { renewRecoveryCodes(input: $input) { recoveryCodes } }";
    let remove =
        "mutation($input: SecondFactorProofInput!) { removeSecondFactor(input: $input) { removed } }";
    let remove_lost =
        "mutation($id: ID!) { removeLostSecondFactor(input: { personId: $id }) { personId status } }";
    let password = json!({ "input": { "password": PASSWORD } });
    let enrolled = client(1).ask(enroll, password.clone()).await["enrollSecondFactor"].clone();
    let code = json!({ "code": app.phone(&enrolled["secret"]).code() });
    let (_, papers) = app.second_factor(&client(2), PASSWORD).await;
    app.second_factor(&client(3), PASSWORD).await;
    let waiting = app.anonymous().ask(sign_in, credentials(&people[2].email)).await["signIn"].clone();
    let completing = json!({ "input": { "challenge": waiting["challenge"], "code": papers[0] } });
    let paper = json!({ "input": { "code": papers[1] } });
    let person = |place: usize| json!({ "id": people[place].id });
    let refused = Again::Refused;
    vec![
        by_secret("enrollSecondFactor", client(0), enroll, password.clone(), refused("CONFLICT")),
        by_secret("confirmSecondFactor", client(1), confirm, code, refused("CONFLICT")),
        by_secret("completeSignIn", app.anonymous(), complete, completing, refused("UNAUTHENTICATED")),
        by_secret("renewRecoveryCodes", client(2), renew, paper, refused("CODE_REFUSED")),
        by_secret("removeSecondFactor", client(2), remove, password, Again::Same),
        whole("removeLostSecondFactor", app.system(), remove_lost, person(3), person(2)),
    ]
}

async fn of_invitations(fixture: &Fixture) -> Vec<Proof> {
    let app = &fixture.app;
    let mut members = Vec::new();
    for name in ["Cyril", "Dana", "Emil"] {
        let member = app.member(&fixture.hub, name).await;
        members.push(json!({ "input": { "memberId": member.id, "email": member.email, "language": "cs" } }));
    }
    let invited = app.administrator(&fixture.hub).ask(INVITE_MEMBER, members[2].clone()).await;
    let code = invited["inviteMember"]["code"].clone();
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { sessionId } }";
    let accepting = json!({ "input": { "code": code, "password": PASSWORD } });
    let staff = |name: &str| to_staff(&format!("{name}@example.org"), "OPERATOR", &fixture.hub);
    vec![
        shown_once(
            "inviteMember",
            app.administrator(&fixture.hub),
            INVITE_MEMBER,
            members[0].clone(),
            members[1].clone(),
        ),
        shown_once("inviteStaff", app.system(), INVITE_STAFF, staff("franz"), staff("greta")),
        by_secret("acceptInvitation", app.anonymous(), accept, accepting, Again::Refused("UNAUTHENTICATED")),
    ]
}

async fn of_machines(fixture: &Fixture) -> Vec<Proof> {
    let app = &fixture.app;
    let second = app.hub(&fixture.network, "second").await;
    app.drain().await;
    let (reader, other) = (device(app, &fixture.hub).await, device(app, &second).await);
    let key = |name: &str| json!({ "input": { "hubId": fixture.hub.id, "name": name, "scopes": ["READ_MEMBERS"] } });
    let mut keys = Vec::new();
    for name in ["first", "second", "third"] {
        keys.push(app.system().ask(ISSUE_KEY, key(name)).await["issueApiKey"].clone());
    }
    let key_id = |key: &Json| json!({ "id": key["apiKey"]["id"] });
    let secret = |capability: &str| json!({ "input": { "hubId": fixture.hub.id, "deviceId": reader, "capability": capability } });
    let issue = "mutation($input: IssueDeviceSecretInput!) { issueDeviceSecret(input: $input) { secret } }";
    let revoke = "mutation($hub: ID!, $device: ID!) { revokeDevice(input: { hubId: $hub, deviceId: $device }) { deviceId } }";
    let revoke_key = "mutation($id: ID!) { revokeApiKey(input: { keyId: $id }) { apiKey { id revokedAt } } }";
    let exchange = "mutation($secret: String!) { exchangeSecret(input: { secret: $secret }) { expiresAt } }";
    vec![
        shown_once(
            "issueDeviceSecret",
            app.system(),
            issue,
            secret("RECORD_PRESENCE"),
            secret("READ_MEMBERS"),
        ),
        whole(
            "revokeDevice",
            app.system(),
            revoke,
            json!({ "hub": fixture.hub.id, "device": reader }),
            json!({ "hub": second.id, "device": other }),
        ),
        shown_once("issueApiKey", app.system(), ISSUE_KEY, key("fourth"), key("fifth")),
        whole("revokeApiKey", app.system(), revoke_key, key_id(&keys[0]), key_id(&keys[1])),
        by_secret(
            "exchangeSecret",
            app.anonymous(),
            exchange,
            json!({ "secret": keys[2]["secret"] }),
            Again::Same,
        ),
    ]
}

/// An application that sends mail, and whose people have accounts at an organisation.
pub(super) async fn proofs_by_mail(
    fixture: &Fixture,
    smtp: &Smtp,
    [town, university]: &[Liar; 2],
) -> Vec<Proof> {
    let app = &fixture.app;
    let email = "olga@example.org";
    app.system().ask(INVITE_STAFF, to_staff(email, "OPERATOR", &fixture.hub)).await;
    let tokens = app.accept(&json!({ "code": mailed_code(app, smtp).await }), PASSWORD).await;
    let olga = app.with_token(word(&tokens["accessToken"]));
    let forgotten = json!({ "input": { "email": email } });
    app.anonymous().ask(FORGOTTEN, forgotten.clone()).await;
    let reset_code = mailed_code(app, smtp).await;
    olga.ask(ASK_TO_VERIFY, json!({})).await;
    let code = json!({ "code": mailed_code(app, smtp).await });
    let reset = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { ... on SignedIn { sessionId } } }";
    let new = json!({ "input": { "code": reset_code, "password": "a better horse battery" } });
    let verify = "mutation($code: String!) { verifyEmail(input: { code: $code }) { accepted } }";
    let used_up = || Again::Refused("UNAUTHENTICATED");
    let complete = "mutation($input: CompleteSingleSignOnInput!) { completeSingleSignOn(input: $input) { \
        ... on SignedIn { sessionId } } }";
    let unlink = "mutation($id: ID!) { removeSignInLink(input: { linkId: $id }) { removed } }";
    let from_there = async |liar: &Liar, key: &str| {
        let code = liar.hand_over(app, key, email).await;
        json!({ "input": { "code": code, "codeVerifier": VERIFIER } })
    };
    for (liar, key) in [(town, "town"), (university, "university")] {
        app.anonymous().ask(complete, from_there(liar, key).await).await;
    }
    let links = olga.ask("{ me { signInLinks { id } } }", json!({})).await["me"]["signInLinks"].clone();
    let link = |place: usize| json!({ "id": links[place]["id"] });
    let completing = from_there(town, "town").await;
    vec![
        by_secret("completeSingleSignOn", app.anonymous(), complete, completing, used_up()),
        whole("removeSignInLink", olga.clone(), unlink, link(0), link(1)),
        by_secret("requestPasswordReset", app.anonymous(), FORGOTTEN, forgotten, Again::Same),
        without_payload("requestEmailVerification", olga, ASK_TO_VERIFY),
        by_secret("verifyEmail", app.anonymous(), verify, code, used_up()),
        by_secret("resetPassword", app.anonymous(), reset, new, used_up()),
    ]
}

/// Sends due mail; returns the code in the last mail.
async fn mailed_code(app: &TestApp, smtp: &Smtp) -> String {
    app.run_jobs_of(SEND_MAIL).await;
    let mails = smtp.mails();
    let mail = mails.last().expect("a mail").replace("=\r\n", "").replace("=3D", "=");
    let code = mail.split_whitespace().find(|word| word.starts_with("hubnet_code_"));
    code.expect("a code").to_owned()
}

/// A member with an account.
struct Person {
    id: String,
    email: String,
    tokens: Json,
}

impl Person {
    async fn signed_up(fixture: &Fixture, name: &str) -> Self {
        let member = fixture.app.member(&fixture.hub, name).await;
        let input = json!({ "input": { "memberId": member.id, "email": member.email, "language": "cs" } });
        let invited =
            fixture.app.administrator(&fixture.hub).ask(INVITE_MEMBER, input).await["inviteMember"].clone();
        let tokens = fixture.app.accept(&invited, PASSWORD).await;
        Self { id: word(&invited["personId"]).to_owned(), email: member.email, tokens }
    }
}

async fn device(app: &TestApp, hub: &TestHub) -> String {
    let devices = "query($id: ID!) { hub(id: $id) { devices { id } } }";
    let seen = app.system().ask(devices, json!({ "id": hub.id })).await;
    word(&seen["hub"]["devices"][0]["id"]).to_owned()
}

fn credentials(email: &str) -> Json {
    json!({ "input": { "email": email, "password": PASSWORD } })
}

fn to_staff(email: &str, role: &str, hub: &TestHub) -> Json {
    let mut input = place(role, hub);
    input["email"] = email.into();
    input["language"] = "en".into();
    json!({ "input": input })
}

fn to_role(person: &str, role: &str, hub: &TestHub) -> Json {
    let mut input = place(role, hub);
    input["personId"] = person.into();
    json!({ "input": input })
}

fn place(role: &str, hub: &TestHub) -> Json {
    if matches!(role, "OPERATOR" | "ADMINISTRATOR") {
        json!({ "role": role, "hubId": hub.id })
    } else {
        json!({ "role": role, "networkId": hub.network })
    }
}

fn word(value: &Json) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Its outcome is a secret that is not stored: a repetition is refused.
fn shown_once(
    mutation: &'static str,
    client: Client,
    document: &'static str,
    variables: Json,
    other: Json,
) -> Proof {
    Proof { again: Again::Refused("CONFLICT"), ..whole(mutation, client, document, variables, other) }
}

/// Its input shows whether it was done before; its key has no effect.
fn by_secret(
    mutation: &'static str,
    client: Client,
    document: &'static str,
    variables: Json,
    again: Again,
) -> Proof {
    let proof = whole(mutation, client, document, variables, json!({}));
    Proof { again, refusal: Refusal::NoPayload, ..proof }
}

fn without_payload(mutation: &'static str, client: Client, document: &'static str) -> Proof {
    Proof { refusal: Refusal::NoPayload, ..whole(mutation, client, document, json!({}), json!({})) }
}
