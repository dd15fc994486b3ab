//! A request continues its caller's trace, even in the task of a mutation.

use platform_telemetry::{TelemetryConfig, init};
use serde_json::json;

use crate::toy::{Answer, Toy};

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_runs_in_the_trace_of_its_caller() {
    let telemetry = init(&TelemetryConfig {
        log_filter: "warn,platform_http=info".to_owned(),
        ..TelemetryConfig::default()
    })
    .expect("telemetry");
    let toy = Toy::start().await;
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let asked = toy.post(&json!({"query": "mutation { trace }"})).header("traceparent", parent);
    let answer = Answer::of(asked).await;
    let trace = answer.body["data"]["trace"].as_str().expect("a trace");
    assert_eq!(trace[..35], parent[..35]);
    assert_ne!(trace, parent, "with a span of its own");

    let own = toy.ask("mutation { trace }").await;
    let own = own.body["data"]["trace"].as_str().expect("a trace");
    assert_ne!(own[..35], parent[..35], "nobody else's trace without a traceparent");

    let figures = telemetry.metrics_text();
    assert!(figures.contains("graphql_operation_duration_seconds_count{"), "{figures}");
    assert!(figures.contains("operation=\"mutation\",outcome=\"ok\"}"), "{figures}");
}
