//! Attacks on another person's sign-in, and the effects of time on a sign-in.

use kernel::Role;
use testkit::{Json, json};

use super::{
    super::cast::SUSPEND,
    liar::Liar,
    stage::{Place, Stage, VERIFIER, challenge, code, sent},
};
use crate::support::provider::{APP, Browser, url_parameter};

const COOKIE: &str = "hubnet_sign_in";
const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId } }";

/// An application with two providers of its network, and one of another.
struct App {
    stage: Stage,
    town: Liar,
    university: Liar,
    elsewhere: Liar,
}

impl App {
    async fn new() -> Self {
        let (town, university, elsewhere) = (Liar::start().await, Liar::start().await, Liar::start().await);
        let settings = vec![
            town.settings("town", "n"),
            university.settings("university", "n"),
            elsewhere.settings("elsewhere", "another"),
        ];
        let stage = Stage::open(Place::find(), settings, None).await;
        stage.app().network("another").await;
        Self { stage, town, university, elsewhere }
    }

    fn liar(&self, key: &str) -> &Liar {
        match key {
            "town" => &self.town,
            "university" => &self.university,
            _ => &self.elsewhere,
        }
    }

    /// Returns a browser at a provider that is ready to confirm a person.
    async fn at(&self, key: &str, email: &str) -> (Browser, String) {
        let (browser, there) = sent(&self.stage, key).await;
        let now = self.stage.app().now().as_second();
        let liar = self.liar(key);
        let claims = json!({
            "iss": liar.issuer, "sub": email, "aud": "hubnet", "iat": now, "exp": now + 300,
            "nonce": url_parameter(&there, "nonce"), "email": email, "email_verified": true,
        });
        liar.gives(&liar.signed("first", &claims));
        let state = url_parameter(&there, "state").expect("a state");
        (browser, format!("{}/sign-in/{key}/answer?code=any&state={state}", self.stage.url))
    }

    /// Comes back with a handover for a person.
    async fn handed_over(&self, key: &str, email: &str) -> String {
        let (browser, answer) = self.at(key, email).await;
        browser.open(&answer).await.leads_to().to_owned()
    }

    /// Returns a member with a verified address.
    async fn eva(&self) -> (testkit::TestMember, super::super::cast::Account) {
        let (member, eva) = self.stage.cast.member("Eva").await;
        self.stage.verify(&eva.email).await;
        (member, eva)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_is_valid_once_for_a_minute_and_only_for_the_app_that_began() {
    let services = App::new().await;
    let stage = &services.stage;
    let (_, eva) = services.eva().await;
    let back = services.handed_over("town", &eva.email).await;
    let other = "the-verifier-of-an-app-that-did-not-begin-this";
    assert_eq!(stage.refused(&code(&back), other, None).await, "UNAUTHENTICATED", "another app");
    assert_eq!(stage.refused(&code(&back), &challenge(VERIFIER), None).await, "UNAUTHENTICATED");
    for rubbish in ["", "hubnet_handover_AAAA", "hubnet_code_AAAA"] {
        assert_eq!(stage.refused(rubbish, VERIFIER, None).await, "UNAUTHENTICATED", "{rubbish:?}");
    }
    assert_eq!(stage.rows("sign_in_link").await, 0);
    stage.person(&stage.completed(&back).await).await;
    assert_eq!(stage.not_completed(&back).await, "UNAUTHENTICATED", "used");
    let back = services.handed_over("town", &eva.email).await;
    stage.app().pass_minutes(1);
    assert_eq!(stage.not_completed(&back).await, "UNAUTHENTICATED", "a minute is over");
    services.handed_over("town", &eva.email).await;
    assert_eq!(stage.rows("sign_in_handover").await, 1, "what is over is forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_mail_address_verified_on_both_sides_leads_to_an_account() {
    let services = App::new().await;
    let stage = &services.stage;
    let (_, eva) = stage.cast.member("Eva").await;
    let back = services.handed_over("town", &eva.email).await;
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED", "she may not be who waits here");
    stage.verify(&eva.email).await;
    let unverified = |liar: &Liar, there: &Json| {
        let now = stage.app().now().as_second();
        let claims = json!({ "iss": liar.issuer, "sub": "x", "aud": "hubnet", "iat": now, "exp": now + 300,
            "nonce": there, "email": eva.email, "email_verified": false });
        liar.gives(&liar.signed("first", &claims));
    };
    let (browser, there) = sent(stage, "town").await;
    unverified(&services.town, &json!(url_parameter(&there, "nonce")));
    let state = url_parameter(&there, "state").expect("a state");
    let answer = format!("{}/sign-in/town/answer?code=any&state={state}", stage.url);
    let back = browser.open(&answer).await.leads_to().to_owned();
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED", "the town has not seen it read");
    let invited = stage.app().member(&stage.cast.hub, "Ivan").await;
    stage.cast.invite_member(&invited).await;
    let back = services.handed_over("town", &invited.email).await;
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED", "who is invited comes with the code");
    assert_eq!(stage.rows("sign_in_link").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_holder_of_a_former_address_does_not_get_the_former_account() {
    let services = App::new().await;
    let stage = &services.stage;
    let (_, eva) = services.eva().await;
    let back = services.handed_over("town", &eva.email).await;
    stage.person(&stage.completed(&back).await).await;
    // Another account there with the same e-mail: the subject of these tests depends on capitals.
    let back = services.handed_over("town", "EVA@example.org").await;
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED");
    let back = services.handed_over("university", &eva.email).await;
    stage.person(&stage.completed(&back).await).await;
    assert_eq!(stage.rows("sign_in_link").await, 2, "another organisation may know her, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_of_another_network_signs_nobody_in_here() {
    let services = App::new().await;
    let stage = &services.stage;
    let (member, eva) = services.eva().await;
    let back = services.handed_over("elsewhere", &eva.email).await;
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED");
    let invited = stage.app().member(&stage.cast.hub, "Ivan").await;
    let invitation = stage.cast.invite_member(&invited).await;
    let refused = stage.refused(&code(&back), VERIFIER, Some(&invitation["code"])).await;
    assert_eq!(refused, "UNAUTHENTICATED", "nor with an invitation to this network");
    assert_eq!(stage.rows("sign_in_link").await, 0);
    assert_eq!(member.email, eva.email);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_response_is_valid_only_in_the_same_browser_and_for_ten_minutes() {
    let services = App::new().await;
    let url = &services.stage.url;
    let (browser, answer) = services.at("town", "eva@example.org").await;
    let cookie = browser.cookies(url)[COOKIE].clone();
    let refused = async |what: &str, browser: &Browser, answer: &str| {
        let page = browser.open(answer).await;
        assert_eq!((page.status, page.code().as_str()), (400, "INVALID_INPUT"), "{what}: {page:?}");
        assert!(page.location.is_none(), "{what}");
    };
    refused("no cookie", &Browser::new(), &answer).await;
    let (other, _) = services.at("town", "mallory@example.org").await;
    refused("another browser's sign-in", &other, &answer).await;
    refused("another state", &browser, &answer.replace("state=", "state=A")).await;
    refused("no state", &browser, &format!("{url}/sign-in/town/answer?code=any")).await;
    refused("twice a state", &browser, &format!("{answer}&state=x")).await;
    refused("another provider", &browser, &answer.replace("/town/", "/university/")).await;
    let rubbish = Browser::new();
    rubbish.keep(url, COOKIE, &cookie[..cookie.len() - 4]);
    refused("a cookie that was changed", &rubbish, &answer).await;
    services.stage.app().pass_minutes(10);
    refused("ten minutes later", &browser, &answer).await;
    services.stage.holds_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_redirects_only_to_a_listed_address_and_only_with_a_challenge() {
    let services = App::new().await;
    let begin = format!("{}/sign-in/town", services.stage.url);
    let good = challenge(VERIFIER);
    for (what, query) in [
        ("nothing", String::new()),
        ("no challenge", format!("return_to={APP}")),
        ("no address", format!("code_challenge={good}")),
        ("another address", format!("return_to=https://evil.example/&code_challenge={good}")),
        ("a longer address", format!("return_to={APP}/more&code_challenge={good}")),
        ("an address twice", format!("return_to={APP}&return_to={APP}&code_challenge={good}")),
        ("a challenge that is none", format!("return_to={APP}&code_challenge={}", "=".repeat(43))),
        ("a short challenge", format!("return_to={APP}&code_challenge={}", &good[1..])),
    ] {
        let page = Browser::new().open(&format!("{begin}?{query}")).await;
        assert_eq!((page.status, page.code().as_str()), (400, "INVALID_INPUT"), "{what}: {page:?}");
    }
    let page = Browser::new().open(&format!("{}/sign-in/nobody?return_to={APP}", services.stage.url)).await;
    assert_eq!((page.status, page.code().as_str()), (404, "NOT_FOUND"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_in_redirect_meets_the_standards_and_leaves_no_trace() {
    let services = App::new().await;
    let page = Browser::new().open(&services.stage.start("town")).await;
    let there = page.leads_to();
    assert!(there.starts_with(&format!("{}/auth?", services.town.issuer)), "{there}");
    let redirect = format!("{}/sign-in/town/answer", services.stage.url);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "hubnet"),
        ("redirect_uri", redirect.as_str()),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(url_parameter(there, name).as_deref(), Some(value), "{name} in {there}");
    }
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let cookie = page.headers["set-cookie"].to_str().expect("text");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/sign-in; Max-Age=600"), "{cookie}");
    services.stage.holds_nothing().await;
    let listed = Browser::new().open(&format!("{}/sign-in?network=n", services.stage.url)).await;
    let listed: Json = serde_json::from_str(&listed.text).expect("JSON");
    let names: Vec<_> = listed["providers"].as_array().expect("a list").iter().map(|it| &it["key"]).collect();
    assert_eq!(names, ["town", "university"]);
    assert_eq!(listed["providers"][0]["start"], "/sign-in/town");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_declines_at_their_organisation_returns_to_the_app() {
    let services = App::new().await;
    let (browser, answer) = services.at("town", "eva@example.org").await;
    let answer = answer.replace("code=any", "error=access_denied");
    let page = browser.open(&answer).await;
    assert_eq!(page.leads_to(), format!("{APP}#error=denied"));
    assert!(browser.cookies(&services.stage.url).is_empty());
    services.stage.holds_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_person_stays_out_and_an_erased_person_is_unknown() {
    let services = App::new().await;
    let stage = &services.stage;
    let (member, eva) = services.eva().await;
    let back = services.handed_over("town", &eva.email).await;
    stage.person(&stage.completed(&back).await).await;
    stage.app().system().ask(SUSPEND, json!({ "id": eva.person })).await;
    let back = services.handed_over("town", &eva.email).await;
    assert_eq!(stage.not_completed(&back).await, "UNAUTHENTICATED");
    let back = services.handed_over("university", &eva.email).await;
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED", "nor is a suspended account linked");
    let back = services.handed_over("town", &eva.email).await;
    let administrator = stage.app().staff(Role::Administrator, &stage.cast.hub);
    administrator.ask(ERASE, json!({ "input": { "memberId": member.id } })).await;
    stage.app().drain().await;
    stage.holds_nothing().await;
    assert_eq!(stage.not_completed(&back).await, "UNAUTHENTICATED", "what was on its way");
    let back = services.handed_over("town", &eva.email).await;
    assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_account_may_try_ten_times_in_a_quarter_of_an_hour() {
    let services = App::new().await;
    let stage = &services.stage;
    let back = services.handed_over("town", "nobody@example.org").await;
    for _try in 0..10 {
        assert_eq!(stage.not_completed(&back).await, "ACCOUNT_NOT_LINKED");
    }
    assert_eq!(stage.not_completed(&back).await, "RATE_LIMITED");
    let (_, eva) = services.eva().await;
    let back = services.handed_over("town", &eva.email).await;
    stage.person(&stage.completed(&back).await).await;
}
