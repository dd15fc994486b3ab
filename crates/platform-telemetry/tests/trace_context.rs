//! A trace survives being written and read again. Spans are kept in memory and checked afterwards.

use std::sync::{Arc, Mutex};

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use platform_telemetry::trace_context;
use tracing::info_span;
use tracing_subscriber::layer::SubscriberExt;

/// Keeps finished spans.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().expect("no test panics while holding it").extend(batch);
        Ok(())
    }
}

impl Kept {
    fn named(&self, name: &str) -> SpanData {
        let kept = self.0.lock().expect("no test panics while holding it");
        kept.iter().find(|span| span.name == name).expect("the span ended").clone()
    }
}

/// Runs `work` and returns its spans.
fn kept(work: impl FnOnce()) -> Kept {
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
    kept
}

#[test]
fn work_that_continues_a_stored_trace_is_a_child_of_the_work_that_stored_it() {
    let kept = kept(|| {
        let stored = info_span!("check_in").in_scope(trace_context::current).expect("a trace");
        assert_eq!(stored.len(), 55, "{stored}");
        let consumer = info_span!("consume");
        trace_context::continue_from(&consumer, &stored);
        consumer.in_scope(|| {
            let passed_on = trace_context::current().expect("a trace");
            assert_eq!(passed_on[..35], stored[..35], "the same trace goes on");
            assert_ne!(passed_on, stored, "with another span as its parent");
        });
    });
    let (producer, consumer) = (kept.named("check_in"), kept.named("consume"));
    assert_eq!(consumer.span_context.trace_id(), producer.span_context.trace_id());
    assert_eq!(consumer.parent_span_id, producer.span_context.span_id());
}

#[test]
fn a_text_that_is_no_trace_starts_a_new_one() {
    kept(|| {
        for nonsense in ["", "00-zz", "00-00000000000000000000000000000000-0000000000000000-01"] {
            let span = info_span!("consume");
            trace_context::continue_from(&span, nonsense);
            let trace = span.in_scope(trace_context::current).expect("a trace of its own");
            assert!(!trace.contains("00000000000000000000000000000000"), "{trace}");
        }
    });
}

#[test]
fn without_telemetry_there_is_no_trace() {
    tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::new(), || {
        let span = info_span!("check_in");
        trace_context::continue_from(&span, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assert_eq!(span.in_scope(trace_context::current), None);
    });
}
