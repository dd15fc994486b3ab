//! The span of an HTTP request. Always true: it continues the caller's trace, if any, and holds no address, no query
//! string and no header of the caller, as those may be personal.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use platform_telemetry::trace_context;
use tracing::{Span, field::Empty, info_span};
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// Opens the spans of requests, for `tracing_actix_web::TracingLogger`.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        // Probes come every few seconds; their spans would carry no information.
        if request.path().starts_with("/health/") || request.path() == "/metrics" {
            return Span::none();
        }
        let (method, route) = (request.method(), request.match_pattern());
        let route = route.as_deref().unwrap_or("(unknown)");
        let span = info_span!(
            "http.request",
            otel.name = %format!("{method} {route}"),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = %method,
            http.route = route,
            http.response.status_code = Empty,
            request_id = Empty,
            trace_id = Empty,
        );
        let traceparent = request.headers().get(trace_context::TRACEPARENT);
        if let Some(traceparent) = traceparent.and_then(|value| value.to_str().ok()) {
            trace_context::continue_from(&span, traceparent);
        }
        if let Some(id) = request.extensions().get::<RequestId>() {
            span.record("request_id", tracing::field::display(id));
        }
        if let Some(trace_id) = trace_context::trace_id_of(&span) {
            span.record("trace_id", trace_id);
        }
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            span.record("otel.status_code", "ERROR");
        }
    }
}
