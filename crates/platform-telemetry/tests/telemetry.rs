//! Telemetry of a whole process, switched on as `main` does it.

use opentelemetry::global;
use platform_telemetry::{TelemetryConfig, init, trace_context};

#[tokio::test]
async fn a_second_start_in_one_process_shares_the_first_ones_figures() {
    let first = init(&TelemetryConfig::default()).expect("the first start");
    let second = init(&TelemetryConfig { service_name: "another".to_owned(), ..TelemetryConfig::default() })
        .expect("the second start");

    global::meter("test").u64_counter("visits").build().add(3, &[]);

    let text = second.metrics_text();
    assert!(text.contains("visits_total 3"), "{text}");
    assert_eq!(text, first.metrics_text());

    let trace = tracing::info_span!("check_in").in_scope(trace_context::current);
    assert!(trace.is_some(), "traces have ids although nobody collects them");

    first.shutdown().await;
    second.shutdown().await;
}
