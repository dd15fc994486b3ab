//! Liveness, readiness and metrics. Always true: liveness checks nothing else, so a database that is away does not get
//! a healthy process killed. Readiness probes the process's dependencies at most twenty times a second, however often
//! it is called, so callers cannot load the database through it.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use async_trait::async_trait;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::{
    Document, ErrorCode, FrontPage, callers::language, requests::accept, requests::pipeline::Pipeline,
    responses::problem::Problem,
};

/// The front page contains its styles and loads nothing.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// A slower probe counts as a failure.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// The most probes in a window; further calls get the last result.
const PROBES_IN_WINDOW: u32 = 20;
const PROBE_WINDOW: Duration = Duration::from_secs(1);

/// The last result of the current window.
#[derive(Debug)]
pub(crate) struct Readiness {
    since: Option<Instant>,
    asked: u32,
    found: Result<(), Vec<String>>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self { since: None, asked: 0, found: Ok(()) }
    }
}

/// Reports whether this process can serve requests.
#[async_trait]
pub trait Probe: Send + Sync + 'static {
    /// Checks what the process needs.
    ///
    /// # Errors
    /// Returns what is missing, one word or sentence each; every client can read it, so it names no addresses and no
    /// secrets.
    async fn ready(&self) -> Result<(), Vec<String>>;
}

/// `GET /health/live`.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

/// `GET /health/ready`.
pub(crate) async fn ready(http: HttpRequest, pipeline: web::Data<Pipeline>) -> HttpResponse {
    match missing(&pipeline).await {
        Ok(()) => HttpResponse::Ok().json(json!({"status": "ready"})),
        Err(missing) => Problem::new(ErrorCode::Unavailable)
            .detail("Not ready.")
            .with("missing", json!(missing))
            .respond(language::of(http.headers())),
    }
}

async fn missing(pipeline: &Pipeline) -> Result<(), Vec<String>> {
    if pipeline.is_leaving() {
        return Err(vec!["going down".to_owned()]);
    }
    // Concurrent callers wait for the running probe and share its result.
    let mut last = pipeline.readiness.lock().await;
    if last.since.is_none_or(|since| since.elapsed() >= PROBE_WINDOW) {
        *last = Readiness { since: Some(Instant::now()), ..Readiness::default() };
    }
    if last.asked >= PROBES_IN_WINDOW {
        return last.found.clone();
    }
    let asked = timeout(PROBE_TIMEOUT, pipeline.edge.probe.ready()).await;
    last.asked += 1;
    last.found = asked.unwrap_or_else(|_elapsed| Err(vec!["no answer in time".to_owned()]));
    last.found.clone()
}

/// `GET /metrics`.
pub(crate) async fn metrics(pipeline: web::Data<Pipeline>) -> HttpResponse {
    let text = (pipeline.edge.metrics_text)();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}

/// `GET` of a public document.
pub(crate) fn show(document: &Document) -> HttpResponse {
    HttpResponse::Ok().content_type(document.media_type).body((document.text)())
}

/// `GET /`: a page for browsers; not found for programs.
pub(crate) async fn front(http: HttpRequest, page: FrontPage) -> HttpResponse {
    if !accept::wants_page(http.headers()) {
        return nowhere(http).await;
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::VARY, "accept, accept-language"))
        .body(page(language::of(http.headers())))
}

/// Any unknown path.
pub(crate) async fn nowhere(http: HttpRequest) -> HttpResponse {
    Problem::new(ErrorCode::NotFound).detail("No such route.").respond(language::of(http.headers()))
}

/// Any method but `GET` on the routes above.
pub(crate) async fn other_method(http: HttpRequest) -> HttpResponse {
    let problem = Problem::new(ErrorCode::MethodNotAllowed).detail("Ask with GET.");
    let mut response = problem.respond(language::of(http.headers()));
    response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET"));
    response
}
