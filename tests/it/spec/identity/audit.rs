//! The audit log of identity: sign-ins, refusals, and grants of roles.

use std::time::Duration;

use kernel::{Caller, Grant, Id, NetworkId, PersonId, Place, Role};
use platform_db::{Reach, verify_audit};
use platform_module::Module as _;
use testkit::{Json, json};

use super::cast::{Cast, GRANT, PASSWORD, REINSTATE, REVOKE, SUSPEND, to_role, word};

const HUB_LOG: &str = "query($id: ID!, $action: String) { hub(id: $id) { auditLog { identity(first: 100, action: $action) { \
    edges { node { actor roles action object detail } } } } } }";
const NETWORK_LOG: &str =
    "query($id: ID!) { network(id: $id) { auditLog { identity { edges { node { action object } } } } } }";

impl Cast {
    /// Returns the hub's log, oldest audit event first.
    pub(super) async fn log(&self, action: Option<&str>) -> Vec<Json> {
        let variables = json!({ "id": self.hub.id, "action": action });
        let seen = self.app.staff(Role::Administrator, &self.hub).ask(HUB_LOG, variables).await;
        let edges = seen["hub"]["auditLog"]["identity"]["edges"].as_array().expect("edges").clone();
        edges.into_iter().rev().map(|edge| edge["node"].clone()).collect()
    }

    /// Waits for an entry: a refusal is logged concurrently with its response.
    async fn wait_for(&self, action: &str) {
        for _try in 0..200 {
            if !self.log(Some(action)).await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{action} is not in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_refusals_and_role_changes_are_audited() {
    let cast = Cast::new().await;
    let app = &cast.app;
    let (_, eva) = cast.member("Eva").await;
    assert_eq!(app.cannot_sign_in(&eva.email, "a wrong password").await, "UNAUTHENTICATED");
    assert_eq!(app.cannot_sign_in("nobody@example.org", PASSWORD).await, "UNAUTHENTICATED");
    cast.wait_for("person.sign_in_refused").await;
    app.sign_in(&eva.email, PASSWORD).await;
    let client = cast.client(&eva);
    let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { ... on SignedIn { sessionId } } }";
    let passwords = json!({ "input": { "present": PASSWORD, "new": "a better horse battery" } });
    client.ask(change, passwords).await;
    client.ask("mutation { signOutEverywhere { signedOut } }", json!({})).await;
    let granted = app.system().ask(GRANT, to_role(&eva.person, "OPERATOR", &cast.hub)).await;
    for _twice in 0..2 {
        app.system().ask(REVOKE, json!({ "id": granted["grantRole"]["role"]["id"] })).await;
        app.system().ask(SUSPEND, json!({ "id": eva.person })).await;
    }
    app.system().ask(REINSTATE, json!({ "id": eva.person })).await;
    let issue = "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { secret apiKey { id } } }";
    let input =
        json!({ "input": { "hubId": cast.hub.id, "name": "Accounting", "scopes": ["READ_MEMBERS"] } });
    let key = app.system().ask(issue, input).await["issueApiKey"].clone();
    let revoke = "mutation($id: ID!) { revokeApiKey(input: { keyId: $id }) { apiKey { id } } }";
    app.system().ask(revoke, json!({ "id": key["apiKey"]["id"] })).await;

    let log = cast.log(None).await;
    let actions: Vec<&str> = log.iter().map(|audit_event| word(&audit_event["action"])).collect();
    let expected = [
        "person.invited",
        "invitation.accepted",
        "person.sign_in_refused",
        "person.signed_in",
        "password.changed",
        "person.signed_out_everywhere",
        "role.granted",
        "role.revoked",
        "person.suspended",
        "person.reinstated",
        "api_key.issued",
        "api_key.revoked",
    ];
    assert_eq!(actions, expected, "a repetition makes no audit event");
    assert!(log[1..6].iter().all(|audit_event| audit_event["object"] == eva.person.as_str()), "{log:?}");
    assert_eq!((word(&log[2]["actor"]), word(&log[4]["actor"])), ("anonymous", eva.person.as_str()));
    let text = json!(log).to_string();
    for secret in [PASSWORD, &eva.email, word(&key["secret"]), "Eva", "Accounting"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_identity_is_read_by_administrators_only_and_can_be_verified() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let (eva, _) = cast.member("Eva").await;
    let variables = json!({ "id": cast.hub.id });
    for (client, code) in [
        (cast.app.anonymous(), "UNAUTHENTICATED"),
        (cast.app.as_member(&eva), "FORBIDDEN"),
        (cast.app.operator(&cast.hub), "FORBIDDEN"),
        (cast.app.staff(Role::Administrator, &other), "NOT_FOUND"),
    ] {
        assert_eq!(client.refused(HUB_LOG, variables.clone()).await, code);
    }
    cast.app
        .system()
        .ask(super::cast::INVITE_STAFF, super::cast::to_staff("c@example.org", "COORDINATOR", &cast.hub))
        .await;
    let network: NetworkId = cast.network.id.parse().expect("an id");
    let administrator = cast.app.client(Caller::Person {
        person: PersonId::generate(cast.app.services().world()),
        network,
        member: None,
        grants: vec![Grant { role: Role::NetworkAdministrator, at: Place::Network(network) }],
    });
    let seen = administrator.ask(NETWORK_LOG, json!({ "id": cast.network.id })).await;
    let edges = seen["network"]["auditLog"]["identity"]["edges"].as_array().expect("edges").clone();
    let actions: Vec<&str> = edges.iter().map(|edge| word(&edge["node"]["action"])).collect();
    assert_eq!(actions, ["person.invited", "role.granted"]);
    let db = cast.app.services().identity().expect("identity runs here").db();
    let tx = db.read(Reach::Network(network)).await.expect("a transaction");
    let verified = verify_audit(&tx, network, None, &[]).await.expect("verified");
    assert_eq!(verified.broken, []);
    assert_eq!(verified.heads.len(), 2, "a chain of the hub, and one of the network");
    cast.app.drain().await;
}
