//! A suspended caller receives nothing more: an open socket and an open stream at one process end when the session,
//! the person or the device is ended at another.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use platform_http::{Edge, Limits};
use server::{App, AppAuthenticator, AppProbe, ServiceSet};
use testkit::{Json, json};
use tokio::{net::TcpStream, sync::oneshot, task::JoinHandle};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{
    cast::{Cast, SUSPEND},
    machines::{ISSUE_DEVICE, REVOKE_DEVICE, for_device},
};
use crate::support::remote::Remote;

const WATCH: &str = "subscription($id: ID!) { hubOccupancy(hubId: $id) { present } }";
const SIGN_OUT: &str = "mutation { signOut { signedOut } }";
/// How often the authenticator checks subscribers again here; on a server it is half a minute.
const LOOKS_AGAIN: Duration = Duration::from_millis(100);
/// The connections end well within this time.
const PATIENCE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Another process of the same installation.
struct Elsewhere {
    services: App,
    url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Elsewhere {
    async fn open(cast: &Cast) -> Self {
        let world = cast.app.services().world().clone();
        let services =
            App::open(cast.app.config(), ServiceSet::All, world.clone()).await.expect("a second process");
        // A server counts occupancy all the time.
        services.membership().expect("membership runs here").recount_occupancy().await.expect("recounted");
        let authenticator = Arc::new(AppAuthenticator::new(services.clone()));
        let probe = Arc::new(AppProbe::new(services.clone()));
        let mut edge = Edge::new(Arc::clone(services.schema()), authenticator, probe);
        edge.limits.readmission_interval = LOOKS_AGAIN;
        edge.clock = Arc::new(move || world.now());
        let listener = platform_http::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let until = async { _ = stopped.await };
            platform_http::serve(edge, listener, until).await.expect("it serves");
        });
        Self { services, url, stop, serving }
    }

    async fn close(self) {
        self.stop.send(()).expect("it still serves");
        self.serving.await.expect("it goes down in order");
    }
}

/// A subscriber to a hub's occupancy, by both transports.
struct Listening {
    socket: Socket,
    stream: reqwest::Response,
}

impl Listening {
    async fn begin(cast: &Cast, elsewhere: &Elsewhere, token: &str) -> Self {
        let asked = json!({ "id": cast.hub.id });
        let mut socket = socket(&elsewhere.url, token).await;
        let subscribe =
            json!({ "id": "1", "type": "subscribe", "payload": { "query": WATCH, "variables": asked } });
        socket.send(Message::text(subscribe.to_string())).await.expect("it is sent");
        assert_eq!(received(&mut socket).await["type"], "next");
        let mut stream = Remote::anonymous(&elsewhere.url).with_token(token).open_events(WATCH, asked).await;
        let first = tokio::time::timeout(PATIENCE, next_event(&mut stream)).await.expect("a message arrives");
        let first = first.expect("the first event");
        assert!(first.starts_with(b"event: next"), "{first:?}");
        Self { socket, stream }
    }

    /// Asserts that only keep-alives arrive while the authenticator checks again and again.
    async fn goes_on(&mut self) {
        let word = tokio::time::timeout(LOOKS_AGAIN * 5, next_word(&mut self.socket)).await;
        assert!(word.is_err(), "the socket is open and has nothing to say, not {word:?}");
        let word = tokio::time::timeout(LOOKS_AGAIN * 5, next_event(&mut self.stream)).await;
        assert!(word.is_err(), "the stream is open and has nothing to say, not {word:?}");
    }

    async fn ends(mut self) {
        let last =
            tokio::time::timeout(PATIENCE, next_word(&mut self.socket)).await.expect("the socket ends");
        let Message::Close(Some(farewell)) = last else { panic!("{last:?} is no farewell") };
        assert_eq!((u16::from(farewell.code), farewell.reason.as_str()), (4403, "UNAUTHENTICATED"));
        let mut text = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, async {
            while let Some(bytes) = self.stream.chunk().await.expect("a chunk") {
                text.extend_from_slice(&bytes);
            }
        });
        ended.await.expect("the stream ends");
        let text = String::from_utf8(text).expect("a text");
        assert!(text.contains("UNAUTHENTICATED") && text.contains("event: complete"), "{text}");
    }
}

async fn socket(url: &str, token: &str) -> Socket {
    let url = format!("{}/graphql", url.replace("http://", "ws://"));
    let mut request = url.into_client_request().expect("a URL");
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let (mut socket, _) = connect_async(request).await.expect("a socket");
    let init =
        json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } });
    socket.send(Message::text(init.to_string())).await.expect("it is sent");
    assert_eq!(received(&mut socket).await["type"], "connection_ack");
    socket
}

async fn received(socket: &mut Socket) -> Json {
    let message = tokio::time::timeout(PATIENCE, next_word(socket)).await.expect("a message arrives");
    serde_json::from_str(message.to_text().expect("a text")).expect("JSON")
}

/// Returns the next message that is not a keep-alive.
async fn next_word(socket: &mut Socket) -> Message {
    loop {
        match socket.next().await.expect("a word").expect("a message") {
            Message::Ping(_) | Message::Pong(_) => {}
            word => return word,
        }
    }
}

/// Returns the next piece of a stream that is not a keep-alive; `None` at its end.
async fn next_event(stream: &mut reqwest::Response) -> Option<Vec<u8>> {
    loop {
        let piece = stream.chunk().await.expect("a piece")?;
        if !piece.starts_with(b":") {
            return Some(piece.to_vec());
        }
    }
}

/// Subscribes at another process, and asserts that an action here ends the subscription once that process loads it.
async fn ended_by(cast: &Cast, elsewhere: &Elsewhere, token: &str, audit_event: impl Future<Output = ()>) {
    elsewhere.services.load_revocations().await.expect("the revocations are loaded");
    let mut listening = Listening::begin(cast, elsewhere, token).await;
    cast.later(1).await;
    elsewhere.services.load_revocations().await.expect("the revocations are loaded");
    audit_event.await;
    listening.goes_on().await;
    // A server does this every five seconds.
    elsewhere.services.load_revocations().await.expect("the revocations are loaded");
    listening.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_and_streams_end_when_another_process_suspends_their_subscriber() {
    let cast = Cast::new().await;
    let elsewhere = Elsewhere::open(&cast).await;
    let (_, eva) = cast.member("Eva").await;
    ended_by(&cast, &elsewhere, eva.access(), async {
        cast.client(&eva).ask(SIGN_OUT, json!({})).await;
    })
    .await;

    let (_, jan) = cast.member("Jan").await;
    let adam = cast.staff("adam", "ADMINISTRATOR").await;
    ended_by(&cast, &elsewhere, jan.access(), async {
        cast.client(&adam).ask(SUSPEND, json!({ "id": jan.person })).await;
    })
    .await;

    let reader = cast.reader().await;
    let issued = cast.app.system().ask(ISSUE_DEVICE, for_device(&cast, &reader)).await;
    let token = cast.exchanged(&issued["issueDeviceSecret"]["secret"]).await;
    ended_by(&cast, &elsewhere, &token, async {
        let device = json!({ "hub": cast.hub.id, "device": reader });
        cast.app.system().ask(REVOKE_DEVICE, device).await;
    })
    .await;
    elsewhere.close().await;
}

#[test]
fn a_revocation_ends_open_connections_within_a_minute() {
    let consumed_within = Duration::from_secs(5);
    assert!(Limits::default().readmission_interval + consumed_within <= Duration::from_mins(1));
}
