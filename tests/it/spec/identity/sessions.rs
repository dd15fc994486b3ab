//! Sessions: refreshing, signing out, and how soon other processes know.

use kernel::World;
use server::{App, AppAuthenticator, ServiceSet};
use testkit::json;

use super::cast::{Cast, ME, PASSWORD, word};

const SIGN_OUT: &str = "mutation { signOut { signedOut } }";
const EVERYWHERE: &str = "mutation { signOutEverywhere { signedOut } }";
const END: &str = "mutation($id: ID!) { endSession(input: { sessionId: $id }) { signedOut } }";
const CHANGE: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { ... on SignedIn { accessToken } } }";

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_lives_a_quarter_of_an_hour_and_a_refreshed_one_another() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    cast.app.pass_minutes(14);
    cast.client(&eva).ask(ME, json!({})).await;
    cast.app.pass_minutes(1);
    assert_eq!(cast.app.turned_away(eva.access()), "UNAUTHENTICATED");
    let fresh = cast.refreshed(eva.refresh()).await;
    cast.app.with_token(word(&fresh["accessToken"])).ask(ME, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_may_be_repeated_at_once_and_is_a_theft_later() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let first = cast.refreshed(eva.refresh()).await;
    let second = cast.refreshed(eva.refresh()).await;
    let third = cast.refreshed(word(&second["refreshToken"])).await;
    cast.app.pass_minutes(1);
    let client = cast.app.with_token(word(&third["accessToken"]));
    client.ask(ME, json!({})).await;
    assert_eq!(cast.not_refreshed(eva.refresh()).await, "UNAUTHENTICATED");
    for tokens in [&first, &third] {
        assert_eq!(cast.app.turned_away(word(&tokens["accessToken"])), "UNAUTHENTICATED");
        assert_eq!(cast.not_refreshed(word(&tokens["refreshToken"])).await, "UNAUTHENTICATED");
    }
    cast.app.sign_in(&eva.email, PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_refreshes_of_one_token_at_once_leave_a_session_that_goes_on() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let one = || cast.refreshed(eva.refresh());
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let mut tokens: Vec<String> =
        [a, b, c, d].iter().map(|pair| word(&pair["refreshToken"]).to_owned()).collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
    cast.app.pass_minutes(20);
    cast.refreshed(&tokens[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_unused_for_a_month_is_over() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    cast.app.pass_minutes(30 * 24 * 60);
    assert_eq!(cast.not_refreshed(eva.refresh()).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_over_after_half_a_year_however_often_it_is_used() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let mut refresh = eva.refresh().to_owned();
    for _month in 0..6 {
        cast.app.pass_minutes(29 * 24 * 60);
        word(&cast.refreshed(&refresh).await["refreshToken"]).clone_into(&mut refresh);
    }
    cast.app.pass_minutes(6 * 24 * 60);
    assert_eq!(cast.not_refreshed(&refresh).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_this_session_and_no_other() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    cast.app.pass_minutes(1);
    let other = cast.app.sign_in(&eva.email, PASSWORD).await;
    let sessions = cast.client(&eva).ask(ME, json!({})).await["me"]["sessions"].clone();
    assert_eq!(sessions.as_array().map(Vec::len), Some(2));
    assert_eq!(sessions[1], json!({ "id": eva.tokens["sessionId"], "isCurrent": true }));
    cast.client(&eva).ask(SIGN_OUT, json!({})).await;
    assert_eq!(cast.app.turned_away(eva.access()), "UNAUTHENTICATED");
    assert_eq!(cast.not_refreshed(eva.refresh()).await, "UNAUTHENTICATED");
    cast.app.with_token(word(&other["accessToken"])).ask(ME, json!({})).await;
    cast.refreshed(word(&other["refreshToken"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_all_of_ones_sessions_and_nobody_elses() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let (_, jan) = cast.member("Jan").await;
    let other = cast.app.sign_in(&eva.email, PASSWORD).await;
    cast.client(&eva).ask(EVERYWHERE, json!({})).await;
    for (access, refresh) in
        [(eva.access(), eva.refresh()), (word(&other["accessToken"]), word(&other["refreshToken"]))]
    {
        assert_eq!(cast.app.turned_away(access), "UNAUTHENTICATED");
        assert_eq!(cast.not_refreshed(refresh).await, "UNAUTHENTICATED");
    }
    cast.client(&jan).ask(ME, json!({})).await;
    cast.app.pass_minutes(1);
    let back = cast.app.sign_in(&eva.email, PASSWORD).await;
    cast.app.with_token(word(&back["accessToken"])).ask(ME, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_ends_their_own_session_from_elsewhere_and_never_another_persons() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let (_, jan) = cast.member("Jan").await;
    let telephone = cast.app.sign_in(&eva.email, PASSWORD).await;
    let lost = json!({ "id": telephone["sessionId"] });
    assert_eq!(cast.client(&jan).refused(END, lost.clone()).await, "NOT_FOUND");
    cast.app.with_token(word(&telephone["accessToken"])).ask(ME, json!({})).await;
    cast.client(&eva).ask(END, lost).await;
    assert_eq!(cast.app.turned_away(word(&telephone["accessToken"])), "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_other_sessions() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let thief = cast.app.sign_in(&eva.email, PASSWORD).await;
    cast.app.pass_minutes(1);
    let change = |present: &str| json!({ "input": { "present": present, "new": "a better horse battery" } });
    assert_eq!(cast.client(&eva).refused(CHANGE, change("wrong")).await, "UNAUTHENTICATED");
    let fresh = cast.client(&eva).ask(CHANGE, change(PASSWORD)).await["changePassword"].clone();
    assert_eq!(cast.app.turned_away(word(&thief["accessToken"])), "UNAUTHENTICATED");
    assert_eq!(cast.not_refreshed(word(&thief["refreshToken"])).await, "UNAUTHENTICATED");
    assert_eq!(cast.app.cannot_sign_in(&eva.email, PASSWORD).await, "UNAUTHENTICATED");
    cast.app.with_token(word(&fresh["accessToken"])).ask(ME, json!({})).await;
    cast.app.sign_in(&eva.email, "a better horse battery").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_refuses_a_signed_out_session_once_it_has_the_revocation() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let other = App::open(cast.app.config(), ServiceSet::All, cast.app.services().world().clone()).await;
    let other = other.expect("a second process of the same installation");
    let authenticator = AppAuthenticator::new(other.clone());
    let admitted = |token: &str| {
        let credentials = platform_http::Credentials { bearer: Some(token), ..Default::default() };
        authenticator.op(credentials).map(|_| ()).map_err(|refusal| refusal.code.as_str())
    };
    assert_eq!(admitted(eva.access()), Ok(()));
    cast.client(&eva).ask(SIGN_OUT, json!({})).await;
    other.load_revocations().await.expect("the revocations are loaded");
    assert_eq!(admitted(eva.access()), Err("UNAUTHENTICATED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_fresh_revocations_admits_members_and_refuses_staff() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let olga = cast.staff("olga", "OPERATOR").await;
    cast.app.pass_minutes(2);
    cast.client(&eva).ask(ME, json!({})).await;
    assert_eq!(cast.app.turned_away(olga.access()), "UNAVAILABLE");
    cast.app.services().load_revocations().await.expect("the revocations are loaded");
    cast.client(&olga).ask(ME, json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_of_keys_fails_no_request_in_any_process() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let world: World = cast.app.services().world().clone();
    let other = App::open(cast.app.config(), ServiceSet::All, world.clone()).await.expect("a second process");
    let keys = cast.app.services().tokens().keys();
    let old = keys.signing(world.now()).expect("a key").id().to_owned();
    keys.rotate(world.now()).expect("rotated");
    let mut refresh = eva.refresh().to_owned();
    let mut access = eva.access().to_owned();
    for _minute in 0..5 {
        let tokens = cast.refreshed(&refresh).await;
        for token in [&access, word(&tokens["accessToken"])] {
            other.tokens().read(token, world.now()).expect("the other process knows both keys");
        }
        word(&tokens["refreshToken"]).clone_into(&mut refresh);
        word(&tokens["accessToken"]).clone_into(&mut access);
        cast.app.pass_minutes(1);
    }
    assert_ne!(keys.signing(world.now()).expect("a key").id(), old, "the new key signs now");
    keys.retire(&old, world.now()).expect("retired");
    other.tokens().keys().read_again().expect("read");
    assert!(other.tokens().read(eva.access(), world.now()).is_err());
    cast.app.with_token(&access).ask(ME, json!({})).await;
}
