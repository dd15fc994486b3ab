//! `hubnet invite` and `hubnet keys`, and their effect on a running server.

use std::{os::unix::fs::PermissionsExt, time::Duration};

use testkit::{Json, json};

use crate::{support::installation::Installation, support::remote::Remote};

const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { \
    accessToken refreshToken } }";
const REFRESH: &str = "mutation($token: String!) { refreshSession(input: { refreshToken: $token }) { accessToken refreshToken } }";
const PASSWORD: &str = "correct horse battery";

fn word(value: &Json) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_gets_its_first_administrator_from_the_servers_own_machine() {
    let installation = Installation::embedded();
    installation.onboard();
    let server = installation.launch().start().expect("hubnet serves");
    let anonymous = Remote::anonymous(&server.url());
    let invite = ["invite", "--role", "network-administrator", "--email", "nora@example.org"];
    let code = installation.succeed(&invite).trim().to_owned();
    let accept = json!({ "input": { "code": code, "password": PASSWORD } });
    let tokens = anonymous.ask(ACCEPT, accept).await["acceptInvitation"].clone();
    let nora = anonymous.with_token(&word(&tokens["accessToken"]));
    let me = nora.ask("{ me { roles { role network { slug } } } }", json!({})).await;
    let roles = json!([{ "role": "NETWORK_ADMINISTRATOR", "network": { "slug": "central" } }]);
    assert_eq!(me["me"]["roles"], roles);

    let operator = ["invite", "--role", "operator", "--email", "olga@example.org"];
    assert_eq!(installation.run(&operator).code, Some(65), "an operator is one of a hub");
    let code = installation.succeed(&[&operator[..], &["--hub", "humpolec"]].concat());
    assert!(code.trim().starts_with("hubnet_code_"), "{code}");
    let nowhere = installation.run(&[&operator[..], &["--hub", "nowhere"]].concat());
    assert_eq!(nowhere.code, Some(65), "{nowhere:?}");

    // A sign-out ends access over HTTP too.
    nora.ask("mutation { signOut { signedOut } }", json!({})).await;
    let after = nora.response("{ me { id } }", json!({})).await;
    assert_eq!(after["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_shows_its_public_keys_and_follows_a_rotation() {
    let installation = Installation::embedded();
    installation.onboard();
    let server = installation.launch().start().expect("hubnet serves");
    let keys = async || -> Vec<String> {
        let answer =
            reqwest::get(format!("{}/.well-known/jwks.json", server.url())).await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], "application/jwk-set+json");
        let jwks: Json = answer.json().await.expect("JSON");
        let keys = jwks["keys"].as_array().expect("keys").clone();
        for key in &keys {
            assert_eq!(
                (&key["kty"], &key["crv"], &key["alg"]),
                (&json!("OKP"), &json!("Ed25519"), &json!("EdDSA"))
            );
            assert!(key.get("d").is_none(), "the private half is nobody's");
        }
        keys.iter().map(|key| word(&key["kid"])).collect()
    };
    let first = keys().await;
    let new = installation.succeed(&["keys", "rotate"]);
    let new = new.split_whitespace().next().expect("a name").to_owned();
    let listed = installation.succeed(&["keys", "list"]);
    assert!(listed.contains(&new) && listed.contains(&first[0]), "{listed}");
    assert_eq!(installation.run(&["keys", "rotate"]).code, Some(65), "two live already");
    assert_eq!(installation.run(&["keys", "retire", &first[0]]).code, Some(65), "the old one still signs");
    assert_eq!(installation.run(&["keys", "retire", "nobody"]).code, Some(65));
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while keys().await != [first[0].clone(), new.clone()] {
        assert!(std::time::Instant::now() < deadline, "the server does not show the new key");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for file in std::fs::read_dir(installation.folder().join("keys")).expect("the folder of keys") {
        let file = file.expect("a file");
        assert_eq!(file.metadata().expect("facts").permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_after_the_server_was_killed_and_nothing_secret_is_logged() {
    let installation = Installation::embedded();
    installation.onboard();
    let all = ("HUBNET__TELEMETRY__LOG".to_owned(), "trace".to_owned());
    let server = installation.launch().settings([all]).start().expect("hubnet serves");
    let anonymous = Remote::anonymous(&server.url());
    let code = installation.succeed(&["invite", "--role", "coordinator", "--email", "cyril@example.org"]);
    let accept = json!({ "input": { "code": code.trim(), "password": PASSWORD } });
    let tokens = anonymous.ask(ACCEPT, accept).await["acceptInvitation"].clone();
    server.kill().expect("killed");
    server.restart().expect("started again");
    let fresh =
        anonymous.ask(REFRESH, json!({ "token": tokens["refreshToken"] })).await["refreshSession"].clone();
    anonymous.with_token(&word(&fresh["accessToken"])).ask("{ me { id } }", json!({})).await;

    let mut logged = String::new();
    for file in std::fs::read_dir(server.folder()).expect("the process's folder").flatten() {
        logged += &std::fs::read_to_string(file.path()).unwrap_or_default();
    }
    assert!(logged.contains("TRACE"), "this test looks at the log");
    for secret in [PASSWORD, code.trim(), &word(&tokens["accessToken"]), &word(&fresh["refreshToken"])] {
        assert!(!logged.contains(secret), "the log holds a secret");
    }
}
