//! A toy graph, an authenticator that knows three tokens, and a server around them.

#![expect(clippy::unused_async, reason = "resolvers are async, awaiting or not")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_graphql::{Context, Error, ErrorExtensions, Object, Request, Result, Schema, Subscription};
use async_trait::async_trait;
use futures_util::{Stream, StreamExt, stream};
use jiff::Timestamp;
use platform_http::{
    Admission, Authenticator, CallerClass, Credentials, Edge, ErrorCode, HttpError, Probe, SchemaService,
    ServeError, bind, serve,
};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::sleep,
};

/// The caller as the resolvers see it.
struct Caller(String);

pub(crate) struct Query;

#[Object]
impl Query {
    async fn me(&self, context: &Context<'_>) -> Result<String> {
        Ok(context.data::<Caller>()?.0.clone())
    }

    async fn double(&self, number: i32) -> i32 {
        number.saturating_mul(2)
    }

    /// A list in pages.
    async fn page(&self, first: i32) -> Page {
        Page(first)
    }

    async fn itself(&self) -> Query {
        Query
    }

    async fn broken(&self) -> Result<Option<i32>> {
        Err(Error::new("disk /dev/sda is on fire"))
    }

    async fn missing(&self) -> Result<Option<i32>> {
        Err(Error::new("no such hub").extend_with(|_, values| values.set("code", "NOT_FOUND")))
    }

    async fn panicking(&self) -> i32 {
        fall_over()
    }

    async fn slow(&self) -> i32 {
        sleep(Duration::from_mins(1)).await;
        1
    }
}

/// A page of a list.
pub(crate) struct Page(i32);

#[Object]
impl Page {
    async fn nodes(&self) -> Vec<Query> {
        (0..self.0).map(|_| Query).collect()
    }
}

fn fall_over() -> i32 {
    panic!("a resolver panics")
}

/// A mutation that waits in the middle, and its observable state.
#[derive(Default)]
pub(crate) struct SlowMutation {
    pub(crate) begun: Notify,
    pub(crate) go_on: Notify,
    pub(crate) done: AtomicBool,
    pub(crate) finished: Notify,
}

pub(crate) struct Mutation(Arc<SlowMutation>);

#[Object]
impl Mutation {
    /// Begins, waits for `go_on`, ends.
    async fn do_it(&self) -> bool {
        self.0.begun.notify_one();
        self.0.go_on.notified().await;
        self.0.done.store(true, Ordering::SeqCst);
        self.0.finished.notify_one();
        true
    }

    /// Takes something large.
    async fn upload_log(&self, lines: Vec<String>) -> usize {
        lines.len()
    }

    async fn trace(&self) -> Option<String> {
        platform_telemetry::trace_context::current()
    }
}

pub(crate) struct Subscribed;

#[Subscription]
impl Subscribed {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    async fn forever(&self) -> impl Stream<Item = i32> {
        stream::once(async { 1 }).chain(stream::pending())
    }

    async fn unopened(&self) -> Result<stream::Empty<i32>> {
        Err(Error::new("queue.internal:5672 refused"))
    }
}

/// Knows `mara`, the device `reader`, `brief` (whose token ends in half a second) and `fickle` (admitted once); callers
/// without a token are nameless.
#[derive(Default)]
pub(crate) struct FakeAuthenticator {
    fickle_came: AtomicBool,
}

#[async_trait]
impl Authenticator for FakeAuthenticator {
    async fn admit(&self, credentials: Credentials<'_>) -> Result<Admission, HttpError> {
        let refusal = || HttpError { code: ErrorCode::Unauthenticated, message: "sign in again".to_owned() };
        let (name, expires_at) = match credentials.bearer {
            None => ("stranger", None),
            Some("mara") => ("mara", None),
            Some("reader") => ("reader", None),
            Some("brief") => ("brief", Some(now() + Duration::from_millis(500))),
            Some("fickle") if !self.fickle_came.swap(true, Ordering::SeqCst) => ("fickle", None),
            Some("limited") => {
                return Err(HttpError { code: ErrorCode::RateLimited, message: "slow down".to_owned() });
            }
            Some(_) => return Err(refusal()),
        };
        let key = credentials.idempotency_key.map_or_else(String::new, |key| format!(" with {key}"));
        let class = match name {
            "stranger" => CallerClass::Nameless,
            "reader" => CallerClass::Device,
            _ => CallerClass::Person,
        };
        let account = name.to_owned();
        let name = format!("{name}{key}");
        let install = Arc::new(move |request: Request| request.data(Caller(name.clone())));
        Ok(Admission { class, account, install, expires_at })
    }
}

fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).expect("a time jiff knows")
}

/// Ready unless set otherwise.
#[derive(Default)]
pub(crate) struct Readiness {
    pub(crate) database_away: AtomicBool,
    pub(crate) asked: AtomicU32,
}

#[async_trait]
impl Probe for Readiness {
    async fn ready(&self) -> Result<(), Vec<String>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.database_away.load(Ordering::SeqCst) { Err(vec!["database".to_owned()]) } else { Ok(()) }
    }
}

/// An edge around the toy graph.
pub(crate) fn edge(slow: &Arc<SlowMutation>, readiness: &Arc<Readiness>) -> Edge {
    let schema = Schema::build(Query, Mutation(Arc::clone(slow)), Subscribed).finish();
    let mut edge = Edge::new(
        Arc::new(SchemaService::new(schema)),
        Arc::new(FakeAuthenticator::default()),
        Arc::<Readiness>::clone(readiness),
    );
    edge.metrics_text = Arc::new(|| "visits_total 3\n".to_owned());
    edge
}

/// A running server.
pub(crate) struct Toy {
    pub(crate) address: SocketAddr,
    pub(crate) slow: Arc<SlowMutation>,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<Result<(), ServeError>>>,
}

impl Toy {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_edge| ()).await
    }

    /// Starts a server, its edge changed by `change`.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Edge)) -> Self {
        let (slow, readiness) = (Arc::new(SlowMutation::default()), Arc::new(Readiness::default()));
        let mut edge = edge(&slow, &readiness);
        edge.limits.large_mutations = &["uploadLog"];
        change(&mut edge);
        let listener = bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(edge, listener, async {
            let _stopped_or_dropped = stopped.await;
        }));
        let client = reqwest::Client::new();
        Self { address, slow, readiness, client, stop: Some(stop), served: Some(served) }
    }

    /// Stops the server; the returned task ends when it has stopped.
    pub(crate) fn stop(&mut self) -> JoinHandle<Result<(), ServeError>> {
        drop(self.stop.take());
        self.served.take().expect("stopped once")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A `POST /graphql` with a JSON body, to be changed before it is sent.
    pub(crate) fn post(&self, body: &Value) -> reqwest::RequestBuilder {
        self.client.post(self.url("/graphql")).json(body)
    }

    /// Sends a query and reads the response.
    pub(crate) async fn ask(&self, query: &str) -> Answer {
        Answer::of(self.post(&json!({"query": query}))).await
    }
}

/// A response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, headers, body }
    }

    /// The code of the first error.
    pub(crate) fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a readable header"))
    }
}
