//! Mail through a real mail server: invitations, forgotten passwords, verified addresses.

use kernel::JobState;
use platform_jobs::list_queued;
use testkit::{Json, TestApp, json, statements_of};

use super::cast::{Account, Cast, INVITE_STAFF, ME, PASSWORD, SUSPEND, to_staff, word};
use crate::{support::alone::is_alone, support::post};

const FORGOTTEN: &str =
    "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { accepted } }";
const RESET: &str = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { ... on SignedIn { accessToken } } }";
const ASK_TO_VERIFY: &str = "mutation { requestEmailVerification { accepted } }";
const VERIFY: &str = "mutation($code: String!) { verifyEmail(input: { code: $code }) { accepted } }";
const ADDRESS: &str = "{ me { email emailVerifiedAt } }";

/// A cast whose application sends mail.
struct Post {
    cast: Cast,
    post: post::Post,
}

impl Post {
    async fn new() -> Self {
        let (app, post) = post::Post::open().await;
        let network = app.network("n").await;
        let hub = app.hub(&network, "home").await;
        Self { cast: Cast { app, network, hub }, post }
    }

    async fn send(&self) -> usize {
        self.post.send(&self.cast.app).await
    }

    fn last_mail(&self) -> String {
        self.post.last_mail()
    }

    fn code(&self) -> String {
        self.post.code()
    }

    async fn invite(&self, email: &str) -> Json {
        let invite = to_staff(email, "OPERATOR", &self.cast.hub);
        self.cast.app.system().ask(INVITE_STAFF, invite).await["inviteStaff"].clone()
    }

    async fn operator(&self) -> Account {
        let invitation = self.invite("olga@example.org").await;
        self.send().await;
        let tokens = self.cast.app.accept(&json!({ "code": self.code() }), PASSWORD).await;
        Account { person: word(&invitation["personId"]).into(), email: "olga@example.org".into(), tokens }
    }
}

fn forgotten(email: &str) -> Json {
    json!({ "input": { "email": email } })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_goes_to_the_invited_and_its_code_to_nobody_else() {
    let post = Post::new().await;
    let invitation = post.invite("olga@example.org").await;
    assert_eq!(invitation["code"], Json::Null);
    assert_eq!(post.send().await, 1);
    assert_eq!(post.send().await, 0, "once is enough");
    let mail = post.last_mail();
    for line in
        ["To: olga@example.org", "From: \"Hub Humpolec\" <hub@example.org>", "Subject: Your invitation"]
    {
        assert!(mail.contains(line), "{line:?} is missing in {mail}");
    }
    let tokens = post.cast.app.accept(&json!({ "code": post.code() }), PASSWORD).await;
    let olga = post.cast.app.with_token(word(&tokens["accessToken"]));
    let address = olga.ask(ADDRESS, json!({})).await["me"].clone();
    assert_eq!(address["email"], "olga@example.org");
    assert!(address["emailVerifiedAt"].is_string(), "whoever has the code reads the mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_written_to_in_their_language() {
    let post = Post::new().await;
    for (language, word) in [("cs", "heslo"), ("pl", "has=C5=82o"), ("en", "password")] {
        let mut invite = to_staff(&format!("{language}@example.org"), "OPERATOR", &post.cast.hub);
        invite["input"]["language"] = language.into();
        post.cast.app.system().ask(INVITE_STAFF, invite).await;
        assert_eq!(post.send().await, 1);
        let mail = post.last_mail();
        assert!(mail.contains(word), "{language}: {mail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_set_anew_with_a_code_from_the_mail_and_everybody_else_is_out() {
    let post = Post::new().await;
    let app = &post.cast.app;
    let olga = post.operator().await;
    app.pass_minutes(1);
    app.anonymous().ask(FORGOTTEN, forgotten("Olga@example.org")).await;
    assert_eq!(post.send().await, 1);
    let reset = json!({ "input": { "code": post.code(), "password": "a better horse battery" } });
    let tokens = app.anonymous().ask(RESET, reset.clone()).await["resetPassword"].clone();
    app.with_token(word(&tokens["accessToken"])).ask(ME, json!({})).await;
    assert_eq!(app.turned_away(olga.access()), "UNAUTHENTICATED");
    assert_eq!(app.anonymous().refused(RESET, reset).await, "UNAUTHENTICATED", "a code works once");
    assert_eq!(app.cannot_sign_in(&olga.email, PASSWORD).await, "UNAUTHENTICATED");
    app.sign_in(&olga.email, "a better horse battery").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_for_a_new_password_works_for_an_hour_and_for_nothing_else() {
    let post = Post::new().await;
    let app = &post.cast.app;
    let olga = post.operator().await;
    app.anonymous().ask(FORGOTTEN, forgotten(&olga.email)).await;
    post.send().await;
    let code = post.code();
    assert_eq!(app.anonymous().refused(VERIFY, json!({ "code": code })).await, "UNAUTHENTICATED");
    app.pass_minutes(60);
    let reset = json!({ "input": { "code": code, "password": "a better horse battery" } });
    assert_eq!(app.anonymous().refused(RESET, reset).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_reset_request_does_not_reveal_who_has_an_account() {
    let post = Post::new().await;
    let app = &post.cast.app;
    post.operator().await;
    post.invite("pending@example.org").await;
    post.send().await;
    let before = post.post.smtp.mails().len();
    for email in ["nobody@example.org", "pending@example.org"] {
        let known = app.anonymous().ask(FORGOTTEN, forgotten(email)).await;
        assert_eq!(known["requestPasswordReset"], json!({ "accepted": true }), "{email}");
    }
    assert_eq!(post.send().await, 0);
    assert_eq!(post.post.smtp.mails().len(), before);
    for _try in 0..9 {
        app.anonymous().ask(FORGOTTEN, forgotten("nobody@example.org")).await;
    }
    assert_eq!(app.anonymous().refused(FORGOTTEN, forgotten("nobody@example.org")).await, "RATE_LIMITED");
}

/// Work beside the response, such as the log of a refused sign-in, comes after everything that the response waits
/// for.
fn assert_same_work(what: &str, known: &[String], unknown: &[String]) {
    let shared = known.len().min(unknown.len());
    assert!(shared > 2, "{what} asks the database: {known:#?}");
    assert_eq!(known[..shared], unknown[..shared], "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_and_an_unknown_address_cost_the_same_work_when_signing_in_and_when_a_password_is_forgotten()
{
    let name = "spec::identity::mail::a_known_and_an_unknown_address_cost_the_same_work_when_signing_in_and_when_a_password_is_forgotten";
    if !is_alone(name) {
        return;
    }
    let post = Post::new().await;
    let app = &post.cast.app;
    let olga = post.operator().await;
    post.send().await;
    let stranger = app.anonymous();
    // The first request of each kind also fills caches.
    for _time in 0..2 {
        let known = statements_of(stranger.ask(FORGOTTEN, forgotten(&olga.email))).await;
        let unknown = statements_of(stranger.ask(FORGOTTEN, forgotten("nobody@example.org"))).await;
        assert_same_work("asking for a new password", &known, &unknown);
        let known = statements_of(app.cannot_sign_in(&olga.email, "wrong horse battery")).await;
        let unknown = statements_of(app.cannot_sign_in("nobody@example.org", "wrong horse battery")).await;
        assert_same_work("signing in", &known, &unknown);
    }
    post.send().await;
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_person_does_not_come_back_by_a_new_password() {
    let post = Post::new().await;
    let app = &post.cast.app;
    let olga = post.operator().await;
    app.anonymous().ask(FORGOTTEN, forgotten(&olga.email)).await;
    post.send().await;
    let code = post.code();
    app.system().ask(SUSPEND, json!({ "id": olga.person })).await;
    let reset = json!({ "input": { "code": code, "password": "a better horse battery" } });
    assert_eq!(app.anonymous().refused(RESET, reset).await, "UNAUTHENTICATED", "with a code from before");
    assert_eq!(app.cannot_sign_in(&olga.email, "a better horse battery").await, "UNAUTHENTICATED");
    let mails = post.post.smtp.mails().len();
    app.anonymous().ask(FORGOTTEN, forgotten(&olga.email)).await;
    assert_eq!(post.send().await, 0, "nobody writes to them");
    assert_eq!(post.post.smtp.mails().len(), mails);
    assert_eq!(app.cannot_sign_in(&olga.email, PASSWORD).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_verified_by_sending_its_code_back() {
    let post = Post::new().await;
    let app = &post.cast.app;
    let olga = post.operator().await;
    let olga = app.with_token(olga.access());
    olga.ask(ASK_TO_VERIFY, json!({})).await;
    post.send().await;
    app.anonymous().ask(VERIFY, json!({ "code": post.code() })).await;
    assert!(olga.ask(ADDRESS, json!({})).await["me"]["emailVerifiedAt"].is_string());
    assert_eq!(app.anonymous().refused(ASK_TO_VERIFY, json!({})).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_mail_is_sent_later_and_a_rejected_mail_is_not() {
    let post = Post::new().await;
    post.invite("grey@example.org").await;
    post.invite("bounce@example.org").await;
    assert_eq!(post.send().await, 0, "451 and 550");
    let counted = || async {
        post.cast.app.services().identity().expect("identity").count_mail().await.expect("counted")
    };
    let mail = counted().await;
    assert_eq!((mail.waiting, mail.bounced, mail.undeliverable), (1, 1, 1));
    assert_eq!(post.send().await, 0, "not at once again");
    post.cast.app.pass_minutes(2);
    assert_eq!(post.send().await, 1);
    assert!(post.last_mail().contains("To: grey@example.org"));
    post.cast.app.pass_minutes(48 * 60);
    assert_eq!(post.send().await, 0, "given up");
    post.cast.app.accept(&json!({ "code": post.code() }), PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_away_is_waited_for_and_nothing_fails_meanwhile() {
    let app = TestApp::configured(|config| config.mail.url = Some("smtp://127.0.0.1:9".into())).await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let invited = app.system().ask(INVITE_STAFF, to_staff("olga@example.org", "OPERATOR", &hub)).await;
    assert_eq!(invited["inviteStaff"]["code"], Json::Null);
    app.run_jobs_of(post::SEND_MAIL).await;
    let mail = app.services().identity().expect("identity").count_mail().await.expect("counted");
    assert_eq!((mail.waiting, mail.given_up, mail.bounced), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_without_mail_promises_no_mail() {
    let cast = Cast::new().await;
    assert_eq!(cast.app.anonymous().refused(FORGOTTEN, forgotten("olga@example.org")).await, "CONFLICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_mail_when_their_second_factor_is_added_renewed_or_removed() {
    let post = Post::new().await;
    let app = &post.cast.app;
    let olga = post.operator().await;
    let client = app.with_token(olga.access());
    let renew =
        "mutation($input: SecondFactorProofInput!) { renewRecoveryCodes(input: $input) { recoveryCodes } }";
    let remove =
        "mutation($input: SecondFactorProofInput!) { removeSecondFactor(input: $input) { removed } }";
    let proof = json!({ "input": { "password": PASSWORD } });
    let subject = async || {
        assert_eq!(post.send().await, 1, "one mail about each");
        let mail = post.last_mail();
        assert!(!mail.contains("hubnet_code_"), "with no code in it: {mail}");
        mail.lines().find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned)).expect("a subject")
    };
    app.second_factor(&client, PASSWORD).await;
    assert_eq!(subject().await, "A second factor protects your account");
    client.ask(renew, proof.clone()).await;
    assert_eq!(subject().await, "New recovery codes");
    client.ask(remove, proof.clone()).await;
    assert_eq!(subject().await, "The second factor was switched off");
    app.pass_minutes(1);
    app.second_factor(&client, PASSWORD).await;
    subject().await;
    let lost = "mutation($id: ID!) { removeLostSecondFactor(input: { personId: $id }) { personId } }";
    app.system().ask(lost, json!({ "id": olga.person })).await;
    assert_eq!(subject().await, "The second factor was switched off");
}

/// A try may succeed without our knowing; the next one is recognised by its `Message-ID`, so it must not carry another
/// code than the one a mailbox kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_mail_has_the_same_message_id_and_the_same_code() {
    let post = Post::new().await;
    post.invite("late@example.org").await;
    let header = |mail: &str| {
        let line = mail.lines().find(|line| line.to_lowercase().starts_with("message-id:"));
        line.expect("a Message-ID").to_owned()
    };
    assert_eq!(post.send().await, 1, "the server took it, and did not say so");
    let (first_id, first_code) = (header(&post.last_mail()), post.code());
    post.cast.app.pass_minutes(2);
    assert_eq!(post.send().await, 1);
    assert_eq!((header(&post.last_mail()), post.code()), (first_id, first_code));
    post.cast.app.pass_minutes(60);
    assert_eq!(post.send().await, 0, "it is sent");
    post.cast.app.accept(&json!({ "code": post.code() }), PASSWORD).await;
}

/// A code that was used is not made usable by a late repetition of its mail.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_used_stays_used_when_its_mail_is_repeated() {
    let post = Post::new().await;
    post.invite("late@example.org").await;
    post.send().await;
    post.cast.app.accept(&json!({ "code": post.code() }), PASSWORD).await;
    post.cast.app.pass_minutes(2);
    assert_eq!(post.send().await, 0, "whoever accepted needs no invitation");
    post.cast.app.anonymous().ask(FORGOTTEN, forgotten("late@example.org")).await;
    assert_eq!(post.send().await, 1);
    let reset = json!({ "input": { "code": post.code(), "password": "a better horse battery" } });
    post.cast.app.anonymous().ask(RESET, reset.clone()).await;
    assert_eq!(post.cast.app.anonymous().refused(RESET, reset).await, "UNAUTHENTICATED");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_has_a_plain_part_and_an_html_part_and_no_link_to_decline_it() {
    let post = Post::new().await;
    post.invite("olga@example.org").await;
    post.send().await;
    let mail = post.last_mail();
    for part in [
        "multipart/alternative",
        "text/plain; charset=utf-8",
        "text/html; charset=utf-8",
        "<html lang=\"en\">",
    ] {
        assert!(mail.contains(part), "{part:?} is missing in {mail}");
    }
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(!mail.contains("List-Unsubscribe"), "it is about their own business: {mail}");
    let codes: Vec<&str> = mail
        .split(|it: char| it.is_whitespace() || "<>".contains(it))
        .filter(|word| word.starts_with("hubnet_code_"))
        .collect();
    assert_eq!(codes.len(), 2, "one in each part: {mail}");
    assert_eq!(codes[0], codes[1]);
}

/// The queue is in a backup, and in the hands of whoever reads the database; a code is not.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_mail_shows_in_the_list_of_jobs_and_holds_no_address_and_no_code() {
    let post = Post::new().await;
    post.invite("grey@example.org").await;
    post.send().await;
    let app = &post.cast.app;
    let network = post.cast.network.id.parse().expect("an id");
    let mut waiting = Vec::new();
    for db in app.services().databases() {
        waiting.extend(
            list_queued(db).await.expect("jobs").into_iter().filter(|it| it.job.kind == post::SEND_MAIL),
        );
        let tx = db.read(platform_db::Reach::Network(network)).await.expect("a transaction");
        for row in tx
            .rows("select input, about, kind, coalesce(reason, '') as reason from mail", [])
            .await
            .expect("rows")
        {
            for column in ["input", "about", "kind", "reason"] {
                let text: String = row.try_get("", column).expect("a text");
                assert!(!text.contains('@') && !text.contains("hubnet_code_"), "{column}: {text}");
            }
        }
    }
    let [queued] = &waiting[..] else { panic!("one mail waits: {waiting:?}") };
    assert_eq!((queued.job.state, queued.attempts), (JobState::Waiting, 1));
    assert_eq!(queued.job.message.as_deref(), Some("the mail server: 451 4.7.1"));
}
