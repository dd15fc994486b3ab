//! The trace of a piece of work, as text that travels with stored events and messages.
//!
//! The text is the `traceparent` of W3C Trace Context. Always true: without telemetry there is no trace, [`current`]
//! returns `None`, and [`continue_from`] does nothing; an unreadable text starts a new trace.

use std::collections::HashMap;

use opentelemetry::{propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header, and the key in messages.
pub const TRACEPARENT: &str = "traceparent";

/// The `traceparent` of the current span, to write beside an event or into a message.
pub fn current() -> Option<String> {
    of(&Span::current())
}

/// The `traceparent` of `span`.
pub fn of(span: &Span) -> Option<String> {
    let context = span.context();
    if !context.span().span_context().is_valid() {
        return None;
    }
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// The 32 hexadecimal digits of the trace of `span`, to search for in the log of another process.
pub fn trace_id_of(span: &Span) -> Option<String> {
    let context = span.context();
    let trace = context.span().span_context().clone();
    trace.is_valid().then(|| trace.trace_id().to_string())
}

/// Makes `span` a continuation of the work that wrote `traceparent`. Call it before the span is first entered; later it
/// has already begun a trace of its own.
pub fn continue_from(span: &Span, traceparent: &str) {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let origin = TraceContextPropagator::new().extract(&carrier);
    if !origin.span().span_context().is_valid() {
        return;
    }
    if let Err(reason) = span.set_parent(origin) {
        tracing::trace!(%reason, "this span cannot continue a trace");
    }
}
