//! Declining mail: one click in a mail program (RFC 8058), or a page and a button.

use std::sync::Arc;

use platform_http::Edge;
use reqwest::{Client, Response, StatusCode, header};
use server::{AppAuthenticator, AppProbe};
use tokio::sync::oneshot;

use super::{PUBLIC_URL, RECEIPT, REMINDER, Toy};

/// The toy behind a socket.
struct Stage {
    toy: Toy,
    url: String,
    _closing: oneshot::Sender<()>,
}

impl Stage {
    async fn set() -> Self {
        let toy = Toy::new("jana@example.org").await;
        let services = toy.app.services().clone();
        let authenticator = Arc::new(AppAuthenticator::new(services.clone()));
        let probe = Arc::new(AppProbe::new(services.clone()));
        let mut edge = Edge::new(Arc::clone(services.schema()), authenticator, probe);
        edge.link_pages = server::link_pages(&services);
        let listener = platform_http::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr());
        let (closing, closed) = oneshot::channel::<()>();
        let closed = async {
            let _closed_or_dropped = closed.await;
        };
        tokio::spawn(async move { platform_http::serve(edge, listener, closed).await.expect("it serves") });
        Self { toy, url, _closing: closing }
    }

    /// Sends a reminder; returns where the link in it leads, on this server.
    async fn link(&self) -> String {
        self.toy.enqueue(REMINDER, "lecture").await;
        assert_eq!(self.toy.send().await, 1);
        let mail = self.toy.last_mail();
        let line = mail.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).expect("a header");
        let link = line.trim().strip_suffix('>').expect("a link");
        assert_eq!(mail.matches(link).count(), 4, "also below the text: {mail}");
        link.replacen(PUBLIC_URL, &self.url, 1)
    }
}

/// What a mail program sends when its user clicks on "unsubscribe".
async fn one_click(url: &str) -> Response {
    let form = "List-Unsubscribe=One-Click";
    let post = Client::new().post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    post.body(form).send().await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_in_a_mail_program_declines_notices_and_nothing_else() {
    let stage = Stage::set().await;
    let link = stage.link().await;
    assert!(stage.toy.last_mail().contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
    for time in 0..2 {
        assert_eq!(one_click(&link).await.status(), StatusCode::OK, "time {time}");
        assert!(!stage.toy.wants_notices().await);
    }
    stage.toy.enqueue(REMINDER, "workshop").await;
    stage.toy.enqueue(RECEIPT, "").await;
    assert_eq!(stage.toy.send().await, 1, "the receipt is about their own business");
    let mail = stage.toy.last_mail();
    assert!(mail.contains("Subject: toy.receipt") && !mail.contains("List-Unsubscribe"), "{mail}");
    assert_eq!(stage.toy.counts().await.waiting, 0);
    stage.toy.app.drain().await;
}

/// Programs that look for dangerous links follow every one of them.
#[tokio::test(flavor = "multi_thread")]
async fn looking_at_the_link_shows_a_page_with_a_button_and_changes_nothing() {
    let stage = Stage::set().await;
    let link = stage.link().await;
    let page = Client::new().get(&link).header(header::ACCEPT_LANGUAGE, "uk").send().await.expect("a page");
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(page.headers()[header::REFERRER_POLICY], "no-referrer");
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("a policy").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let html = page.text().await.expect("a text");
    assert!(html.contains("<html lang=\"uk\">") && html.contains("<form method=\"post\">"), "{html}");
    assert!(stage.toy.wants_notices().await);
    assert_eq!(one_click(&link).await.status(), StatusCode::OK);
    assert!(!stage.toy.wants_notices().await);
    stage.toy.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_not_made_here_declines_nothing() {
    let stage = Stage::set().await;
    let link = stage.link().await;
    let (path, token) = link.rsplit_once('/').expect("a token");
    let mut changed: Vec<char> = token.chars().collect();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == 'A' { 'B' } else { 'A' };
    let changed: String = changed.into_iter().collect();
    for wrong in [changed.as_str(), &token[..20], "x", "..", "%00", "per_019d0000000070008000000000000000"] {
        let url = format!("{path}/{wrong}");
        assert_eq!(one_click(&url).await.status(), StatusCode::NOT_FOUND, "{wrong}");
        let shown = Client::new().get(&url).send().await.expect("an answer");
        assert_eq!(shown.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    let much = "x".repeat(10_000);
    let refused = Client::new().post(&link).body(much).send().await.expect("an answer");
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let deleted = Client::new().delete(&link).send().await.expect("an answer");
    assert_eq!(deleted.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(stage.toy.wants_notices().await);
    stage.toy.app.drain().await;
}
