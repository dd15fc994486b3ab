//! From a checked operation to its response: authenticator, service, error format.
//!
//! Always true: a request is counted once, before anything of it is read. A request of an unauthenticated caller counts
//! for its address, whatever token it shows. Work runs on the runtime that built the edge. Work that no caller waits
//! for is dropped, except a mutation: once begun, it runs to its end, and the server waits for it before it stops.

use std::{
    future::Future,
    net::IpAddr,
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use actix_web::http::header::HeaderMap;
use async_graphql::{Request, Response, parser::types::OperationType};
use jiff::Timestamp;
use kernel::Language;
use tokio::{
    runtime::Handle,
    sync::{Mutex, watch},
    time::{Instant, interval, timeout_at},
};
use tracing::Instrument;

use crate::{
    Admission, CallerClass, Edge, ErrorCode, callers::credentials::KeptCredentials,
    documents::operation::Operation, documents::parsed::Parsed, figures::Figures, health::Readiness,
    limits::in_flight::InFlight, limits::traffic::Traffic, responses::client_error::ClientError,
    responses::error_format, sockets::while_wanted::WhileWanted,
};

/// How often processes exchange their counts of requests.
const EXCHANGE_INTERVAL: Duration = Duration::from_millis(250);
/// The number of exchanges for which a quiet caller is remembered.
const BEATS_REMEMBERED: u64 = 240;

/// The state that all requests of an edge share.
pub(crate) struct Pipeline {
    pub(crate) edge: Edge,
    pub(crate) figures: Figures,
    pub(crate) traffic: Traffic,
    pub(crate) parsed: Parsed,
    pub(crate) readiness: Mutex<Readiness>,
    runtime: Handle,
    in_flight: InFlight,
    closing: watch::Sender<bool>,
}

impl Pipeline {
    /// Must be called on the runtime that runs the work.
    pub(crate) fn new(edge: Edge) -> Arc<Self> {
        let traffic = Traffic::new(edge.limits.traffic, edge.shared_counts.clone());
        let parsed = Parsed::within(edge.limits.query);
        let pipeline = Arc::new(Self {
            edge,
            traffic,
            parsed,
            readiness: Mutex::default(),
            figures: Figures::new(),
            runtime: Handle::current(),
            in_flight: InFlight::new(),
            closing: watch::Sender::new(false),
        });
        // Ends with the last request after the server is gone.
        pipeline.runtime.spawn(keep_counts(Arc::downgrade(&pipeline)));
        pipeline
    }

    /// Authenticates a caller with a token and counts the request. A refused token counts for its address.
    async fn authenticate_token(&self, credentials: &KeptCredentials) -> Result<Admission, ClientError> {
        match self.edge.authenticator.admit(credentials.show()).await {
            Ok(admission) => {
                self.traffic.pass(admission.class, &admission.account, credentials.address())?;
                Ok(admission)
            }
            Err(refusal) => {
                self.traffic.pass_nameless(credentials.address())?;
                Err(refusal.into())
            }
        }
    }

    /// Counts a request before anything of it is read: for the caller if its token is valid, else for the address.
    /// Returns the admission of a caller with a valid token.
    pub(crate) async fn authenticate(
        &self,
        credentials: &KeptCredentials,
    ) -> Result<Option<Admission>, ClientError> {
        if !credentials.has_token() {
            self.traffic.pass_nameless(credentials.address())?;
            return Ok(None);
        }
        self.authenticate_token(credentials).await.map(Some)
    }

    /// Counts an operation's fields once it has been read; without a valid token, they count for the address.
    pub(crate) fn charge(
        &self,
        authenticated: Option<&Admission>,
        credentials: &KeptCredentials,
        operation: &Operation,
    ) -> Result<(), ClientError> {
        let (class, account) = authenticated
            .map_or((CallerClass::Nameless, ""), |admission| (admission.class, &admission.account));
        self.traffic.pass_fields(class, account, credentials.address(), operation.root_fields())
    }

    /// Reads the credentials of a request. If they are unreadable, the request counts for its address.
    pub(crate) fn credentials(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<KeptCredentials, ClientError> {
        KeptCredentials::of(headers, address).or_else(|refused| {
            self.traffic.pass_nameless(address)?;
            Err(refused)
        })
    }

    /// Returns the admission of a counted request; admits a nameless caller now.
    async fn admission_of(
        &self,
        authenticated: Option<Admission>,
        credentials: &KeptCredentials,
    ) -> Result<Admission, ClientError> {
        match authenticated {
            Some(admission) => Ok(admission),
            None => Ok(self.edge.authenticator.admit(credentials.show()).await?),
        }
    }

    /// Admits the caller of a stream whose request was counted.
    pub(crate) async fn admit_authenticated(
        self: &Arc<Self>,
        authenticated: Option<Admission>,
        credentials: &KeptCredentials,
    ) -> Result<Admission, ClientError> {
        let (pipeline, credentials) = (Arc::clone(self), credentials.clone());
        self.run(async move { pipeline.admission_of(authenticated, &credentials).await }).await
    }

    /// Admits the caller of a socket. A refused token counts for its address.
    pub(crate) async fn admit_to_socket(
        &self,
        credentials: &KeptCredentials,
    ) -> Result<Admission, ClientError> {
        let admitted = self.admit(credentials).await;
        if admitted.is_err() {
            self.traffic.pass_nameless(credentials.address())?;
        }
        admitted
    }

    /// Calls the authenticator.
    pub(crate) async fn admit(&self, credentials: &KeptCredentials) -> Result<Admission, ClientError> {
        let (authenticator, credentials) = (Arc::clone(&self.edge.authenticator), credentials.clone());
        self.run(async move { Ok(authenticator.admit(credentials.show()).await?) }).await
    }

    /// Executes a query or a mutation, authenticator included.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        operation: Operation,
        authenticated: Option<Admission>,
        credentials: KeptCredentials,
        deadline: Instant,
    ) -> Result<Response, ClientError> {
        let pipeline = Arc::clone(self);
        let work = self.run(async move {
            let admission = pipeline.admission_of(authenticated, &credentials).await?;
            let _inside = pipeline.traffic.enter(admission.class).await?;
            let request = (admission.install)(operation.request);
            pipeline.execute(operation.kind, request, credentials.language()).await
        });
        timeout_at(deadline, work).await.unwrap_or_else(|_elapsed| Err(too_late()))
    }

    /// Executes a query or a mutation of an admitted caller.
    pub(crate) async fn answer_admitted(
        &self,
        class: CallerClass,
        kind: OperationType,
        request: Request,
        language: Language,
    ) -> Result<Response, ClientError> {
        let deadline = Instant::now() + self.edge.limits.request_deadline;
        let work = async {
            let _inside = self.traffic.enter(class).await?;
            self.execute(kind, request, language).await
        };
        let answer = timeout_at(deadline, work).await;
        answer.unwrap_or_else(|_elapsed| Err(too_late()))
    }

    /// Runs the service. A mutation gets a task of its own that cannot be cancelled.
    async fn execute(
        &self,
        kind: OperationType,
        request: Request,
        language: Language,
    ) -> Result<Response, ClientError> {
        let started = Instant::now();
        let service = Arc::clone(&self.edge.service);
        let work = async move { error_format::first(service.execute(request).await, language) };
        let answer = if kind == OperationType::Mutation {
            let at_work = self.in_flight.enter();
            let to_the_end = async move {
                let _at_work = at_work;
                work.await
            };
            self.runtime.spawn(to_the_end.in_current_span()).await?
        } else {
            work.await
        };
        if let Ok(response) = &answer {
            self.figures.operation_took(kind, response.errors.len(), started.elapsed());
        }
        answer
    }

    /// Runs `work` on the edge's runtime, in the current span, for as long as a caller waits for it.
    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ClientError>> + Send + 'static,
    ) -> Result<T, ClientError> {
        self.spawn(work).await?
    }

    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> WhileWanted<T> {
        WhileWanted::of(self.runtime.spawn(work.in_current_span()))
    }

    /// The time left until `at`.
    pub(crate) fn time_until(&self, at: Timestamp) -> Duration {
        Duration::try_from(at.duration_since((self.edge.clock)())).unwrap_or_default()
    }

    /// Whether the process is about to stop: it should get no new requests.
    pub(crate) fn is_leaving(&self) -> bool {
        self.edge.leaving.load(Ordering::Acquire) || self.is_closing()
    }

    /// Ends open sockets and streams, and makes readiness fail.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    pub(crate) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Waits until the server begins to close.
    pub(crate) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // The sender lives as long as `self` is borrowed.
        let _begun = closing.wait_for(|closing| *closing).await;
    }

    /// Waits for the mutations that have begun.
    pub(crate) async fn drain(&self) {
        if !self.in_flight.drain(self.edge.limits.request_deadline).await {
            tracing::warn!("a mutation was still running when the server went down");
        }
    }
}

/// Exchanges counts with other processes and forgets quiet callers, for as long as the pipeline exists.
async fn keep_counts(pipeline: Weak<Pipeline>) {
    let mut beat = interval(EXCHANGE_INTERVAL);
    for beats in 1_u64.. {
        beat.tick().await;
        let Some(pipeline) = pipeline.upgrade() else { return };
        pipeline.traffic.exchange((pipeline.edge.clock)().as_second()).await;
        if beats.is_multiple_of(BEATS_REMEMBERED) {
            pipeline.traffic.forget_quiet_ones();
        }
    }
}

pub(crate) fn too_late() -> ClientError {
    ClientError::new(ErrorCode::DeadlineExceeded, "The answer took too long.")
}
