//! Single sign-on as people see it, with a real provider.

use private_servers::Smtp;
use testkit::{Json, json};

use super::{
    super::cast::{PASSWORD, SUSPEND, word},
    stage::{LINKS, Place, Stage, UNLINK, code},
};
use crate::{
    support::post::Post,
    support::provider::{APP, Browser, Provider},
};

fn known_as(email: &str, is_verified: bool) -> Json {
    json!({ "email": email, "email_verified": is_verified })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_signs_in_with_single_sign_on_and_is_linked_by_an_address_verified_on_both_sides() {
    let place = Place::find();
    let town = Provider::start(&place.url, "town");
    let settings = vec![town.settings("town", "n")];
    let post = Post { smtp: Smtp::start().expect("a mail server") };
    let stage = Stage::open(place, settings, Some(post.smtp.url())).await;
    let (app, cast) = (stage.app(), &stage.cast);
    let eva = cast.app.member(&cast.hub, "Eva").await;
    cast.invite_member(&eva).await;
    post.send(app).await;
    let tokens = app.accept(&json!({ "code": post.code() }), PASSWORD).await;
    let me = app.with_token(word(&tokens["accessToken"])).ask(LINKS, json!({})).await["me"].clone();
    town.describes(&json!({ "e.novakova": known_as("Eva@example.org", true) }));

    let browser = Browser::new();
    let start = stage.start("town");
    let first = browser.sign_in_as(&start, "e.novakova").await;
    assert!(first.starts_with(&format!("{APP}#code=hubnet_handover_")), "{first}");
    assert!(browser.cookies(&stage.url).is_empty(), "nothing is left in the browser");
    let person = stage.person(&stage.completed(&first).await).await;
    assert_eq!(person["id"], me["id"]);
    assert_eq!(person["signInLinks"][0]["provider"], "Town hall");
    assert_eq!(post.send(app).await, 1);
    assert!(post.last_mail().contains("organizace"), "a mail mentions it: {}", post.last_mail());

    // The organisation gives her another e-mail and does not know whether she reads it: her account is linked
    // already.
    town.describes(&json!({ "e.novakova": known_as("eva.novakova@town.example", false) }));
    let second = browser.sign_in_as(&start, "e.novakova").await;
    let person = stage.person(&stage.completed(&second).await).await;
    assert_eq!((&person["id"], &person["email"]), (&me["id"], &json!("eva@example.org")));
    assert_eq!(post.send(app).await, 0, "nothing new was added");

    // A colleague of hers has an e-mail that is unknown here.
    town.describes(&json!({ "colleague": known_as("colleague@town.example", true) }));
    let third = Browser::new().sign_in_as(&start, "colleague").await;
    assert_eq!(stage.not_completed(&third).await, "ACCOUNT_NOT_LINKED");
    let log = cast.log(None).await;
    let made = log.iter().filter(|audit_event| audit_event["action"] == "sign_in_link.made").count();
    let by_link = |audit_event: &&Json| {
        audit_event["action"] == "person.signed_in" && audit_event["detail"].to_string().contains("lnk_")
    };
    assert_eq!((made, log.iter().filter(by_link).count()), (1, 2), "{log:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_open_an_invited_account_without_a_password_and_set_one_before_they_unlink() {
    let place = Place::find();
    let town = Provider::start(&place.url, "town");
    let settings = vec![town.settings("town", "n")];
    let stage = Stage::open(place, settings, None).await;
    let cast = &stage.cast;
    let member = cast.app.member(&cast.hub, "Olga").await;
    let invitation = cast.invite_member(&member).await;
    // The organisation's statement about her mail does not matter: the holder of the invitation is invited.
    town.describes(&json!({ "olga": known_as("somebody.else@town.example", false) }));
    let back = Browser::new().sign_in_as(&stage.start("town"), "olga").await;
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED", "not without it");
    let wrong = json!("hubnet_code_none");
    let refused = stage.refused(&code(&back), super::stage::VERIFIER, Some(&wrong)).await;
    assert_eq!(refused, "UNAUTHENTICATED");
    let signed_in = stage.completed_with(&back, &invitation["code"]).await;
    let olga = stage.person(&signed_in).await;
    assert_eq!(olga["id"], invitation["personId"]);
    let accept = stage.app().cannot_sign_in(&member.email, PASSWORD).await;
    assert_eq!(accept, "UNAUTHENTICATED", "there is no password");

    let client = cast.app.with_token(word(&signed_in["accessToken"]));
    let unlink = json!({ "id": olga["signInLinks"][0]["id"] });
    assert_eq!(client.refused(UNLINK, unlink.clone()).await, "CONFLICT", "it is the last way in");
    let stranger = cast.staff("stranger", "OPERATOR").await;
    assert_eq!(cast.client(&stranger).refused(UNLINK, unlink).await, "NOT_FOUND");

    // Suspended, she cannot sign in this way either.
    cast.app.system().ask(SUSPEND, json!({ "id": olga["id"] })).await;
    let back = Browser::new().sign_in_as(&stage.start("town"), "olga").await;
    assert_eq!(stage.not_completed(&back).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_asked_for_after_single_sign_on_and_a_password_allows_unlinking() {
    let place = Place::find();
    let town = Provider::start(&place.url, "town");
    let settings = vec![town.settings("town", "n")];
    let stage = Stage::open(place, settings, None).await;
    let cast = &stage.cast;
    let (_, eva) = cast.member("Eva").await;
    stage.verify(&eva.email).await;
    town.describes(&json!({ "eva": known_as(&eva.email, true) }));
    cast.app.second_factor(&cast.client(&eva), PASSWORD).await;
    let back = Browser::new().sign_in_as(&stage.start("town"), "eva").await;
    let waiting = stage.completed(&back).await;
    assert_eq!(waiting["__typename"], "SecondFactorNeeded");
    let client = cast.client(&eva);
    let links = client.ask(LINKS, json!({})).await["me"]["signInLinks"].clone();
    client.ask(UNLINK, json!({ "id": links[0]["id"] })).await;
    assert_eq!(client.ask(LINKS, json!({})).await["me"]["signInLinks"], json!([]));
    assert_eq!(cast.log(Some("sign_in_link.removed")).await.len(), 1);
    assert_eq!(client.refused(UNLINK, json!({ "id": links[0]["id"] })).await, "NOT_FOUND", "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_takes_each_of_its_codes_once() {
    let place = Place::find();
    let town = Provider::start(&place.url, "town");
    let settings = vec![town.settings("town", "n")];
    let stage = Stage::open(place, settings, None).await;
    town.describes(&json!({ "eva": known_as("eva@example.org", true) }));
    let browser = Browser::new();
    browser.open(&stage.start("town")).await;
    let kept = browser.cookies(&stage.url)["hubnet_sign_in"].clone();
    // A completed sign-in, observed by an attacker who copied the cookie and the address.
    let (back, answer) = browser.sign_in_watched(&stage.start("town"), "eva", &stage.url).await;
    assert!(back.contains("#code="), "{back}");
    assert_ne!(kept, answer.cookie, "each journey is sealed anew");
    let thief = Browser::new();
    thief.keep(&stage.url, "hubnet_sign_in", &answer.cookie);
    let page = thief.open(&answer.address).await;
    assert_eq!(page.leads_to(), format!("{APP}#error=refused"));
}
