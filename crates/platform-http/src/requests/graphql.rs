//! `/graphql` over HTTP: `POST` sends operations, `GET` opens a socket or shows the explorer.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName, HeaderValue},
    web,
};
use async_graphql::{Response, http::GraphiQLSource};
use kernel::Language;
use tokio::time::Instant;

use crate::{
    ErrorCode, Limits,
    callers::language,
    documents::operation::Operation,
    limits::address,
    requests::accept::{self, Accepted, JsonForm},
    requests::body,
    requests::pipeline::Pipeline,
    requests::request::GraphqlRequest,
    responses::client_error::ClientError,
    sockets::socket,
    sockets::sse,
};

/// The explorer's scripts, styles and fonts come from one public CDN; it connects only to this server.
const EXPLORER_POLICY: &str = "default-src 'none'; script-src https://unpkg.com 'unsafe-inline'; \
     style-src https://unpkg.com 'unsafe-inline'; font-src https://unpkg.com data:; img-src https://graphql.org data:; \
     worker-src blob:; connect-src 'self'; frame-ancestors 'none'";

/// `POST /graphql`.
pub(crate) async fn post(
    http: HttpRequest,
    payload: web::Payload,
    pipeline: web::Data<Pipeline>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    let accepted = Accepted::of(http.headers());
    let form = accepted.as_ref().map_or(JsonForm::Plain, |accepted| accepted.form());
    let language = language::of(http.headers());
    match answer(&http, payload, &pipeline, accepted).await {
        Ok(response) => response,
        Err(refused) => {
            pipeline.figures.refused(refused.code());
            refused.respond(form, language)
        }
    }
}

async fn answer(
    http: &HttpRequest,
    payload: web::Payload,
    pipeline: &Arc<Pipeline>,
    accepted: Result<Accepted, ClientError>,
) -> Result<HttpResponse, ClientError> {
    let limits = &pipeline.edge.limits;
    let deadline = Instant::now() + limits.request_deadline;
    let address = address::of(http, &pipeline.edge.trusted_proxies);
    let credentials = pipeline.credentials(http.headers(), address)?;
    let authenticated = pipeline.authenticate(&credentials).await?;
    let accepted = accepted?;
    accept::require_json(http.headers())?;
    let body = body::read(http.headers(), payload, limits, authenticated.as_ref()).await?;
    let request = GraphqlRequest::read(&body)?.request(&pipeline.edge.documents)?;
    let checked = Operation::check(request, &pipeline.parsed);
    if body.len() > limits.body_bytes {
        require_large(&checked, limits)?;
    }

    if let Ok(operation) = &checked {
        pipeline.charge(authenticated.as_ref(), &credentials, operation)?;
    }
    let is_subscription = checked.as_ref().is_ok_and(Operation::is_subscription);
    if accepted.wants_events(is_subscription) {
        return sse::respond(pipeline, checked, authenticated, credentials, deadline).await;
    }
    if is_subscription {
        let message = "Subscribe over a WebSocket, or accept text/event-stream.";
        return Err(ClientError::new(ErrorCode::StreamRequired, message));
    }
    let response = pipeline.answer(checked?, authenticated, credentials, deadline).await?;
    Ok(json(&response, accepted.form()))
}

/// Only some mutations may have a large body.
fn require_large(checked: &Result<Operation, ClientError>, limits: &Limits) -> Result<(), ClientError> {
    let is_fitting = checked.as_ref().map_or(true, |operation| operation.is_only(limits.large_mutations));
    if is_fitting { Ok(()) } else { Err(body::too_large(limits.body_bytes)) }
}

fn json(response: &Response, form: JsonForm) -> HttpResponse {
    let mut http = HttpResponse::Ok();
    http.content_type(form.media_type());
    // The service's headers are of another major version of `http` than the web server's.
    for (name, value) in &response.http_headers {
        let name = HeaderName::from_bytes(name.as_ref());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            http.append_header((name, value));
        }
    }
    match serde_json::to_string(response) {
        Ok(text) => http.body(text),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            ClientError::new(ErrorCode::Internal, crate::responses::error_format::INTERNAL)
                .respond(form, Language::default())
        }
    }
}

/// `GET /graphql`.
pub(crate) async fn get(
    http: HttpRequest,
    payload: web::Payload,
    pipeline: web::Data<Pipeline>,
) -> HttpResponse {
    let pipeline = pipeline.into_inner();
    if http.headers().contains_key(header::UPGRADE) {
        return socket::open(&http, payload, &pipeline).unwrap_or_else(|refused| {
            pipeline.figures.refused(refused.code());
            refused.respond(JsonForm::Plain, language::of(http.headers()))
        });
    }
    if pipeline.edge.graphiql && accept::wants_page(http.headers()) {
        return explorer(http.path());
    }
    other_method(http).await
}

/// Any other method.
pub(crate) async fn other_method(http: HttpRequest) -> HttpResponse {
    let refused = ClientError::new(ErrorCode::MethodNotAllowed, "Ask with POST.");
    refused.respond(JsonForm::Plain, language::of(http.headers()))
}

fn explorer(path: &str) -> HttpResponse {
    let page = GraphiQLSource::build().endpoint(path).subscription_endpoint(path).title("hubnet").finish();
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, EXPLORER_POLICY))
        .body(page)
}
