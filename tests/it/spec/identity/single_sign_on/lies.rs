//! False statements of a provider. Each time the app gets an error, and nothing is stored.

use std::time::{Duration, Instant};

use testkit::{Json, json};

use super::{
    liar::Liar,
    stage::{Place, Stage, sent},
};
use crate::support::provider::{APP, Browser, url_parameter};

struct Lying {
    stage: Stage,
    liar: Liar,
}

impl Lying {
    async fn new() -> Self {
        let liar = Liar::start().await;
        let stage = Stage::open(Place::find(), vec![liar.settings("town", "n")], None).await;
        Self { stage, liar }
    }

    /// Returns the correct claims about Eva, for a browser that was sent there.
    fn claims(&self, there: &str) -> Json {
        let now = self.stage.app().now().as_second();
        json!({
            "iss": self.liar.issuer, "sub": "eva", "aud": "hubnet", "iat": now, "exp": now + 300,
            "nonce": url_parameter(there, "nonce"), "email": "eva@example.org", "email_verified": true,
        })
    }

    /// Comes back from the provider; returns the address at which the app is opened.
    async fn back(&self, browser: &Browser, there: &str) -> String {
        let state = url_parameter(there, "state").expect("a state");
        let answer = format!("{}/sign-in/town/answer?code=any&state={state}", self.stage.url);
        browser.open(&answer).await.leads_to().to_owned()
    }

    /// Signs in with claims, or a token, that the test changes from the correct ones.
    async fn claimed(&self, change: impl FnOnce(&mut Json, &Liar) -> Option<String>) -> String {
        let (browser, there) = sent(&self.stage, "town").await;
        let mut claims = self.claims(&there);
        let token = change(&mut claims, &self.liar);
        self.liar.gives(&token.unwrap_or_else(|| self.liar.signed("first", &claims)));
        self.back(&browser, &there).await
    }
}

fn refused() -> String {
    format!("{APP}#error=refused")
}

fn unavailable() -> String {
    format!("{APP}#error=unavailable")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_true_id_token_is_accepted_so_the_false_ones_below_are_refused_for_their_fault() {
    let lying = Lying::new().await;
    let back = lying.claimed(|_, _| None).await;
    assert!(back.starts_with(&format!("{APP}#code=")), "{back}");
    // An unknown key is requested once a minute at most.
    lying.stage.app().pass_minutes(1);
    let back = lying.claimed(|claims, liar| Some(liar.signed_on_p256(claims))).await;
    assert!(back.starts_with(&format!("{APP}#code=")), "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_issuer_for_another_party_of_another_time_or_sign_in_is_not_believed() {
    let lying = Lying::new().await;
    let now = lying.stage.app().now().as_second();
    let lies = [
        ("another issuer", "iss", json!("https://elsewhere.example")),
        ("another audience", "aud", json!("another-app")),
        ("more audiences", "aud", json!(["hubnet", "another-app"])),
        ("another party", "azp", json!("another-app")),
        ("expired", "exp", json!(now - 60)),
        ("of the future", "iat", json!(now + 600)),
        ("another nonce", "nonce", json!("of another sign-in")),
        ("no nonce", "nonce", Json::Null),
        ("no subject", "sub", json!("")),
        ("a subject nobody can keep", "sub", json!("e\u{0}va")),
        ("a subject without end", "sub", json!("e".repeat(256))),
    ];
    for (what, claim, lie) in lies {
        let back = lying
            .claimed(|claims, _| {
                claims[claim] = lie;
                None
            })
            .await;
        assert!(back == refused() || back == unavailable(), "{what}: {back}");
        lying.stage.holds_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_a_signature_or_with_one_that_anybody_could_make_is_not_believed() {
    let lying = Lying::new().await;
    let back = lying.claimed(|claims, _| Some(Liar::not_signed(claims))).await;
    assert!(back == refused() || back == unavailable(), "alg none: {back}");
    let public = lying.liar.public_key();
    let back = lying.claimed(|claims, _| Some(Liar::signed_with_secret("first", &public, claims))).await;
    assert_eq!(back, refused(), "HS256 with the public key");
    let secret = b"kept by the town hall";
    let back = lying.claimed(|claims, _| Some(Liar::signed_with_secret("first", secret, claims))).await;
    assert_eq!(back, refused(), "HS256 with the client's secret");
    let stranger = Liar::start().await;
    let back = lying.claimed(|claims, _| Some(stranger.signed("first", claims))).await;
    assert_eq!(back, refused(), "somebody else's key under the name of the provider's");
    let back = lying.claimed(|claims, liar| Some(liar.signed("unknown", claims))).await;
    assert_eq!(back, refused(), "a key that the provider does not show");
    lying.stage.holds_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_may_change_its_keys() {
    let lying = Lying::new().await;
    sent(&lying.stage, "town").await;
    let changed = Liar::start().await;
    lying.liar.replies_with("/jwks", &json!({ "keys": [changed.jwk("second")] }));
    let back = lying.claimed(|claims, _| Some(changed.signed("second", claims))).await;
    assert_eq!(back, refused(), "its keys were asked for within this minute");
    lying.stage.app().pass_minutes(1);
    let back = lying.claimed(|claims, _| Some(changed.signed("second", claims))).await;
    assert!(back.starts_with(&format!("{APP}#code=")), "{back}");
    let back = lying.claimed(|claims, liar| Some(liar.signed("first", claims))).await;
    assert_eq!(back, refused(), "the old key is good no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_of_another_provider_is_refused() {
    let lying = Lying::new().await;
    let mut discovery = lying.liar.discovery();
    discovery["authorization_response_iss_parameter_supported"] = json!(true);
    lying.liar.publishes(&discovery);
    let answered = async |issuer: Option<&str>| {
        let (browser, there) = sent(&lying.stage, "town").await;
        lying.liar.gives(&lying.liar.signed("first", &lying.claims(&there)));
        let state = url_parameter(&there, "state").expect("a state");
        let issuer = issuer.map_or_else(String::new, |issuer| format!("&iss={issuer}"));
        let answer = format!("{}/sign-in/town/answer?code=any&state={state}{issuer}", lying.stage.url);
        browser.open(&answer).await.leads_to().to_owned()
    };
    assert_eq!(answered(Some("https://elsewhere.example")).await, refused());
    assert_eq!(answered(None).await, refused(), "it claims that it always sends it");
    lying.stage.holds_nothing().await;
    assert!(answered(Some(&lying.liar.issuer)).await.contains("#code="));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_does_not_begin_at_an_unavailable_mismatched_or_endless_provider() {
    let lying = Lying::new().await;
    let (stage, liar) = (&lying.stage, &lying.liar);
    let turned_away = async |what: &str| {
        let page = Browser::new().open(&stage.start("town")).await;
        assert_eq!((page.status, page.code().as_str()), (503, "UNAVAILABLE"), "{what}: {page:?}");
        assert!(page.headers.contains_key("retry-after"), "{what}");
        assert!(!page.headers.contains_key("set-cookie"), "{what}");
    };
    let whole = liar.discovery();
    let with = |key: &str, value: &str| {
        let mut discovery = whole.clone();
        discovery[key] = json!(value);
        discovery
    };
    liar.publishes(&with("issuer", "https://elsewhere.example"));
    turned_away("another issuer").await;
    liar.publishes(&with("jwks_uri", "http://elsewhere.example/jwks"));
    turned_away("keys where others could change them").await;
    liar.publishes(&with("authorization_endpoint", "http://elsewhere.example/auth"));
    turned_away("people sent where others could listen").await;
    stage.app().pass_minutes(61);
    liar.publishes(&with("padding", &"x".repeat(1024 * 1024)));
    turned_away("more than 1 MiB").await;
    liar.publishes(&json!("nonsense"));
    turned_away("no discovery").await;
    let began = Instant::now();
    liar.replies_late("/.well-known/openid-configuration", &whole.to_string(), Duration::from_secs(10));
    turned_away("slow").await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    stage.holds_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_learns_that_a_provider_went_away_during_a_sign_in() {
    let lying = Lying::new().await;
    let (browser, there) = sent(&lying.stage, "town").await;
    assert_eq!(lying.back(&browser, &there).await, unavailable(), "it knows no code any more");
    let (browser, there) = sent(&lying.stage, "town").await;
    lying.liar.replies_with("/token", &json!({ "access_token": "opaque", "token_type": "Bearer" }));
    assert_eq!(lying.back(&browser, &there).await, refused(), "no ID token");
    let (browser, there) = sent(&lying.stage, "town").await;
    let began = Instant::now();
    lying.liar.replies_late("/token", "{}", Duration::from_secs(10));
    assert_eq!(lying.back(&browser, &there).await, unavailable(), "slow");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    lying.stage.holds_nothing().await;
}
