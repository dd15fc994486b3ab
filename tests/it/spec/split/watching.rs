//! Observes a subscription from outside, by either transport: a WebSocket with graphql-transport-ws, or server-sent
//! events.

use std::{pin::Pin, time::Duration};

use futures_util::{SinkExt, Stream, StreamExt, stream};
use testkit::{Json, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::support::remote::Remote;

const PATIENCE: Duration = Duration::from_secs(15);

/// The events of a subscription as they arrive.
pub(crate) struct Watching(Pin<Box<dyn Stream<Item = Json> + Send>>);

impl Watching {
    /// Subscribes over a WebSocket.
    pub(crate) async fn by_websocket(url: &str, document: &str, variables: &Json) -> Self {
        let url = format!("{}/graphql", url.replace("http://", "ws://"));
        let mut request = url.into_client_request().expect("a URL");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        let (mut socket, _) = connect_async(request).await.expect("a socket");
        let text = |message: Json| Message::text(message.to_string());
        socket.send(text(json!({ "type": "connection_init" }))).await.expect("it is sent");
        let welcome = socket.next().await.expect("an answer").expect("a message");
        assert!(welcome.to_text().is_ok_and(|text| text.contains("connection_ack")), "{welcome:?}");
        let payload = json!({ "query": document, "variables": variables });
        let subscribe = json!({ "id": "1", "type": "subscribe", "payload": payload });
        socket.send(text(subscribe)).await.expect("it is sent");
        Self(Box::pin(socket.filter_map(async |message| {
            let message: Json = serde_json::from_str(message.ok()?.to_text().ok()?).ok()?;
            (message["type"] == "next").then(|| message["payload"].clone())
        })))
    }

    /// Subscribes by server-sent events.
    pub(crate) async fn by_events(somebody: &Remote, document: &str, variables: &Json) -> Self {
        let response = somebody.open_events(document, variables.clone()).await;
        let lines = stream::unfold((response, String::new()), async |(mut response, mut text)| {
            loop {
                if let Some((line, rest)) = text.split_once('\n') {
                    let line = line.trim_end().to_owned();
                    return Some((line, (response, rest.to_owned())));
                }
                let bytes = response.chunk().await.ok().flatten()?;
                text.push_str(std::str::from_utf8(&bytes).ok()?);
            }
        });
        Self(Box::pin(lines.filter_map(async |line| {
            let data = line.strip_prefix("data:")?.trim();
            serde_json::from_str(data).ok()
        })))
    }

    /// Waits until this event arrives; earlier ones may be older.
    pub(crate) async fn sees(&mut self, expected: &Json) {
        let mut received = Vec::new();
        let seen = tokio::time::timeout(PATIENCE, async {
            while let Some(answer) = self.0.next().await {
                if answer["data"] == *expected {
                    return true;
                }
                received.push(answer);
            }
            false
        });
        let seen = seen.await.unwrap_or(false);
        assert!(seen, "{expected} did not arrive, but {received:?}");
    }
}
