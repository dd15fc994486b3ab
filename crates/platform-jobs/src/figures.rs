//! What is measured about jobs as they run. What waits is counted by whoever reads the queue.
//!
//! Always true: kinds and outcomes are small closed sets; no tenant and no person is named.

use std::sync::LazyLock;

use opentelemetry::{KeyValue, global, metrics::Counter};

static RUNS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("platform_jobs")
        .u64_counter("hubnet.jobs.runs")
        .with_description("Runs of jobs by kind and outcome: done, retried, failed, released or lost")
        .build()
});

pub(crate) fn count_run(kind: &'static str, outcome: &'static str) {
    RUNS.add(1, &[KeyValue::new("kind", kind), KeyValue::new("outcome", outcome)]);
}
