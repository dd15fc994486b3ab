//! Sign-in tries are counted in the database, for all processes.

use kernel::{Caller, OpContext};
use server::{App, FrontDoor, ServiceSet};
use testkit::json;

use super::cast::{Cast, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_wrong_tries_even_the_right_password_waits_a_quarter_of_an_hour() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let (_, jan) = cast.member("Jan").await;
    for _try in 0..10 {
        assert_eq!(cast.app.cannot_sign_in(&eva.email, "wrong horse battery").await, "UNAUTHENTICATED");
    }
    assert_eq!(cast.app.cannot_sign_in(&eva.email, PASSWORD).await, "RATE_LIMITED");
    let other = App::open(cast.app.config(), ServiceSet::All, cast.app.services().world().clone()).await;
    let other = FrontDoor::new(
        other.expect("a second process"),
        OpContext::new(Caller::Anonymous, cast.app.services().world().clone()),
    );
    let ask = "mutation($input: SignInInput!) { signIn(input: $input) { __typename } }";
    let input = json!({ "input": { "email": eva.email, "password": PASSWORD } });
    let refusal = other.ask(ask, input).await.expect_err("the other process counts along");
    assert_eq!(refusal.code, "RATE_LIMITED");
    cast.app.sign_in(&jan.email, PASSWORD).await;
    cast.app.pass_minutes(15);
    cast.app.sign_in(&eva.email, PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_e_mail_is_limited_like_a_known_one() {
    let cast = Cast::new().await;
    for _try in 0..10 {
        assert_eq!(cast.app.cannot_sign_in("nobody@example.org", PASSWORD).await, "UNAUTHENTICATED");
    }
    assert_eq!(cast.app.cannot_sign_in("nobody@example.org", PASSWORD).await, "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successful_sign_in_clears_the_tries_before_it() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    for _round in 0..2 {
        for _try in 0..9 {
            assert_eq!(cast.app.cannot_sign_in(&eva.email, "wrong horse battery").await, "UNAUTHENTICATED");
        }
        cast.app.sign_in(&eva.email, PASSWORD).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_tries_a_hundred_accounts_and_no_more() {
    let cast = Cast::new().await;
    let address = "192.0.2.7".parse().ok();
    let op = OpContext::new(Caller::Anonymous, cast.app.services().world().clone()).with_address(address);
    let door = FrontDoor::new(cast.app.services().clone(), op);
    let ask = "mutation($input: SignInInput!) { signIn(input: $input) { __typename } }";
    for place in 0..101 {
        let input =
            json!({ "input": { "email": format!("nobody{place}@example.org"), "password": PASSWORD } });
        let code = door.ask(ask, input).await.expect_err("nobody").code;
        assert_eq!(code, if place < 100 { "UNAUTHENTICATED" } else { "RATE_LIMITED" });
    }
}
