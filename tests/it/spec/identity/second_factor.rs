//! The second factor: an account that has one cannot sign in without it, and each code is valid once.

use kernel::OpContext;
use platform_db::Reach;
use platform_module::Module as _;
use secrecy::SecretString;
use server::{App, ServiceSet};
use testkit::{Client, Json, Phone, TestApp, json};

use super::cast::{Account, Cast, ME, PASSWORD, SUSPEND, word};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { __typename \
    ... on SecondFactorNeeded { challenge expiresAt } ... on SignedIn { accessToken } } }";
const COMPLETE: &str = "mutation($input: CompleteSignInInput!) { completeSignIn(input: $input) { \
    accessToken refreshToken } }";
const ENROLL: &str =
    "mutation($input: EnrollSecondFactorInput!) { enrollSecondFactor(input: $input) { secret uri } }";
const CONFIRM: &str =
    "mutation($code: String!) { confirmSecondFactor(input: { code: $code }) { recoveryCodes } }";
const RENEW: &str =
    "mutation($input: SecondFactorProofInput!) { renewRecoveryCodes(input: $input) { recoveryCodes } }";
const REMOVE: &str =
    "mutation($input: SecondFactorProofInput!) { removeSecondFactor(input: $input) { removed } }";
const REMOVE_LOST: &str =
    "mutation($id: ID!) { removeLostSecondFactor(input: { personId: $id }) { personId status } }";
const CHANGE: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { __typename \
    ... on SecondFactorNeeded { challenge } } }";
const FACTOR: &str = "{ me { secondFactor { confirmedAt recoveryCodesLeft } } }";

/// Eva, whose second factor is in force.
struct Guarded {
    cast: Cast,
    eva: Account,
    phone: Phone,
    papers: Vec<String>,
}

impl Guarded {
    async fn new() -> Self {
        let cast = Cast::new().await;
        let (_, eva) = cast.member("Eva").await;
        let (phone, papers) = cast.app.second_factor(&cast.client(&eva), PASSWORD).await;
        cast.app.pass_minutes(1);
        Self { cast, eva, phone, papers }
    }

    fn app(&self) -> &TestApp {
        &self.cast.app
    }

    fn client(&self) -> Client {
        self.cast.client(&self.eva)
    }

    /// Shows the password; returns the challenge.
    async fn challenge(&self) -> Json {
        let waiting = self.first(PASSWORD).await;
        assert_eq!(waiting["__typename"], "SecondFactorNeeded");
        waiting["challenge"].clone()
    }

    async fn first(&self, password: &str) -> Json {
        let input = json!({ "input": { "email": self.eva.email, "password": password } });
        self.app().anonymous().ask(SIGN_IN, input).await["signIn"].clone()
    }

    async fn refused(&self, challenge: &Json, code: &str) -> String {
        self.app().anonymous().refused(COMPLETE, with(challenge, code)).await
    }

    async fn completed(&self, challenge: &Json, code: &str) -> Json {
        self.app().anonymous().ask(COMPLETE, with(challenge, code)).await["completeSignIn"].clone()
    }

    /// Returns a code that fits no half minute around now.
    fn wrong(&self) -> String {
        let right = self.phone.code();
        let first = if right.starts_with('0') { '1' } else { '0' };
        format!("{first}{}", &right[1..])
    }
}

fn with(challenge: &Json, code: &str) -> Json {
    json!({ "input": { "challenge": challenge, "code": code } })
}

fn proof(of: &str, text: &str) -> Json {
    json!({ "input": { of: text } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_required_only_after_it_is_confirmed() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let client = cast.client(&eva);
    assert_eq!(client.refused(CONFIRM, json!({ "code": "123456" })).await, "CONFLICT");
    let first = client.ask(ENROLL, proof("password", PASSWORD)).await["enrollSecondFactor"].clone();
    cast.app.sign_in(&eva.email, PASSWORD).await;
    assert_eq!(client.ask(FACTOR, json!({})).await["me"]["secondFactor"], Json::Null);
    let second = client.ask(ENROLL, proof("password", PASSWORD)).await["enrollSecondFactor"].clone();
    let (old, phone) = (cast.app.phone(&first["secret"]), cast.app.phone(&second["secret"]));
    let uri = format!("otpauth://totp/hubnet:eva%40example.org?secret={}", word(&second["secret"]));
    assert!(word(&second["uri"]).starts_with(&uri), "{second}");
    assert_eq!(client.refused(CONFIRM, json!({ "code": old.code() })).await, "CODE_REFUSED");
    let confirmed = client.ask(CONFIRM, json!({ "code": phone.code() })).await;
    assert_eq!(confirmed["confirmSecondFactor"]["recoveryCodes"].as_array().map(Vec::len), Some(10));
    let held = client.ask(FACTOR, json!({})).await["me"]["secondFactor"].clone();
    assert_eq!(held["recoveryCodesLeft"], 10);
    assert_eq!(client.refused(CONFIRM, json!({ "code": phone.code() })).await, "CONFLICT");
    assert_eq!(client.refused(ENROLL, proof("password", PASSWORD)).await, "CONFLICT", "nor begun anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_second_factor_signs_in_with_both() {
    let guarded = Guarded::new().await;
    let challenge = guarded.challenge().await;
    let signed_in = guarded.completed(&challenge, &guarded.phone.code()).await;
    let me = guarded.app().with_token(word(&signed_in["accessToken"])).ask(ME, json!({})).await;
    assert_eq!(me["me"]["id"], guarded.eva.person.as_str());
    guarded.cast.refreshed(word(&signed_in["refreshToken"])).await;
    guarded.app().pass_minutes(1);
    let again = guarded.refused(&challenge, &guarded.phone.code()).await;
    assert_eq!(again, "UNAUTHENTICATED", "a challenge is good once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_each_half_minute_works_once_under_concurrency() {
    let guarded = Guarded::new().await;
    let (one, other) = (guarded.challenge().await, guarded.challenge().await);
    let code = guarded.phone.code();
    let client = guarded.app().anonymous();
    let (first, second) = tokio::join!(
        client.response(COMPLETE, with(&one, &code)),
        client.response(COMPLETE, with(&other, &code))
    );
    let codes = [first, second].map(|answer| answer["errors"][0]["extensions"]["code"].clone());
    assert!(codes.contains(&Json::Null) && codes.contains(&json!("CODE_REFUSED")), "{codes:?}");
    let left = if codes[0] == Json::Null { other } else { one };
    guarded.app().pass_minutes(1);
    guarded.completed(&left, &guarded.phone.code()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_the_half_minutes_beside_it_and_no_longer() {
    let guarded = Guarded::new().await;
    let before = guarded.phone.code();
    guarded.app().pass_minutes(1);
    let challenge = guarded.challenge().await;
    assert_eq!(guarded.refused(&challenge, &before).await, "CODE_REFUSED", "a minute is two half minutes");
    guarded.completed(&challenge, &guarded.phone.code()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_takes_five_codes_for_five_minutes() {
    let guarded = Guarded::new().await;
    let challenge = guarded.challenge().await;
    for _try in 0..5 {
        assert_eq!(guarded.refused(&challenge, &guarded.wrong()).await, "CODE_REFUSED");
    }
    assert_eq!(guarded.refused(&challenge, &guarded.phone.code()).await, "UNAUTHENTICATED");
    let late = guarded.challenge().await;
    guarded.app().pass_minutes(5);
    assert_eq!(guarded.refused(&late, &guarded.phone.code()).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_counted_like_wrong_passwords_and_a_right_password_forgets_none() {
    let guarded = Guarded::new().await;
    guarded.app().pass_minutes(15);
    for _round in 0..5 {
        let challenge = guarded.challenge().await;
        assert_eq!(guarded.refused(&challenge, &guarded.wrong()).await, "CODE_REFUSED");
    }
    assert_eq!(guarded.app().cannot_sign_in(&guarded.eva.email, PASSWORD).await, "RATE_LIMITED");
    guarded.app().pass_minutes(15);
    let challenge = guarded.challenge().await;
    guarded.completed(&challenge, &guarded.phone.code()).await;
    for _try in 0..9 {
        let refused = guarded.app().cannot_sign_in(&guarded.eva.email, "wrong horse battery").await;
        assert_eq!(refused, "UNAUTHENTICATED", "a whole sign-in has forgotten the tries before");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_challenge_or_code_is_refused() {
    let guarded = Guarded::new().await;
    let challenge = guarded.challenge().await;
    for rubbish in ["", "x", &word(&challenge).replace("challenge", "code"), guarded.eva.refresh()] {
        assert_eq!(guarded.refused(&rubbish.into(), &guarded.phone.code()).await, "UNAUTHENTICATED");
    }
    for rubbish in ["", "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}", "+12345", &"7".repeat(4_000)] {
        assert_eq!(guarded.refused(&challenge, rubbish).await, "CODE_REFUSED", "{rubbish:?}");
    }
    guarded.completed(&challenge, &guarded.phone.code()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_stands_in_for_the_phone_once() {
    let guarded = Guarded::new().await;
    let paper = guarded.papers[3].to_uppercase();
    let challenge = guarded.challenge().await;
    let signed_in = guarded.completed(&challenge, &paper).await;
    let challenge = guarded.challenge().await;
    assert_eq!(guarded.refused(&challenge, &paper).await, "CODE_REFUSED");
    let client = guarded.app().with_token(word(&signed_in["accessToken"]));
    assert_eq!(client.ask(FACTOR, json!({})).await["me"]["secondFactor"]["recoveryCodesLeft"], 9);
    let renewed = client.ask(RENEW, proof("code", &guarded.phone.code())).await;
    let fresh = renewed["renewRecoveryCodes"]["recoveryCodes"].clone();
    assert_eq!(
        guarded.refused(&challenge, &guarded.papers[4]).await,
        "CODE_REFUSED",
        "the old are good no more"
    );
    guarded.completed(&challenge, word(&fresh[0])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_asks_for_the_second_factor_too() {
    let guarded = Guarded::new().await;
    let waiting = guarded.challenge().await;
    let change = json!({ "input": { "present": PASSWORD, "new": "a better horse battery" } });
    let changed = guarded.client().ask(CHANGE, change).await["changePassword"].clone();
    assert_eq!(changed["__typename"], "SecondFactorNeeded");
    assert_eq!(guarded.app().turned_away(guarded.eva.access()), "UNAUTHENTICATED", "every session has ended");
    let code = guarded.phone.code();
    assert_eq!(
        guarded.refused(&waiting, &code).await,
        "UNAUTHENTICATED",
        "nor goes on what the old one began"
    );
    guarded.completed(&changed["challenge"], &code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_switched_off_only_with_the_password_or_a_code() {
    for by in ["password", "code"] {
        let guarded = Guarded::new().await;
        let client = guarded.client();
        let neither = json!({ "input": {} });
        assert_eq!(client.refused(REMOVE, neither).await, "INVALID_INPUT");
        let both = json!({ "input": { "password": PASSWORD, "code": "123456" } });
        assert_eq!(client.refused(REMOVE, both).await, "INVALID_INPUT");
        assert_eq!(client.refused(REMOVE, proof("password", "wrong horse battery")).await, "UNAUTHENTICATED");
        assert_eq!(client.refused(REMOVE, proof("code", &guarded.wrong())).await, "CODE_REFUSED");
        assert_eq!(guarded.first(PASSWORD).await["__typename"], "SecondFactorNeeded");
        let right = if by == "code" { guarded.phone.code() } else { PASSWORD.to_owned() };
        client.ask(REMOVE, proof(by, &right)).await;
        assert_eq!(guarded.first(PASSWORD).await["__typename"], "SignedIn");
        assert_eq!(client.refused(RENEW, proof("password", PASSWORD)).await, "CONFLICT");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_cannot_enrol_a_second_factor() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let client = cast.client(&eva);
    assert_eq!(client.refused(ENROLL, proof("password", "wrong horse battery")).await, "UNAUTHENTICATED");
    assert_eq!(cast.app.anonymous().refused(ENROLL, proof("password", PASSWORD)).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_suspend_a_person_may_remove_their_second_factor_which_ends_their_sessions() {
    let guarded = Guarded::new().await;
    let cast = &guarded.cast;
    let adam = cast.staff("adam", "ADMINISTRATOR").await;
    let olga = cast.staff("olga", "OPERATOR").await;
    let nora = cast.staff("nora", "NETWORK_ADMINISTRATOR").await;
    let other = cast.app.hub(&cast.network, "other").await;
    let franz = cast.staff_at("franz", "ADMINISTRATOR", &other).await;
    let lost = |account: &Account| json!({ "id": account.person });
    for (who, whom, code) in [
        (&olga, &guarded.eva, "FORBIDDEN"),
        (&franz, &guarded.eva, "NOT_FOUND"),
        (&guarded.eva, &guarded.eva, "FORBIDDEN"),
        (&adam, &nora, "FORBIDDEN"),
    ] {
        let refused = cast.client(who).refused(REMOVE_LOST, lost(whom)).await;
        assert_eq!(refused, code, "{} against {}", who.email, whom.email);
    }
    let removed = cast.client(&adam).ask(REMOVE_LOST, lost(&guarded.eva)).await;
    assert_eq!(removed["removeLostSecondFactor"]["status"], "ACTIVE");
    assert_eq!(cast.app.turned_away(guarded.eva.access()), "UNAUTHENTICATED");
    assert_eq!(cast.not_refreshed(guarded.eva.refresh()).await, "UNAUTHENTICATED");
    cast.app.pass_minutes(1);
    assert_eq!(guarded.first(PASSWORD).await["__typename"], "SignedIn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_suspended_during_a_sign_in_does_not_complete_it() {
    let guarded = Guarded::new().await;
    let challenge = guarded.challenge().await;
    guarded.app().system().ask(SUSPEND, json!({ "id": guarded.eva.person })).await;
    assert_eq!(guarded.refused(&challenge, &guarded.phone.code()).await, "UNAUTHENTICATED");
    assert_eq!(guarded.app().cannot_sign_in(&guarded.eva.email, PASSWORD).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_of_the_installation_knows_the_same_second_factor() {
    let guarded = Guarded::new().await;
    let world = guarded.app().services().world().clone();
    let other = App::open(guarded.app().config(), ServiceSet::All, world.clone()).await;
    let other = other.expect("a second process");
    let challenge = SecretString::from(word(&guarded.challenge().await));
    let op = OpContext::new(kernel::Caller::Anonymous, world);
    let identity = other.identity().expect("identity runs here");
    identity.complete_sign_in(&op, challenge, guarded.phone.code().into()).await.expect("signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn second_factor_changes_are_audited() {
    let guarded = Guarded::new().await;
    let challenge = guarded.challenge().await;
    guarded.refused(&challenge, &guarded.wrong()).await;
    guarded.completed(&challenge, &guarded.papers[0]).await;
    guarded.client().ask(RENEW, proof("code", &guarded.phone.code())).await;
    guarded.client().ask(REMOVE, proof("password", PASSWORD)).await;
    let log = guarded.cast.log(None).await;
    let actions: Vec<&str> =
        log.iter().filter_map(|audit_event| audit_event["action"].as_str()).skip(2).collect();
    assert_eq!(
        actions,
        [
            "second_factor.confirmed",
            "person.code_asked",
            "person.code_refused",
            "person.signed_in",
            "recovery_codes.renewed",
            "second_factor.removed",
        ]
    );
    assert!(log[5]["detail"].as_str().expect("a detail").contains("recovery_code"), "{}", log[5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_second_factor_secret_or_code_is_stored_in_plain_text() {
    let cast = Cast::new().await;
    let (_, eva) = cast.member("Eva").await;
    let client = cast.client(&eva);
    let enrolled = client.ask(ENROLL, proof("password", PASSWORD)).await["enrollSecondFactor"].clone();
    let phone = cast.app.phone(&enrolled["secret"]);
    let confirmed = client.ask(CONFIRM, json!({ "code": phone.code() })).await;
    let identity = cast.app.services().identity().expect("identity runs here");
    let tx = identity
        .db()
        .read(Reach::Network(cast.network.id.parse().expect("an id")))
        .await
        .expect("a transaction");
    let mut kept = Vec::new();
    for (column, table) in [("sealed_secret", "second_factor"), ("code_hash", "recovery_code")] {
        let rows = tx.rows(&format!("select {column} as kept from {table}"), []).await.expect("rows");
        kept.extend(rows.iter().map(|row| row.try_get::<String>("", "kept").expect("a text")));
    }
    assert_eq!(kept.len(), 11, "one secret, ten codes");
    let codes = confirmed["confirmSecondFactor"]["recoveryCodes"].as_array().expect("codes");
    for shown in codes.iter().chain([&enrolled["secret"]]).map(word) {
        assert!(kept.iter().all(|kept| !kept.contains(shown)), "kept as it was shown");
    }
}
