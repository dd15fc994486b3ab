//! Invitations and passwords.

use testkit::{Json, TestApp, json};

use super::cast::{ACCEPT, Cast, INVITE_MEMBER, INVITE_STAFF, ME, PASSWORD, to_member, to_staff, word};

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_member_sets_a_password_and_signs_in_as_a_member_of_their_hub() {
    let cast = Cast::new().await;
    let (member, account) = cast.member("Eva").await;
    let signed_in = cast.app.sign_in("EVA@example.org ", PASSWORD).await;
    for token in [account.access(), word(&signed_in["accessToken"])] {
        let me = cast.app.with_token(token).ask(ME, json!({})).await["me"].clone();
        assert_eq!(me["id"], account.person.as_str());
        assert_eq!(me["member"], json!({ "id": member.id, "name": "Eva" }));
        assert_eq!(me["roles"], json!([{ "role": "MEMBER", "hub": { "slug": "home" }, "network": null }]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invited_staff_get_the_role_they_were_invited_to() {
    let cast = Cast::new().await;
    let operator = cast.staff("olga", "OPERATOR").await;
    let coordinator = cast.staff("cyril", "COORDINATOR").await;
    let roles = |me: Json| me["me"]["roles"].clone();
    let held = roles(cast.client(&operator).ask(ME, json!({})).await);
    assert_eq!(held, json!([{ "role": "OPERATOR", "hub": { "slug": "home" }, "network": null }]));
    let held = roles(cast.client(&coordinator).ask(ME, json!({})).await);
    assert_eq!(held, json!([{ "role": "COORDINATOR", "hub": null, "network": { "slug": "n" } }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_works_once_for_a_week_and_a_newer_one_takes_its_place() {
    let cast = Cast::new().await;
    let member = cast.app.member(&cast.hub, "Eva").await;
    let first = cast.invite_member(&member).await;
    let second = cast.invite_member(&member).await;
    let accept = |code: &Json| json!({ "input": { "code": code, "password": PASSWORD } });
    assert_eq!(cast.app.anonymous().refused(ACCEPT, accept(&first["code"])).await, "UNAUTHENTICATED");
    cast.app.pass_minutes(7 * 24 * 60);
    assert_eq!(cast.app.anonymous().refused(ACCEPT, accept(&second["code"])).await, "UNAUTHENTICATED");
    let third = cast.invite_member(&member).await;
    cast.app.anonymous().ask(ACCEPT, accept(&third["code"])).await;
    assert_eq!(cast.app.anonymous().refused(ACCEPT, accept(&third["code"])).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_code_is_refused_and_a_short_password_uses_up_no_code() {
    let cast = Cast::new().await;
    let member = cast.app.member(&cast.hub, "Eva").await;
    let code = cast.invite_member(&member).await["code"].clone();
    let accept = |code: Json, password: &str| json!({ "input": { "code": code, "password": password } });
    let mut forged = word(&code).to_owned();
    forged.replace_range(forged.len() - 4.., "AAAA");
    for rubbish in ["", "x", "hubnet_code_", &forged, &word(&code).replace("code", "refresh")] {
        let refused = cast.app.anonymous().refused(ACCEPT, accept(rubbish.into(), PASSWORD)).await;
        assert_eq!(refused, "UNAUTHENTICATED", "{rubbish:?}");
    }
    assert_eq!(cast.app.anonymous().refused(ACCEPT, accept(code.clone(), "short")).await, "INVALID_INPUT");
    cast.app.anonymous().ask(ACCEPT, accept(code, PASSWORD)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_hubs_own_staff_invite_its_members() {
    let cast = Cast::new().await;
    let other = cast.app.hub(&cast.network, "other").await;
    let member = cast.app.member(&cast.hub, "Eva").await;
    for (client, code) in [
        (cast.app.anonymous(), "UNAUTHENTICATED"),
        (cast.app.as_member(&member), "FORBIDDEN"),
        (cast.app.operator(&other), "NOT_FOUND"),
        (cast.app.coordinator(&cast.network), "FORBIDDEN"),
    ] {
        assert_eq!(client.refused(INVITE_MEMBER, to_member(&member)).await, code);
    }
    let elsewhere = cast.app.network("elsewhere").await;
    let foreign = cast.app.hub(&elsewhere, "foreign").await;
    assert_eq!(cast.app.operator(&foreign).refused(INVITE_MEMBER, to_member(&member)).await, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_holder_is_not_invited_again_and_one_e_mail_has_one_account() {
    let cast = Cast::new().await;
    let (eva, _) = cast.member("Eva").await;
    let administrator = cast.app.administrator(&cast.hub);
    assert_eq!(administrator.refused(INVITE_MEMBER, to_member(&eva)).await, "CONFLICT");
    let mut jan = to_member(&cast.app.member(&cast.hub, "Jan").await);
    jan["input"]["email"] = eva.email.into();
    jan["input"]["addressChecked"] = true.into();
    assert_eq!(administrator.refused(INVITE_MEMBER, jan).await, "CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_an_account_is_offered_the_role_they_are_invited_to() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let invitation = cast.app.system().ask(INVITE_STAFF, to_staff(&eva.email, "OPERATOR", &cast.hub)).await;
    assert_eq!(invitation["inviteStaff"]["code"], Json::Null);
    assert_eq!(invitation["inviteStaff"]["personId"], Json::Null, "who it is, nobody learns by an address");
    cast.app.pass_minutes(1);
    let fresh = cast.app.accept_roles(&eva.tokens).await;
    let me = cast.app.with_token(word(&fresh["accessToken"])).ask(ME, json!({})).await;
    assert_eq!(me["me"]["roles"].as_array().map(Vec::len), Some(2));
    let again = cast.app.system().refused(INVITE_STAFF, to_staff(&eva.email, "OPERATOR", &cast.hub)).await;
    assert_eq!(again, "CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_the_code_of_an_invitation_to_a_role_they_could_not_give() {
    let cast = Cast::new().await;
    let pending = to_staff("cyril@example.org", "COORDINATOR", &cast.hub);
    let first = cast.app.system().ask(INVITE_STAFF, pending).await["inviteStaff"].clone();
    let administrator = cast.staff("adam", "ADMINISTRATOR").await;
    let invite = to_staff("cyril@example.org", "OPERATOR", &cast.hub);
    let second = cast.client(&administrator).ask(INVITE_STAFF, invite).await["inviteStaff"].clone();
    assert_eq!(second["personId"], Json::Null, "{first}");
    assert_eq!(second["code"], Json::Null, "it would let the administrator be a coordinator");
    cast.app.accept(&first, PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_an_unknown_e_mail_and_a_person_without_a_password_get_the_same_answer() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let invited = cast.app.member(&cast.hub, "Jan").await;
    cast.invite_member(&invited).await;
    let ask = "mutation($input: SignInInput!) { signIn(input: $input) { __typename } }";
    let mut answers = Vec::new();
    for email in [&eva.email, &invited.email, &"nobody@example.org".to_owned()] {
        let input = json!({ "input": { "email": email, "password": "wrong horse battery" } });
        answers.push(cast.app.anonymous().response(ask, input).await["errors"].clone());
    }
    assert_eq!(answers[0][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_names_its_network_if_there_are_several() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let elsewhere = cast.app.network("elsewhere").await;
    assert_eq!(cast.app.cannot_sign_in(&eva.email, PASSWORD).await, "INVALID_INPUT");
    let ask = "mutation($input: SignInInput!) { signIn(input: $input) { __typename } }";
    let at = |network: &str| json!({ "input": { "email": eva.email, "password": PASSWORD, "networkId": network } });
    cast.app.anonymous().ask(ask, at(&cast.network.id)).await;
    assert_eq!(cast.app.anonymous().refused(ask, at(&elsewhere.id)).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_password_code_or_token_is_stored_in_plain_text() {
    let app = TestApp::new().await;
    let database = app.config().data_dir.join("hubnet.db");
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let cast = Cast { app, network, hub };
    let (member, account) = cast.member("Eva").await;
    let code = cast.invite_member(&cast.app.member(&cast.hub, "Jan").await).await["code"].clone();
    if !database.exists() {
        return; // The rows are the same on PostgreSQL; here their bytes are in one file, which is easy to search.
    }
    let mut kept = Vec::new();
    for ending in ["", "-wal"] {
        kept.extend(std::fs::read(format!("{}{ending}", database.display())).unwrap_or_default());
    }
    let holds = |text: &str| kept.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&member.email), "this test looks at the right bytes");
    let secret = |whole: &str| whole.rsplit('_').next().expect("a secret").to_owned();
    for text in
        [PASSWORD.to_owned(), account.access().to_owned(), secret(account.refresh()), secret(word(&code))]
    {
        assert!(!holds(&text) && !holds(&text[text.len() - 12..]), "kept as it was said");
    }
}
