//! `/graphql` over a WebSocket, from the side of a graphql-transport-ws client.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, Request},
    },
};

use crate::toy::Toy;

/// The client's end of a socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What the client receives.
#[derive(Debug, PartialEq)]
pub(crate) enum Received {
    Message(Value),
    Closed(u16, String),
}

pub(crate) fn request(toy: &Toy) -> Request<()> {
    let mut request = format!("ws://{}/graphql", toy.address).into_client_request().expect("a request");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", HeaderValue::from_static("graphql-ws, graphql-transport-ws"));
    request
}

impl Socket {
    pub(crate) async fn open(toy: &Toy) -> Self {
        Self::open_with(request(toy)).await.expect("a socket")
    }

    pub(crate) async fn open_with(request: Request<()>) -> Result<Self, u16> {
        match connect_async(request).await {
            Ok((socket, response)) => {
                assert_eq!(response.headers()["sec-websocket-protocol"], "graphql-transport-ws");
                Ok(Self(socket))
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket and initialises it.
    pub(crate) async fn greeted(toy: &Toy, payload: Value) -> Self {
        let mut socket = Self::open(toy).await;
        socket.send(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.receive().await, Received::Message(json!({"type": "connection_ack"})));
        socket
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("sent");
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }

    pub(crate) async fn receive(&mut self) -> Received {
        loop {
            let message = timeout(Duration::from_secs(5), self.0.next()).await.expect("a message in time");
            match message.expect("a close frame before the end").expect("a message") {
                Message::Text(text) => return Received::Message(serde_json::from_str(&text).expect("JSON")),
                Message::Close(frame) => {
                    let frame = frame.expect("a reason");
                    return Received::Closed(frame.code.into(), frame.reason.to_string());
                }
                _ => {}
            }
        }
    }

    pub(crate) async fn receive_message(&mut self) -> Value {
        match self.receive().await {
            Received::Message(value) => value,
            closed @ Received::Closed(..) => panic!("{closed:?}"),
        }
    }

    pub(crate) async fn receive_close_code(&mut self) -> u16 {
        match self.receive().await {
            Received::Closed(code, _) => code,
            message @ Received::Message(_) => panic!("{message:?}"),
        }
    }
}

fn next(id: &str, data: &Value) -> Value {
    json!({"type": "next", "id": id, "payload": {"data": data}})
}

fn complete(id: &str) -> Value {
    json!({"type": "complete", "id": id})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_runs_to_its_end() {
    let toy = Toy::start().await;
    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.subscribe("s", "subscription { count(to: 2) }").await;
    assert_eq!(socket.receive_message().await, next("s", &json!({"count": 1})));
    assert_eq!(socket.receive_message().await, next("s", &json!({"count": 2})));
    assert_eq!(socket.receive_message().await, complete("s"));
    socket.subscribe("s", "{ double(number: 2) }").await;
    assert_eq!(socket.receive_message().await, next("s", &json!({"double": 4})), "the id is free again");
    assert_eq!(socket.receive_message().await, complete("s"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_comes_with_the_first_message_or_with_the_upgrade() {
    let toy = Toy::start().await;
    for name in ["authorization", "Authorization"] {
        let mut socket = Socket::greeted(&toy, json!({name: "Bearer mara"})).await;
        socket.subscribe("q", "{ me }").await;
        assert_eq!(socket.receive_message().await, next("q", &json!({"me": "mara"})));
    }
    let mut upgrade = request(&toy);
    upgrade.headers_mut().insert("authorization", HeaderValue::from_static("Bearer mara"));
    let mut socket = Socket::open_with(upgrade).await.expect("a socket");
    socket.send(json!({"type": "connection_init"})).await;
    socket.subscribe("q", "{ me }").await;
    assert_eq!(socket.receive_message().await, json!({"type": "connection_ack"}));
    assert_eq!(socket.receive_message().await, next("q", &json!({"me": "mara"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_closes_the_socket() {
    let toy = Toy::start().await;
    let mut socket = Socket::open(&toy).await;
    socket.send(json!({"type": "connection_init", "payload": {"authorization": "Bearer forged"}})).await;
    assert_eq!(socket.receive().await, Received::Closed(4403, "UNAUTHENTICATED".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_with_its_callers_token() {
    let toy = Toy::start_with(|edge| edge.limits.readmission_interval = Duration::from_millis(200)).await;
    for caller in ["brief", "fickle"] {
        let authorization = format!("Bearer {caller}");
        let mut socket = Socket::greeted(&toy, json!({"authorization": authorization})).await;
        socket.subscribe("s", "subscription { forever }").await;
        assert_eq!(socket.receive_message().await, next("s", &json!({"forever": 1})));
        assert_eq!(socket.receive().await, Received::Closed(4403, "UNAUTHENTICATED".to_owned()), "{caller}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_passes_the_same_checks_as_a_post() {
    let toy = Toy::start().await;
    let mut socket = Socket::greeted(&toy, json!({})).await;
    for (query, code) in [
        (format!("{{{}}}", "a:me ".repeat(31)), "QUERY_TOO_COMPLEX"),
        ("{ me".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { doIt }".to_owned(), "POST_REQUIRED"),
    ] {
        socket.subscribe("s", &query).await;
        let message = socket.receive_message().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("s")), "{query}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}");
    }
    for query in ["subscription { unopened }", "{ broken }"] {
        socket.subscribe("s", query).await;
        let message = socket.receive_message().await;
        assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "INTERNAL", "{message}");
        assert_eq!(socket.receive_message().await, complete("s"));
    }
    socket.subscribe("s", "{ panicking }").await;
    assert_eq!(socket.receive_message().await["payload"][0]["extensions"]["code"], "INTERNAL");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_socket_carries_only_so_many_operations() {
    let toy = Toy::start_with(|edge| edge.limits.operations_per_socket = 1).await;
    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.subscribe("a", "subscription { forever }").await;
    assert_eq!(socket.receive_message().await, next("a", &json!({"forever": 1})));
    socket.subscribe("b", "{ me }").await;
    assert_eq!(socket.receive_message().await["payload"][0]["extensions"]["code"], "TOO_MANY_OPERATIONS");
    socket.send(complete("a")).await;
    socket.subscribe("b", "{ me }").await;
    assert_eq!(socket.receive_message().await, next("b", &json!({"me": "stranger"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protocol_violation_closes_the_socket_with_its_code() {
    let toy = Toy::start().await;
    let mut early = Socket::open(&toy).await;
    early.subscribe("s", "{ me }").await;
    assert_eq!(early.receive_close_code().await, 4401);

    let mut twice = Socket::greeted(&toy, json!({})).await;
    twice.send(json!({"type": "connection_init"})).await;
    assert_eq!(twice.receive_close_code().await, 4429);

    let mut same_id = Socket::greeted(&toy, json!({})).await;
    same_id.subscribe("s", "subscription { forever }").await;
    assert_eq!(same_id.receive_message().await, next("s", &json!({"forever": 1})));
    same_id.subscribe("s", "subscription { forever }").await;
    assert_eq!(same_id.receive_close_code().await, 4409);

    let mut babbling = Socket::greeted(&toy, json!({})).await;
    babbling.send(json!({"type": "start", "id": "s"})).await;
    assert_eq!(babbling.receive_close_code().await, 4400);

    let mut shouting = Socket::greeted(&toy, json!({})).await;
    shouting.subscribe("s", &" ".repeat(64 * 1024)).await;
    assert_eq!(shouting.receive_close_code().await, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_greets_is_not_waited_for() {
    let toy = Toy::start_with(|edge| edge.limits.socket_init_timeout = Duration::from_millis(200)).await;
    assert_eq!(Socket::open(&toy).await.receive_close_code().await, 4408);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_is_answered_even_before_the_greeting() {
    let toy = Toy::start().await;
    let mut socket = Socket::open(&toy).await;
    socket.send(json!({"type": "ping", "payload": {"n": 1}})).await;
    assert_eq!(socket.receive_message().await, json!({"type": "pong", "payload": {"n": 1}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_cannot_open_a_socket() {
    let toy = Toy::start_with(|edge| edge.allowed_origins = vec!["https://app.example".to_owned()]).await;
    let from = |origin: &str| {
        let mut request = request(&toy);
        request.headers_mut().insert("origin", HeaderValue::from_str(origin).expect("a header"));
        Socket::open_with(request)
    };
    assert_eq!(from("https://evil.example").await.err(), Some(403));
    assert!(from("https://app.example").await.is_ok());
    assert!(from(&toy.url("")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_is_not_spoken() {
    let toy = Toy::start().await;
    let mut request = request(&toy);
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-ws"));
    assert_eq!(Socket::open_with(request).await.err(), Some(400));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_socket_learns_that_the_server_stops() {
    let mut toy = Toy::start().await;
    let mut socket = Socket::greeted(&toy, json!({})).await;
    socket.subscribe("s", "subscription { forever }").await;
    assert_eq!(socket.receive_message().await, next("s", &json!({"forever": 1})));
    let down = toy.stop();
    assert_eq!(socket.receive_close_code().await, 1001);
    drop(socket);
    down.await.expect("no panic").expect("down in order");
}
