//! Sending a file and getting it, as any client does.

use std::sync::Arc;

use jiff::SignedDuration;
use kernel::{Caller, Id as _, PersonId};
use platform_files::StoredFile;
use platform_http::Edge;
use reqwest::{Client, Response, StatusCode, header};
use server::{AppAuthenticator, AppProbe};
use testkit::{Json, TestApp, TestHub, TestMember};
use tokio::sync::oneshot;

use super::{PNG, picture};

/// A hub behind a socket.
pub(super) struct Stage {
    pub(super) app: TestApp,
    pub(super) hub: TestHub,
    pub(super) url: String,
    _closing: oneshot::Sender<()>,
}

impl Stage {
    pub(super) async fn set() -> Self {
        let app = TestApp::new().await;
        let network = app.network("n").await;
        let hub = app.hub(&network, "home").await;
        let services = app.services().clone();
        let authenticator = Arc::new(AppAuthenticator::new(services.clone()));
        let probe = Arc::new(AppProbe::new(services.clone()));
        let mut edge = Edge::new(Arc::clone(services.schema()), authenticator, probe);
        let exports = server::Exports::new(services.clone(), String::new());
        edge.plain_routes = exports.plain_routes();
        edge.plain_routes.extend(server::upload_routes(&services));
        edge.stored_files = server::stored_files(&services);
        let listener = platform_http::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr());
        let (closing, closed) = oneshot::channel::<()>();
        let closed = async {
            let _closed_or_dropped = closed.await;
        };
        tokio::spawn(async move { platform_http::serve(edge, listener, closed).await.expect("it serves") });
        Self { app, hub, url, _closing: closing }
    }

    async fn post(&self, token: Option<&str>, query: &str, bytes: Vec<u8>) -> Response {
        let mut request = Client::new().post(format!("{}/files?{query}", self.url)).body(bytes);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("an answer")
    }

    pub(super) async fn get(&self, path: &str) -> Response {
        Client::new().get(format!("{}{path}", self.url)).send().await.expect("an answer")
    }
}

/// A token of a person of the hub's network, who may be a member.
pub(super) fn token(app: &TestApp, hub: &TestHub, member: Option<&TestMember>) -> String {
    let member = member.map(|member| member.id.parse().expect("an id"));
    let person = PersonId::generate(app.services().world());
    let network = hub.network.parse().expect("an id");
    let caller = Caller::Person { person, network, member, grants: Vec::new() };
    let now = app.services().world().now();
    app.services().tokens().issue(&caller, None, now, SignedDuration::from_mins(15)).expect("a token")
}

async fn code(refused: Response) -> String {
    let problem: Json = refused.json().await.expect("a problem");
    problem["code"].as_str().expect("a code").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_sent_kept_and_got_by_a_link_for_some_minutes() {
    let stage = Stage::set().await;
    let token = token(&stage.app, &stage.hub, None);
    let picture = picture(200_000);
    let sent =
        stage.post(Some(&token), "purpose=hub_photo&name=..%2F..%2Ffront%0D%0A.html", picture.clone()).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    let sent: Json = sent.json().await.expect("JSON");
    assert_eq!((&sent["mediaType"], &sent["sizeBytes"]), (&"image/png".into(), &200_000.into()));

    let services = stage.app.services();
    let (files, now) = (services.files_of("membership").expect("membership"), services.world().now());
    let caller = services.tokens().read(&token, now).expect("a passport").caller;
    let Caller::Person { person, network, .. } = caller.as_ref() else { panic!("a person") };
    let tx = files.db().write(platform_db::Reach::Network(*network)).await.expect("a transaction");
    let id = sent["id"].as_str().expect("an id").parse().expect("an id");
    let kept: Option<StoredFile> = platform_files::keep(
        &tx,
        *network,
        platform_files::Wanted { id, person: Some(*person), purpose: "hub_photo" },
        now,
        None,
    )
    .await
    .expect("kept");
    tx.commit().await.expect("committed");
    let link = files.link(&kept.expect("kept"), now, SignedDuration::from_mins(10));

    let got = stage.get(&link).await;
    assert_eq!(got.status(), StatusCode::OK);
    for (name, value) in [
        (header::CONTENT_TYPE, "image/png"),
        (header::CONTENT_LENGTH, "200000"),
        (header::CONTENT_DISPOSITION, "attachment; filename*=UTF-8''front.png"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        assert_eq!(got.headers()[&name], value, "{name}");
    }
    assert_eq!(got.bytes().await.expect("its bytes"), picture);
    let (path, key) = link.rsplit_once('/').expect("a token");
    for wrong in [
        format!("{path}/x{key}"),
        format!("{path}/.."),
        format!("/files/roaming/{key}x"),
        format!("{path}/{id}"),
    ] {
        assert_eq!(stage.get(&wrong).await.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    stage.app.pass_minutes(10);
    assert_eq!(stage.get(&link).await.status(), StatusCode::NOT_FOUND, "its time is over");
    stage.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_fit_or_whose_sender_is_not_signed_in_is_refused_with_a_code() {
    let stage = Stage::set().await;
    let token = token(&stage.app, &stage.hub, None);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    for (status, expected, query, bytes) in [
        (415, "UNSUPPORTED_MEDIA_TYPE", "purpose=hub_photo&name=photo.png", svg),
        (413, "PAYLOAD_TOO_LARGE", "purpose=hub_photo", picture(11 * 1024 * 1024)),
        (400, "INVALID_INPUT", "purpose=hub_photo", Vec::new()),
        (400, "INVALID_INPUT", "purpose=anything", PNG.to_vec()),
        (400, "INVALID_INPUT", "", PNG.to_vec()),
    ] {
        let refused = stage.post(Some(&token), query, bytes).await;
        assert_eq!(refused.status().as_u16(), status, "{query}");
        assert_eq!(code(refused).await, expected, "{query}");
    }
    let refused = stage.post(None, "purpose=hub_photo", PNG.to_vec()).await;
    assert_eq!((refused.status().as_u16(), code(refused).await.as_str()), (401, "UNAUTHENTICATED"));
    assert_eq!(stage.get("/files").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    stage.app.drain().await;
}
