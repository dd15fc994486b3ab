//! The edge's metrics. Always true: labels come from small closed sets, never from what a client sent.

use std::time::Duration;

use async_graphql::parser::types::OperationType;
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram, UpDownCounter},
};

/// The edge's metrics.
pub(crate) struct Figures {
    operations: Histogram<f64>,
    refusals: Counter<u64>,
    sockets: UpDownCounter<i64>,
}

impl Figures {
    /// Requires telemetry to be set up; otherwise nothing is counted.
    pub(crate) fn new() -> Self {
        let meter = global::meter("platform_http");
        Self {
            operations: meter
                .f64_histogram("graphql.operation.duration")
                .with_unit("s")
                .with_description("Time a query or mutation took inside the service")
                .with_boundaries(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
                .build(),
            refusals: meter
                .u64_counter("graphql.refusals")
                .with_description("Requests that got no answer, by code")
                .build(),
            sockets: meter.i64_up_down_counter("graphql.sockets").with_description("Open WebSockets").build(),
        }
    }

    pub(crate) fn operation_took(&self, kind: OperationType, errors: usize, took: Duration) {
        let outcome = if errors == 0 { "ok" } else { "errors" };
        self.operations.record(
            took.as_secs_f64(),
            &[KeyValue::new("operation", kind.to_string()), KeyValue::new("outcome", outcome)],
        );
    }

    pub(crate) fn refused(&self, code: &'static str) {
        self.refusals.add(1, &[KeyValue::new("code", code)]);
    }

    pub(crate) fn socket_opened(&self) {
        self.sockets.add(1, &[]);
    }

    pub(crate) fn socket_closed(&self) {
        self.sockets.add(-1, &[]);
    }
}
