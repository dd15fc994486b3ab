//! Who may give which role, and when a role is valid.

use testkit::{Json, json};

use super::cast::{Cast, GRANT, INVITE_STAFF, ME, REVOKE, to_role, to_staff, word};

const HUB_ROLES: &str = "query($id: ID!) { hub(id: $id) { roles { role email personId } } }";
const NETWORK_ROLES: &str = "{ network { roles { role email } } }";
const PLANS: &str =
    "mutation($input: PublishTariffInput!) { publishTariff(input: $input) { tariff { version } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_hubs_administrator_gives_its_roles_and_no_others() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let administrator = cast.staff("adam", "ADMINISTRATOR").await;
    let (_, eva) = cast.member("Eva").await;
    let adam = cast.client(&administrator);
    for (role, hub, refused) in [
        ("COORDINATOR", &cast.hub, "FORBIDDEN"),
        ("NETWORK_ADMINISTRATOR", &cast.hub, "FORBIDDEN"),
        ("OPERATOR", &other, "NOT_FOUND"),
        ("ADMINISTRATOR", &other, "NOT_FOUND"),
    ] {
        assert_eq!(adam.refused(GRANT, to_role(&eva.person, role, hub)).await, refused, "{role}");
        let invite = to_staff("x@example.org", role, hub);
        assert_eq!(adam.refused(INVITE_STAFF, invite).await, refused, "{role}");
    }
    for role in ["OPERATOR", "ADMINISTRATOR"] {
        let granted =
            adam.ask(GRANT, to_role(&eva.person, role, &cast.hub)).await["grantRole"]["role"].clone();
        assert_eq!(granted["grantedBy"], administrator.person.as_str());
    }
    cast.app.accept_roles(&eva.tokens).await;
    assert_eq!(adam.refused(GRANT, to_role(&eva.person, "OPERATOR", &cast.hub)).await, "CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_members_and_coordinators_give_no_roles() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let (_, jan) = cast.member("Jan").await;
    let operator = cast.staff("olga", "OPERATOR").await;
    let coordinator = cast.staff("cyril", "COORDINATOR").await;
    for (account, code) in [(&eva, "FORBIDDEN"), (&operator, "FORBIDDEN"), (&coordinator, "FORBIDDEN")] {
        let refused = cast.client(account).refused(GRANT, to_role(&jan.person, "OPERATOR", &cast.hub)).await;
        assert_eq!(refused, code, "{}", account.email);
    }
    let anonymous = cast.app.anonymous().refused(GRANT, to_role(&jan.person, "OPERATOR", &cast.hub)).await;
    assert_eq!(anonymous, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_grants_themselves_a_role() {
    let cast = Cast::new().await;
    for (name, role, wanted) in
        [("adam", "ADMINISTRATOR", "OPERATOR"), ("nora", "NETWORK_ADMINISTRATOR", "COORDINATOR")]
    {
        let account = cast.staff(name, role).await;
        let client = cast.client(&account);
        let granted = client.refused(GRANT, to_role(&account.person, wanted, &cast.hub)).await;
        let invited = client.refused(INVITE_STAFF, to_staff(&account.email, wanted, &cast.hub)).await;
        assert_eq!((granted.as_str(), invited.as_str()), ("FORBIDDEN", "FORBIDDEN"), "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_role_counts_from_the_next_token_and_a_revoked_role_ends_at_once() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let nora = cast.staff("nora", "NETWORK_ADMINISTRATOR").await;
    let tariff = json!({ "input": { "hubId": cast.hub.id, "name": "Guests", "pricePerHour": "60", "billingStepSeconds": 60 } });
    assert_eq!(cast.client(&eva).refused(PLANS, tariff.clone()).await, "FORBIDDEN");
    cast.later(1).await;
    let given = cast.client(&nora).ask(GRANT, to_role(&eva.person, "ADMINISTRATOR", &cast.hub)).await;
    let fresh = cast.app.accept_roles(&eva.tokens).await;
    assert_eq!(cast.app.turned_away(eva.access()), "UNAUTHENTICATED", "the old token does not know the role");
    let client = cast.app.with_token(word(&fresh["accessToken"]));
    client.ask(PLANS, tariff.clone()).await;

    cast.later(1).await;
    let id = given["grantRole"]["role"]["id"].clone();
    let taken = cast.client(&nora).ask(REVOKE, json!({ "id": id })).await;
    assert!(taken["revokeRole"]["role"]["revokedAt"].is_string());
    assert_eq!(cast.app.turned_away(word(&fresh["accessToken"])), "UNAUTHENTICATED");
    let fresh = cast.refreshed(word(&fresh["refreshToken"])).await;
    let client = cast.app.with_token(word(&fresh["accessToken"]));
    assert_eq!(client.refused(PLANS, tariff).await, "FORBIDDEN");
    cast.client(&nora).ask(REVOKE, json!({ "id": id })).await;
    cast.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_valid_from_its_start_until_its_end_and_no_token_outlives_it() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let nora = cast.staff("nora", "NETWORK_ADMINISTRATOR").await;
    let mut role = to_role(&eva.person, "OPERATOR", &cast.hub);
    role["input"]["validFrom"] = "2026-11-02T13:00:00Z".into();
    role["input"]["validUntil"] = "2026-11-02T14:00:00Z".into();
    cast.client(&nora).ask(GRANT, role).await;
    let fresh = cast.app.accept_roles(&eva.tokens).await;
    let held = async |at: &str, refresh: &str| {
        cast.app.set_clock(at);
        let fresh = cast.refreshed(refresh).await;
        let me = cast.app.with_token(word(&fresh["accessToken"])).ask(ME, json!({})).await;
        let roles = me["me"]["roles"].as_array().map_or(0, Vec::len);
        (roles, word(&fresh["accessToken"]).to_owned(), word(&fresh["refreshToken"]).to_owned())
    };
    let (before, _, refresh) = held("2026-11-02T12:59:00Z", word(&fresh["refreshToken"])).await;
    cast.app.set_clock("2026-11-02T13:55:00Z");
    cast.app.services().load_revocations().await.expect("the revocations are loaded");
    let (during, access, refresh) = held("2026-11-02T13:55:00Z", &refresh).await;
    cast.app.set_clock("2026-11-02T14:00:00Z");
    assert_eq!(cast.app.turned_away(&access), "UNAUTHENTICATED");
    let (after, _, _) = held("2026-11-02T14:00:00Z", &refresh).await;
    assert_eq!((before, during, after), (1, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_seen_by_those_who_give_them() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let adam = cast.staff("adam", "ADMINISTRATOR").await;
    let olga = cast.staff("olga", "OPERATOR").await;
    let nora = cast.staff("nora", "NETWORK_ADMINISTRATOR").await;
    let (eva, _) = cast.member("Eva").await;
    let hub = json!({ "id": cast.hub.id });
    let seen = cast.client(&adam).ask(HUB_ROLES, hub.clone()).await["hub"]["roles"].clone();
    let emails: Vec<&str> = seen.as_array().expect("roles").iter().map(|role| word(&role["email"])).collect();
    assert_eq!(emails, [adam.email.as_str(), olga.email.as_str()]);
    for (client, code) in [
        (cast.app.anonymous(), "UNAUTHENTICATED"),
        (cast.app.as_member(&eva), "FORBIDDEN"),
        (cast.client(&olga), "FORBIDDEN"),
        (cast.app.coordinator(&cast.network), "FORBIDDEN"),
        (cast.app.operator(&other), "NOT_FOUND"),
    ] {
        let answer = client.response(HUB_ROLES, hub.clone()).await;
        assert_eq!(answer["data"]["hub"]["roles"], Json::Null);
        assert_eq!(answer["errors"][0]["extensions"]["code"], code);
    }
    let seen = cast.client(&nora).ask(NETWORK_ROLES, json!({})).await;
    assert_eq!(seen["network"]["roles"], json!([{ "role": "NETWORK_ADMINISTRATOR", "email": nora.email }]));
    let answer = cast.client(&adam).response(NETWORK_ROLES, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_fits_its_place_and_is_given_to_somebody_who_has_accepted() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let nora = cast.client(&cast.staff("nora", "NETWORK_ADMINISTRATOR").await);
    let mut lost = to_role(&eva.person, "OPERATOR", &cast.hub);
    lost["input"].as_object_mut().expect("an object").remove("hubId");
    let mut misplaced = to_role(&eva.person, "OPERATOR", &cast.hub);
    misplaced["input"]["role"] = "COORDINATOR".into();
    let mut member = misplaced.clone();
    member["input"]["role"] = "MEMBER".into();
    let mut past = to_role(&eva.person, "OPERATOR", &cast.hub);
    past["input"]["validUntil"] = "2026-11-01T00:00:00Z".into();
    for input in [lost, misplaced, member, past] {
        assert_eq!(nora.refused(GRANT, input.clone()).await, "INVALID_INPUT", "{input}");
    }
    let invited = cast.app.system().ask(INVITE_STAFF, to_staff("p@example.org", "OPERATOR", &cast.hub)).await;
    let pending = to_role(word(&invited["inviteStaff"]["personId"]), "ADMINISTRATOR", &cast.hub);
    assert_eq!(nora.refused(GRANT, pending).await, "CONFLICT");
    let nobody = to_role("per_00000000000070008000000000000000", "OPERATOR", &cast.hub);
    assert_eq!(nora.refused(GRANT, nobody).await, "NOT_FOUND");
}
