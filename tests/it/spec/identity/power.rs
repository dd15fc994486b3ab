//! Nobody gains power over a person by giving them something (R18), and a grant is worth no more than the current
//! rights of its giver (R19). Each test is an attack that succeeded once, or a variant of one.

use kernel::Role;
use testkit::{Client, Json, TestMember, json};

use super::cast::{
    ACCEPT, Account, Cast, GRANT, INVITE_MEMBER, INVITE_STAFF, ME, PASSWORD, REINSTATE, REVOKE, SUSPEND,
    to_member, to_role, to_staff, word,
};

const REMOVE_FACTOR: &str =
    "mutation($id: ID!) { removeLostSecondFactor(input: { personId: $id }) { status } }";
const OFFERED: &str = "{ me { offeredRoles { id role hub { slug } expiresAt } } }";
const ACCEPT_ROLE: &str =
    "mutation($id: ID!) { acceptRole(input: { assignmentId: $id }) { role { isAccepted personId } } }";
const DECLINE_ROLE: &str =
    "mutation($id: ID!) { declineRole(input: { assignmentId: $id }) { role { revokedAt } } }";
const ROLES: &str = "query($id: ID!) { hub(id: $id) { roles { id role email personId isAccepted } } }";
const ERASE: &str = "mutation($id: ID!) { eraseMember(input: { memberId: $id }) { erasedAt } }";
const ISSUE_KEY: &str = "mutation($input: IssueApiKeyInput!) { issueApiKey(input: $input) { \
    secret apiKey { id } } }";
const ISSUE_DEVICE: &str =
    "mutation($input: IssueDeviceSecretInput!) { issueDeviceSecret(input: $input) { secret } }";
const EXCHANGE: &str =
    "mutation($secret: String!) { exchangeSecret(input: { secret: $secret }) { accessToken } }";

impl Cast {
    /// Returns the codes with which every action that needs power over an account is refused.
    async fn refused_power(&self, client: &Client, whom: &Account) -> Vec<String> {
        let mut codes = Vec::new();
        for mutation in [SUSPEND, REINSTATE, REMOVE_FACTOR] {
            codes.push(client.refused(mutation, json!({ "id": whom.person })).await);
        }
        codes
    }

    /// Returns the id of the only role that is offered to a person.
    async fn offer_to(&self, account: &Account) -> Json {
        let offered = self.client(account).ask(OFFERED, json!({})).await["me"]["offeredRoles"].clone();
        assert_eq!(offered.as_array().map(Vec::len), Some(1), "{offered}");
        offered[0]["id"].clone()
    }

    async fn key_of(&self, giver: &Account, scopes: &[&str]) -> Json {
        let input = json!({ "input": { "hubId": self.hub.id, "name": "Accounting", "scopes": scopes } });
        self.client(giver).ask(ISSUE_KEY, input).await["issueApiKey"]["secret"].clone()
    }

    async fn device_of(&self, giver: &Account) -> Json {
        let input = json!({ "input": { "hubId": self.hub.id, "deviceId": self.reader().await } });
        self.client(giver).ask(ISSUE_DEVICE, input).await["issueDeviceSecret"]["secret"].clone()
    }

    async fn is_exchanged(&self, secret: &Json) -> bool {
        let answer = self.app.anonymous().response(EXCHANGE, json!({ "secret": secret })).await;
        answer["errors"].is_null()
    }
}

/// R18: the attack that succeeded was to invite anybody as one's operator, and then to suspend them.
#[tokio::test(flavor = "multi_thread")]
async fn offering_somebody_a_role_gives_no_power_over_them() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let (_, eva) = cast.member("Eva").await;
    let foreign = cast.client(&cast.staff_at("franz", "ADMINISTRATOR", &other).await);
    let invited = foreign.ask(INVITE_STAFF, to_staff(&eva.email, "OPERATOR", &other)).await;
    assert_eq!(invited["inviteStaff"]["personId"], Json::Null, "an address does not lead to a stranger");
    foreign.ask(GRANT, to_role(&eva.person, "ADMINISTRATOR", &other)).await;
    assert_eq!(cast.refused_power(&foreign, &eva).await, ["NOT_FOUND"; 3], "by an offer");
    let seen = foreign.ask(ROLES, json!({ "id": other.id })).await["hub"]["roles"].clone();
    let shown = |role: &str| {
        let all = seen.as_array().expect("roles").iter();
        let found = all.filter(|it| it["role"] == role && it["isAccepted"] == false).collect::<Vec<_>>();
        (found[0]["email"].clone(), found[0]["personId"].clone())
    };
    assert_eq!(shown("OPERATOR"), (json!(eva.email), Json::Null));
    assert_eq!(shown("ADMINISTRATOR"), (Json::Null, json!(eva.person)));

    // Her session is unaffected, and her own hub's administrator has power over her as before.
    cast.client(&eva).ask(ME, json!({})).await;
    cast.later(1).await;
    let fresh = cast.app.accept_roles(&eva.tokens).await;
    assert!(fresh["accessToken"].is_string());
    assert_eq!(cast.refused_power(&foreign, &eva).await, ["NOT_FOUND"; 3], "nor once she works there");
    let adam = cast.client(&cast.staff("adam", "ADMINISTRATOR").await);
    assert_eq!(cast.refused_power(&adam, &eva).await, ["NOT_FOUND"; 3], "she is more than a member here now");
    let nora = cast.client(&cast.staff("nora", "NETWORK_ADMINISTRATOR").await);
    nora.ask(SUSPEND, json!({ "id": eva.person })).await;
    assert_eq!(cast.refused_power(&adam, &eva).await, ["NOT_FOUND"; 3], "and he does not let her in again");
}

/// R18: an offer has no effect against those who have power over the person, either.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_of_a_role_protects_nobody_from_those_who_rule_them() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let nora = cast.client(&cast.staff("nora", "NETWORK_ADMINISTRATOR").await);
    nora.ask(GRANT, to_role(&eva.person, "NETWORK_ADMINISTRATOR", &cast.hub)).await;
    let adam = cast.client(&cast.staff("adam", "ADMINISTRATOR").await);
    let suspended = adam.ask(SUSPEND, json!({ "id": eva.person })).await;
    assert_eq!(suspended["suspendPerson"]["status"], "SUSPENDED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_offer_is_gone_and_only_the_person_it_was_made_to_declines_it() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let (_, jan) = cast.member("Jan").await;
    cast.app.system().ask(GRANT, to_role(&eva.person, "OPERATOR", &cast.hub)).await;
    let offer = json!({ "id": cast.offer_to(&eva).await });
    for mutation in [ACCEPT_ROLE, DECLINE_ROLE] {
        assert_eq!(cast.client(&jan).refused(mutation, offer.clone()).await, "NOT_FOUND");
        assert_eq!(cast.app.anonymous().refused(mutation, offer.clone()).await, "UNAUTHENTICATED");
    }
    let declined = cast.client(&eva).ask(DECLINE_ROLE, offer.clone()).await;
    assert!(declined["declineRole"]["role"]["revokedAt"].is_string());
    assert_eq!(cast.client(&eva).refused(ACCEPT_ROLE, offer).await, "NOT_FOUND");
    let me = cast.client(&eva).ask(OFFERED, json!({})).await;
    assert_eq!(me["me"]["offeredRoles"], json!([]));
}

/// R19: an offer is valid only while its giver could still make it.
#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_good_for_a_week_while_whoever_made_it_could_still_make_it() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let adam = cast.staff("adam", "ADMINISTRATOR").await;
    cast.client(&adam).ask(GRANT, to_role(&eva.person, "OPERATOR", &cast.hub)).await;
    let offer = json!({ "id": cast.offer_to(&eva).await });
    cast.app.system().ask(SUSPEND, json!({ "id": adam.person })).await;
    assert_eq!(cast.client(&eva).refused(ACCEPT_ROLE, offer.clone()).await, "CONFLICT");
    cast.app.system().ask(REINSTATE, json!({ "id": adam.person })).await;
    cast.later(7 * 24 * 60).await;
    let tokens = cast.app.sign_in(&eva.email, PASSWORD).await;
    let client = cast.app.with_token(word(&tokens["accessToken"]));
    assert_eq!(client.refused(ACCEPT_ROLE, offer).await, "NOT_FOUND", "the week is over");
}

/// R19: an invitation is worth the rights of its giver at the moment of acceptance.
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_ends_with_the_right_of_whoever_made_it() {
    let cast = Cast::new().await;
    let adam = cast.staff("adam", "ADMINISTRATOR").await;
    let member = cast.app.member(&cast.hub, "Eva").await;
    let client = cast.client(&adam);
    let to_eva = client.ask(INVITE_MEMBER, to_member(&member)).await["inviteMember"]["code"].clone();
    let staff = to_staff("olga@example.org", "OPERATOR", &cast.hub);
    let to_olga = client.ask(INVITE_STAFF, staff).await["inviteStaff"]["code"].clone();
    cast.app.system().ask(SUSPEND, json!({ "id": adam.person })).await;
    let accepting = |code: &Json| json!({ "input": { "code": code, "password": PASSWORD } });
    for code in [&to_eva, &to_olga] {
        let refused = cast.app.anonymous().refused(ACCEPT, accepting(code)).await;
        assert_eq!(refused, "UNAUTHENTICATED");
    }
    cast.app.system().ask(REINSTATE, json!({ "id": adam.person })).await;
    cast.app.anonymous().ask(ACCEPT, accepting(&to_olga)).await;
    let again = cast.app.administrator(&cast.hub).ask(INVITE_MEMBER, to_member(&member)).await;
    cast.app.system().ask(SUSPEND, json!({ "id": adam.person })).await;
    cast.app.anonymous().ask(ACCEPT, accepting(&again["inviteMember"]["code"])).await;
}

/// R18: the attack that succeeded was to erase a network administrator's account by their membership.
#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_member_ends_the_membership_and_not_their_other_roles() {
    let cast = Cast::new().await;
    let (member, eva) = cast.member("Eva").await;
    cast.app.system().ask(GRANT, to_role(&eva.person, "NETWORK_ADMINISTRATOR", &cast.hub)).await;
    let fresh = cast.app.accept_roles(&eva.tokens).await;
    let adam = cast.client(&cast.staff("adam", "ADMINISTRATOR").await);
    adam.ask(ERASE, json!({ "id": member.id })).await;
    cast.app.drain().await;
    cast.later(1).await;
    assert_eq!(cast.app.turned_away(word(&fresh["accessToken"])), "UNAUTHENTICATED", "it names a member");
    let tokens = cast.app.sign_in(&eva.email, PASSWORD).await;
    let me = cast.app.with_token(word(&tokens["accessToken"])).ask(ME, json!({})).await["me"].clone();
    assert_eq!(me["id"], eva.person.as_str());
    assert_eq!(me["member"], Json::Null);
    assert_eq!(me["roles"].as_array().map(Vec::len), Some(1));
    assert_eq!(me["roles"][0]["role"], "NETWORK_ADMINISTRATOR");
    cast.app.drain().await;
}

/// R18: an account without other roles is erased with its membership; the person themselves erases everything.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_erased_with_its_last_membership_or_at_the_persons_request() {
    let cast = Cast::new().await;
    let (member, eva) = cast.member("Eva").await;
    cast.app.system().ask(GRANT, to_role(&eva.person, "OPERATOR", &cast.hub)).await;
    cast.app.accept_roles(&eva.tokens).await;
    let (_, jan) = cast.member("Jan").await;
    cast.app.system().ask(GRANT, to_role(&jan.person, "COORDINATOR", &cast.hub)).await;
    let fresh = cast.app.accept_roles(&jan.tokens).await;
    let adam = cast.client(&cast.staff("adam", "ADMINISTRATOR").await);
    adam.ask(ERASE, json!({ "id": member.id })).await;
    cast.app
        .with_token(word(&fresh["accessToken"]))
        .ask("mutation { eraseMe { erasedAt } }", json!({}))
        .await;
    cast.app.drain().await;
    cast.later(1).await;
    for account in [&eva, &jan] {
        assert_eq!(cast.app.cannot_sign_in(&account.email, PASSWORD).await, "UNAUTHENTICATED");
    }
}

/// R18: the attack that succeeded was to invite one's own address for a member, and to sign in as them.
#[tokio::test(flavor = "multi_thread")]
async fn a_members_invitation_to_another_address_needs_an_administrator_and_a_checked_address() {
    let cast = Cast::new().await;
    let member = cast.app.member(&cast.hub, "Eva").await;
    let to = |email: &str, is_checked: bool| {
        let mut input = to_member(&TestMember { email: email.to_owned(), ..member.clone() });
        input["input"]["addressChecked"] = is_checked.into();
        input
    };
    let (operator, administrator) = (cast.app.operator(&cast.hub), cast.app.administrator(&cast.hub));
    for is_checked in [false, true] {
        let refused = operator.refused(INVITE_MEMBER, to("mallory@example.org", is_checked)).await;
        assert_eq!(refused, "FORBIDDEN");
    }
    let own = operator.refused(INVITE_MEMBER, to(&member.email, false)).await;
    assert_eq!(own, "FORBIDDEN", "without mail the code would come into the operator's hands");
    let refused = administrator.refused(INVITE_MEMBER, to("eva.new@example.org", false)).await;
    assert_eq!(refused, "INVALID_INPUT");
    let invited = administrator.ask(INVITE_MEMBER, to("eva.new@example.org", true)).await;
    assert!(invited["inviteMember"]["code"].is_string());
}

/// R19: the attack that succeeded was to keep a key that had outlived its giver's right.
#[tokio::test(flavor = "multi_thread")]
async fn keys_and_devices_stop_when_their_giver_is_suspended_and_go_on_when_they_are_back() {
    let cast = Cast::new().await;
    let adam = cast.staff("adam", "ADMINISTRATOR").await;
    let secrets = [cast.key_of(&adam, &["READ_MEMBERS"]).await, cast.device_of(&adam).await];
    let mut tokens = Vec::new();
    for secret in &secrets {
        tokens.push(cast.exchanged(secret).await);
    }
    cast.later(1).await;
    let nora = cast.staff("nora", "NETWORK_ADMINISTRATOR").await;
    cast.client(&nora).ask(SUSPEND, json!({ "id": adam.person })).await;
    for (token, secret) in tokens.iter().zip(&secrets) {
        assert_eq!(cast.app.turned_away(token), "UNAUTHENTICATED");
        assert!(!cast.is_exchanged(secret).await);
    }
    cast.client(&nora).ask(REINSTATE, json!({ "id": adam.person })).await;
    cast.later(1).await;
    for secret in &secrets {
        cast.app.with_token(&cast.exchanged(secret).await);
    }
}

/// R19: a key keeps only the rights that its giver still holds.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_keeps_only_the_rights_its_giver_still_holds() {
    let cast = Cast::new().await;
    let (member, eva) = cast.member("Eva").await;
    for role in ["ADMINISTRATOR", "OPERATOR"] {
        cast.app.system().ask(GRANT, to_role(&eva.person, role, &cast.hub)).await;
    }
    let fresh = cast.app.accept_roles(&eva.tokens).await;
    let eva = Account { tokens: fresh, ..eva };
    let key = cast.key_of(&eva, &["READ_MEMBERS", "MANAGE_TARIFFS"]).await;
    let tariff =
        "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { version } } }";
    let input = json!({ "input": { "hubId": cast.hub.id, "name": "Guests", "pricePerHour": "60", "billingStepSeconds": 60 } });
    let before = cast.exchanged(&key).await;
    cast.app.with_token(&before).ask(tariff, input.clone()).await;

    cast.later(1).await;
    let roles = cast.app.system().ask(ROLES, json!({ "id": cast.hub.id })).await["hub"]["roles"].clone();
    let held = roles.as_array().expect("roles").iter();
    let administrator =
        held.filter(|role| role["role"] == "ADMINISTRATOR").map(|role| role["id"].clone()).next();
    cast.app.system().ask(REVOKE, json!({ "id": administrator })).await;
    assert_eq!(cast.app.turned_away(&before), "UNAUTHENTICATED", "what it was good for has changed");
    cast.later(1).await;
    let program = cast.app.with_token(&cast.exchanged(&key).await);
    assert_eq!(program.refused(tariff, input).await, "FORBIDDEN");
    let members = "query($id: ID!) { hub(id: $id) { members(first: 5) { nodes { name } } } }";
    program.ask(members, json!({ "id": cast.hub.id })).await;

    cast.app.system().ask(ERASE, json!({ "id": member.id })).await;
    cast.app.drain().await;
    cast.later(1).await;
    assert!(!cast.is_exchanged(&key).await, "its giver is erased");
    cast.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_and_a_network_that_contradict_each_other_are_refused() {
    let cast = Cast::new().await;
    let elsewhere = cast.app.network("elsewhere").await;
    let (_, eva) = cast.member("Eva").await;
    let nora = cast.app.staff_of(Role::NetworkAdministrator, &cast.network);
    let key =
        json!({ "input": { "name": "Accounting", "scopes": ["READ_INDICATORS"], "hubId": cast.hub.id } });
    let cases = [
        (GRANT, to_role(&eva.person, "OPERATOR", &cast.hub)),
        (INVITE_STAFF, to_staff("olga@example.org", "OPERATOR", &cast.hub)),
        (ISSUE_KEY, key),
    ];
    for (mutation, mut input) in cases {
        input["input"]["networkId"] = elsewhere.id.clone().into();
        for client in [&nora, &cast.app.system()] {
            assert_eq!(client.refused(mutation, input.clone()).await, "INVALID_INPUT", "{mutation}");
        }
        input["input"]["networkId"] = cast.network.id.clone().into();
        nora.ask(mutation, input).await;
    }
}
