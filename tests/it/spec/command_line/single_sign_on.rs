//! Single sign-on for operators: a faulty provider is reported before anything is opened, and the doctor checks every
//! provider.

use private_servers::free_port;
use testkit::json;

use super::starting::assert_refused;
use crate::{
    spec::identity::single_sign_on::Liar,
    support::installation::{Installation, ended},
};

fn section(changes: &[(&str, &str)], issuer: &str) -> String {
    let usual = [
        ("key", "\"town\""),
        ("name", "\"Town hall\""),
        ("network", "\"central\""),
        ("issuer", issuer),
        ("client_id", "\"hubnet\""),
        ("client_secret", "\"kept by the town hall\""),
        ("return_to", "[\"https://app.example.org/signed-in\"]"),
    ];
    let usual = usual.iter().filter(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    let lines = usual.chain(changes).filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> = lines.map(|(key, value)| format!("{key} = {value}")).collect();
    format!("[[identity.single_sign_on]]\n{}\n", lines.join("\n"))
}

const PUBLIC: &str = "identity.public_url = \"https://hubnet.example.org\"\n";
const ISSUER: &str = "\"https://id.example.org\"";

#[test]
fn a_provider_that_makes_no_sense_is_refused_before_anything_is_opened() {
    let installation = Installation::embedded();
    let with = |changes: &[(&str, &str)]| format!("{PUBLIC}{}", section(changes, ISSUER));
    let twice = format!("{}{}", with(&[]), section(&[], ISSUER));
    for (config, words) in [
        (section(&[], ISSUER), vec!["identity.public_url"]),
        (with(&[("issuer", "\"http://id.example.org\"")]), vec!["town", "issuer", "https"]),
        (with(&[("return_to", "[\"http://app.example.org/\"]")]), vec!["town", "return_to", "https"]),
        (with(&[("return_to", "[]")]), vec!["town", "return_to"]),
        (with(&[("key", "\"Town Hall\"")]), vec!["Town Hall", "key"]),
        (with(&[("client_secret_file", "\"/secret\"")]), vec!["town", "client_secret", "client_secret_file"]),
        (
            with(&[("client_secret", ""), ("client_secret_file", "\"/no/such/file\"")]),
            vec!["client_secret", "/no/such/file"],
        ),
        (with(&[("network", "\"\"")]), vec!["town", "network"]),
        (with(&[("name", "")]), vec!["name"]),
        (with(&[("secret", "\"x\"")]), vec!["secret"]),
        (twice, vec!["two providers", "town"]),
        (with(&[]).replace("https://hubnet", "http://hubnet"), vec!["identity.public_url", "https"]),
    ] {
        let file = installation.file("hubnet.toml", &config);
        let refused = installation.run(&["--config", &file, "serve"]);
        assert_refused(&refused, 78, &words);
        assert!(!refused.complained.contains("kept by"), "{refused:?}");
        assert!(!installation.folder().join("hubnet.db").exists(), "nothing is made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_checks_every_provider_and_reports_its_fault() {
    let installation = Installation::embedded();
    installation.onboard();
    let liar = Liar::start().await;
    let issuer = format!("\"{}\"", liar.issuer());
    let elsewhere = [("key", "\"elsewhere\""), ("network", "\"nowhere\"")];
    let away = format!("\"http://127.0.0.1:{}\"", free_port().expect("a port"));
    let secret = installation.file("town.secret", " kept by the town hall\n");
    let secret = format!("\"{secret}\"");
    let in_a_file = [("client_secret", ""), ("client_secret_file", secret.as_str())];
    let of_town = format!("{PUBLIC}{}", section(&in_a_file, &issuer));
    let doctor = |config: &str| {
        let file = installation.file("hubnet.toml", config);
        ended(&mut installation.command(&["--config", &file, "doctor"]))
    };
    let well = doctor(&of_town);
    assert_eq!(well.code, Some(0), "{well:?}");
    assert!(well.printed.contains("ok     provider town: answers, with PKCE"), "{well:?}");
    let others = section(&elsewhere, &issuer) + &section(&[("key", "\"away\"")], &away);
    let sick = doctor(&format!("{of_town}{others}"));
    assert_eq!(sick.code, Some(69), "{sick:?}");
    assert!(sick.printed.contains("WRONG  provider elsewhere: there is no network \"nowhere\""), "{sick:?}");
    assert!(sick.printed.contains("WRONG  provider away: "), "{sick:?}");
    let whole = liar.discovery();
    for (key, lie, words) in [
        ("issuer", json!("https://elsewhere.example"), "https://elsewhere.example"),
        ("response_types_supported", json!(["id_token"]), "authorization code flow"),
        ("code_challenge_methods_supported", json!(["plain"]), "PKCE with S256"),
    ] {
        let mut discovery = whole.clone();
        discovery[key] = lie;
        liar.publishes(&discovery);
        let sick = doctor(&of_town);
        assert!(
            sick.printed.contains("WRONG  provider town: ") && sick.printed.contains(words),
            "{key}: {sick:?}"
        );
    }
}
