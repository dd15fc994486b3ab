//! Devices with secrets and programs with keys: exchanged for short access tokens, narrow in scope, revoked at once.

use server::SignIn;
use testkit::{Client, Json, json};

use super::cast::{Cast, GRANT, SUSPEND, to_role, word};

const DEVICES: &str = "query($id: ID!) { hub(id: $id) { devices { id code } } }";
pub(super) const ISSUE_DEVICE: &str = "mutation($input: IssueDeviceSecretInput!) { issueDeviceSecret(input: $input) { \
    secret deviceSecret { id deviceId capability usedAt } } }";
pub(super) const REVOKE_DEVICE: &str = "mutation($hub: ID!, $device: ID!) { revokeDevice(input: { hubId: $hub, deviceId: $device }) { deviceId } }";
const DEVICE_SECRETS: &str = "query($id: ID!) { hub(id: $id) { deviceSecrets { deviceId usedAt } } }";
const ISSUE_KEY: &str = "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { \
    secret apiKey { id name scopes expiresAt usedAt hub { slug } } } }";
const REVOKE_KEY: &str =
    "mutation($id: ID!) { revokeApiKey(input: { keyId: $id }) { apiKey { revokedAt } } }";
const KEYS: &str = "query($id: ID!) { hub(id: $id) { apiKeys { id name usedAt } } }";
const EXCHANGE: &str =
    "mutation($secret: String!) { exchangeSecret(input: { secret: $secret }) { accessToken expiresAt } }";
const MEMBERS: &str = "query($id: ID!) { hub(id: $id) { members(first: 5) { nodes { name } } } }";
const CHECK_IN: &str = "mutation($input: TouchInput!) { checkIn(input: $input) { __typename } }";

impl Cast {
    async fn administrator(&self) -> Client {
        self.client(&self.staff("adam", "ADMINISTRATOR").await)
    }

    pub(super) async fn reader(&self) -> String {
        let hub = self.app.system().ask(DEVICES, json!({ "id": self.hub.id })).await;
        word(&hub["hub"]["devices"][0]["id"]).to_owned()
    }

    pub(super) async fn exchanged(&self, secret: &Json) -> String {
        let exchanged = self.app.anonymous().ask(EXCHANGE, json!({ "secret": secret })).await;
        word(&exchanged["exchangeSecret"]["accessToken"]).to_owned()
    }

    async fn not_exchanged(&self, secret: &str) -> String {
        self.app.anonymous().refused(EXCHANGE, json!({ "secret": secret })).await
    }
}

pub(super) fn for_device(cast: &Cast, device: &str) -> Json {
    json!({ "input": { "hubId": cast.hub.id, "deviceId": device } })
}

fn for_program(cast: &Cast, scopes: &[&str]) -> Json {
    json!({ "input": { "hubId": cast.hub.id, "name": "Accounting", "scopes": scopes } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_a_secret_checks_people_in_at_its_hub_and_does_nothing_else() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let member = cast.app.member(&cast.hub, "Eva").await;
    let (administrator, reader) = (cast.administrator().await, cast.reader().await);
    let issued =
        administrator.ask(ISSUE_DEVICE, for_device(&cast, &reader)).await["issueDeviceSecret"].clone();
    assert_eq!(issued["deviceSecret"]["capability"], "RECORD_PRESENCE");
    let device = cast.app.with_token(&cast.exchanged(&issued["secret"]).await);
    let me = device.ask("{ me { id roles { role } sessions { id } } }", json!({})).await;
    assert_eq!(me["me"], json!({ "id": reader, "roles": [], "sessions": [] }));
    let touch = |hub: &str| json!({ "input": { "hubId": hub, "chip": member.chip } });
    assert_eq!(device.ask(CHECK_IN, touch(&cast.hub.id)).await["checkIn"]["__typename"], "CheckedIn");
    assert_eq!(device.refused(CHECK_IN, touch(&other.id)).await, "NOT_FOUND");
    assert_eq!(device.refused(MEMBERS, json!({ "id": cast.hub.id })).await, "FORBIDDEN");
    assert_eq!(device.refused(ISSUE_DEVICE, for_device(&cast, &reader)).await, "FORBIDDEN");
    let listed = administrator.ask(DEVICE_SECRETS, json!({ "id": cast.hub.id })).await;
    assert!(listed["hub"]["deviceSecrets"][0]["usedAt"].is_string(), "{listed}");
    cast.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_ends_the_old_one_and_a_revoked_device_is_out_at_once() {
    let cast = Cast::new().await;
    let (administrator, reader) = (cast.administrator().await, cast.reader().await);
    let mut secrets = Vec::new();
    let mut tokens = Vec::new();
    for _first_and_second in 0..2 {
        cast.later(1).await;
        let issued = administrator.ask(ISSUE_DEVICE, for_device(&cast, &reader)).await;
        let secret = issued["issueDeviceSecret"]["secret"].clone();
        cast.later(1).await;
        tokens.push(cast.exchanged(&secret).await);
        secrets.push(word(&secret).to_owned());
    }
    assert_eq!(cast.app.turned_away(&tokens[0]), "UNAUTHENTICATED");
    assert_eq!(cast.not_exchanged(&secrets[0]).await, "UNAUTHENTICATED");
    cast.app.with_token(&tokens[1]);
    administrator.ask(REVOKE_DEVICE, json!({ "hub": cast.hub.id, "device": reader })).await;
    assert_eq!(cast.app.turned_away(&tokens[1]), "UNAUTHENTICATED");
    assert_eq!(cast.not_exchanged(&secrets[1]).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_on_the_servers_machine_stays_revoked_for_as_long_as_it_lives() {
    let cast = Cast::new().await;
    let (administrator, reader) = (cast.administrator().await, cast.reader().await);
    let hub = cast.hub.id.parse().expect("an id");
    let token = SignIn::Device(hub, "reception".into()).token(cast.app.services()).await.expect("a token");
    administrator.ask(ISSUE_DEVICE, for_device(&cast, &reader)).await;
    cast.app.pass_minutes(1);
    administrator.ask(REVOKE_DEVICE, json!({ "hub": cast.hub.id, "device": reader })).await;
    cast.app.pass_minutes(11 * 60);
    cast.app.services().load_revocations().await.expect("the revocations are loaded");
    assert_eq!(cast.app.turned_away(&token), "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_manager_of_a_hubs_devices_gives_them_secrets() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let (reader, eva) = (cast.reader().await, cast.app.member(&cast.hub, "Eva").await);
    for (client, code) in [
        (cast.app.anonymous(), "UNAUTHENTICATED"),
        (cast.app.as_member(&eva), "FORBIDDEN"),
        (cast.app.operator(&cast.hub), "FORBIDDEN"),
        (cast.app.operator(&other), "NOT_FOUND"),
        (cast.app.coordinator(&cast.network), "FORBIDDEN"),
    ] {
        assert_eq!(client.refused(ISSUE_DEVICE, for_device(&cast, &reader)).await, code);
    }
    let foreign = json!({ "input": { "hubId": other.id, "deviceId": reader } });
    let elsewhere = cast.client(&cast.staff_at("franz", "ADMINISTRATOR", &other).await);
    assert_eq!(elsewhere.refused(ISSUE_DEVICE, foreign).await, "NOT_FOUND", "another hub's device");
    let mut too_much = for_device(&cast, &reader);
    too_much["input"]["capability"] = "MANAGE_MEMBERS".into();
    assert_eq!(cast.administrator().await.refused(ISSUE_DEVICE, too_much).await, "INVALID_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_programs_key_grants_only_its_scopes_at_its_hub() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    cast.app.member(&cast.hub, "Eva").await;
    let administrator = cast.administrator().await;
    let issued =
        administrator.ask(ISSUE_KEY, for_program(&cast, &["READ_MEMBERS"])).await["issueApiKey"].clone();
    assert_eq!(issued["apiKey"]["scopes"], json!(["READ_MEMBERS"]));
    let program = cast.app.with_token(&cast.exchanged(&issued["secret"]).await);
    let seen = program.ask(MEMBERS, json!({ "id": cast.hub.id })).await;
    assert_eq!(seen["hub"]["members"]["nodes"], json!([{ "name": "Eva" }]));
    assert_eq!(program.refused(MEMBERS, json!({ "id": other.id })).await, "NOT_FOUND");
    let tariff =
        "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { version } } }";
    let input = json!({ "input": { "hubId": cast.hub.id, "name": "Guests", "pricePerHour": "60", "billingStepSeconds": 60 } });
    assert_eq!(program.refused(tariff, input).await, "FORBIDDEN");
    let listed = administrator.ask(KEYS, json!({ "id": cast.hub.id })).await["hub"]["apiKeys"].clone();
    assert!(listed[0]["usedAt"].is_string() && listed[0]["name"] == "Accounting", "{listed}");

    administrator.ask(REVOKE_KEY, json!({ "id": issued["apiKey"]["id"] })).await;
    assert_eq!(cast.not_exchanged(word(&issued["secret"])).await, "UNAUTHENTICATED");
    let gone = administrator.ask(KEYS, json!({ "id": cast.hub.id })).await["hub"]["apiKeys"].clone();
    assert_eq!(gone, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_keys_tokens_end_at_once_and_an_expired_keys_with_it() {
    let cast = Cast::new().await;
    let administrator = cast.administrator().await;
    let issued =
        administrator.ask(ISSUE_KEY, for_program(&cast, &["READ_INDICATORS"])).await["issueApiKey"].clone();
    let token = cast.exchanged(&issued["secret"]).await;
    cast.app.with_token(&token);
    administrator.ask(REVOKE_KEY, json!({ "id": issued["apiKey"]["id"] })).await;
    assert_eq!(cast.app.turned_away(&token), "UNAUTHENTICATED");

    let mut brief = for_program(&cast, &["READ_INDICATORS"]);
    brief["input"]["expiresAt"] = "2026-11-02T12:10:00Z".into();
    let issued = administrator.ask(ISSUE_KEY, brief).await["issueApiKey"].clone();
    let token = cast.exchanged(&issued["secret"]).await;
    cast.later(10).await;
    assert_eq!(cast.app.turned_away(&token), "UNAUTHENTICATED");
    assert_eq!(cast.not_exchanged(word(&issued["secret"])).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_a_key_more_rights_than_they_hold_and_no_key_grants_roles() {
    let cast = Cast::new().await;
    let administrator = cast.administrator().await;
    for (scopes, code) in [
        (vec!["READ_NETWORK_INDICATORS"], "FORBIDDEN"),
        (vec!["READ_MEMBERS", "CLOSE_SETTLEMENT"], "FORBIDDEN"),
        (vec!["MANAGE_ROLES"], "INVALID_INPUT"),
        (vec!["MANAGE_API_KEYS"], "INVALID_INPUT"),
        (vec!["SUSPEND_PERSONS"], "INVALID_INPUT"),
        (vec!["ONBOARD_HUB"], "INVALID_INPUT"),
        (vec![], "INVALID_INPUT"),
    ] {
        assert_eq!(administrator.refused(ISSUE_KEY, for_program(&cast, &scopes)).await, code, "{scopes:?}");
    }
    let mut wide = for_program(&cast, &["READ_MEMBERS"]);
    wide["input"].as_object_mut().expect("an object").remove("hubId");
    assert_eq!(administrator.refused(ISSUE_KEY, wide).await, "FORBIDDEN", "in the whole network");
    let operator = cast.app.operator(&cast.hub);
    assert_eq!(operator.refused(ISSUE_KEY, for_program(&cast, &["READ_MEMBERS"])).await, "FORBIDDEN");

    let issued = administrator.ask(ISSUE_KEY, for_program(&cast, &["MANAGE_MEMBERS"])).await;
    let program = cast.app.with_token(&cast.exchanged(&issued["issueApiKey"]["secret"]).await);
    let (_, eva) = cast.member("Eva").await;
    assert_eq!(program.refused(GRANT, to_role(&eva.person, "OPERATOR", &cast.hub)).await, "FORBIDDEN");
    assert_eq!(program.refused(SUSPEND, json!({ "id": eva.person })).await, "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_different_kinds_are_not_interchangeable_and_none_is_a_token() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let administrator = cast.administrator().await;
    let issued = administrator.ask(ISSUE_KEY, for_program(&cast, &["READ_MEMBERS"])).await;
    let key = word(&issued["issueApiKey"]["secret"]).to_owned();
    let mut forged = key.clone();
    forged.replace_range(forged.len() - 4.., "AAAA");
    for secret in
        ["", "x", "hubnet_key_", &forged, &key.replace("_key_", "_device_"), eva.refresh(), eva.access()]
    {
        assert_eq!(cast.not_exchanged(secret).await, "UNAUTHENTICATED", "{secret:?}");
    }
    for secret in [key.as_str(), eva.refresh()] {
        assert_eq!(cast.app.turned_away(secret), "UNAUTHENTICATED");
    }
    assert_eq!(cast.not_refreshed(&key).await, "UNAUTHENTICATED");
}
