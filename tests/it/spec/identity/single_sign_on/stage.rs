//! An application that browsers reach over HTTP, its people, and an app that sends them to their organisation.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use platform_db::{Reach, Ts};
use platform_http::Edge;
use server::{AppAuthenticator, AppProbe, SingleSignOnConfig};
use sha2::{Digest, Sha256};
use testkit::{Json, TestApp, json};
use tokio::sync::oneshot;

use super::super::cast::{Cast, word};
use crate::support::provider::{APP, Browser, url_parameter};

pub(super) const LINKS: &str = "{ me { id email signInLinks { id provider linkedAt usedAt } } }";
pub(super) const UNLINK: &str = "mutation($id: ID!) { removeSignInLink(input: { linkId: $id }) { removed } }";
const COMPLETE: &str = "mutation($input: CompleteSingleSignOnInput!) { completeSingleSignOn(input: $input) { \
    __typename ... on SignedIn { accessToken } ... on SecondFactorNeeded { challenge } } }";
/// The secret that the app keeps.
pub(crate) const VERIFIER: &str = "an-app-keeps-this-to-itself-until-the-very-end";

/// The application and its people.
pub(super) struct Stage {
    pub(super) cast: Cast,
    pub(super) url: String,
    closing: Option<oneshot::Sender<()>>,
}

/// The address of an application, before it is built.
pub(super) struct Place {
    listener: platform_http::Listener,
    pub(super) url: String,
}

impl Place {
    pub(super) fn find() -> Self {
        let listener = platform_http::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr());
        Self { listener, url }
    }
}

impl Stage {
    /// Opens an application with these providers, whose clock shows the real time.
    pub(super) async fn open(place: Place, providers: Vec<SingleSignOnConfig>, mail: Option<String>) -> Self {
        let Place { listener, url } = place;
        let app = TestApp::configured(|config| {
            config.identity.public_url = Some(url.clone());
            config.identity.single_sign_on = providers;
            config.mail.url = mail.map(Into::into);
        })
        .await;
        app.set_clock(&kernel::World::real().now().to_string());
        app.services().load_revocations().await.expect("the revocations are loaded");
        let network = app.network("n").await;
        let hub = app.hub(&network, "home").await;
        let closing = Some(serve(&app, listener));
        Self { cast: Cast { app, network, hub }, url, closing }
    }

    pub(super) fn app(&self) -> &TestApp {
        &self.cast.app
    }

    /// Returns the address at which a browser begins.
    pub(super) fn start(&self, key: &str) -> String {
        format!("{}/sign-in/{key}?return_to={APP}&code_challenge={}", self.url, challenge(VERIFIER))
    }

    /// Completes a sign-in with the address the app was opened with.
    pub(super) async fn completed(&self, address: &str) -> Json {
        let answer = self.app().anonymous().ask(COMPLETE, input(&code(address), VERIFIER, None)).await;
        answer["completeSingleSignOn"].clone()
    }

    /// Completes a sign-in with an invitation.
    pub(super) async fn completed_with(&self, address: &str, invitation: &Json) -> Json {
        let input = input(&code(address), VERIFIER, Some(invitation));
        self.app().anonymous().ask(COMPLETE, input).await["completeSingleSignOn"].clone()
    }

    /// Returns the code with which completing is refused.
    pub(super) async fn not_completed(&self, address: &str) -> String {
        self.refused(&code(address), VERIFIER, None).await
    }

    pub(super) async fn refused(&self, code: &str, verifier: &str, invitation: Option<&Json>) -> String {
        self.app().anonymous().refused(COMPLETE, input(code, verifier, invitation)).await
    }

    /// Returns the person who was signed in.
    pub(super) async fn person(&self, signed_in: &Json) -> Json {
        assert_eq!(signed_in["__typename"], "SignedIn", "{signed_in}");
        let client = self.app().with_token(word(&signed_in["accessToken"]));
        client.ask(LINKS, json!({})).await["me"].clone()
    }

    /// Marks the address of an account as verified.
    pub(super) async fn verify(&self, email: &str) {
        let network = self.cast.network.id.parse().expect("an id");
        let tx = self.app().services().databases().last().expect("identity's").write(Reach::Network(network));
        let tx = tx.await.expect("a transaction");
        let sql = "update sign_in_account set email_verified_at = $1 where email = $2";
        tx.run(sql, [Ts(self.app().now()).into(), email.into()]).await.expect("written");
        tx.commit().await.expect("committed");
    }

    /// Returns the number of rows of a table of identity.
    pub(super) async fn rows(&self, table: &str) -> i64 {
        let network = self.cast.network.id.parse().expect("an id");
        let db = self.app().services().databases().last().expect("identity's").clone();
        let tx = db.read(Reach::Network(network)).await.expect("a transaction");
        let row = tx.row(&format!("select count(*) as many from {table}"), []).await.expect("a row");
        row.expect("a count").try_get("", "many").expect("a number")
    }

    /// Asserts that there is no handover and no link.
    pub(super) async fn holds_nothing(&self) {
        assert_eq!((self.rows("sign_in_handover").await, self.rows("sign_in_link").await), (0, 0));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(closing) = self.closing.take() {
            // The server may have stopped by itself.
            let _sent = closing.send(());
        }
    }
}

fn serve(app: &TestApp, listener: platform_http::Listener) -> oneshot::Sender<()> {
    let services = app.services().clone();
    let (closing, closed) = oneshot::channel::<()>();
    let authenticator = std::sync::Arc::new(AppAuthenticator::new(services.clone()));
    let probe = std::sync::Arc::new(AppProbe::new(services.clone()));
    let mut edge = Edge::new(std::sync::Arc::clone(services.schema()), authenticator, probe);
    edge.redirectors = server::redirectors(&services);
    let closed_signal = async {
        let _sent_or_dropped = closed.await;
    };
    tokio::spawn(
        async move { platform_http::serve(edge, listener, closed_signal).await.expect("it serves") },
    );
    closing
}

/// Returns a browser that was sent to a provider, and the address there.
pub(super) async fn sent(stage: &Stage, key: &str) -> (Browser, String) {
    let browser = Browser::new();
    let page = browser.open(&stage.start(key)).await;
    assert_eq!(page.status, 303, "{page:?}");
    let there = page.leads_to().to_owned();
    (browser, there)
}

pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Returns the handover behind the `#`.
pub(super) fn code(address: &str) -> String {
    url_parameter(address, "code").unwrap_or_else(|| panic!("no code in {address}"))
}

fn input(code: &str, verifier: &str, invitation: Option<&Json>) -> Json {
    json!({ "input": { "code": code, "codeVerifier": verifier, "invitation": invitation } })
}
