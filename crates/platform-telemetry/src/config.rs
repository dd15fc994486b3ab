//! The configuration of telemetry. Always true: the default writes readable lines to stderr and sends nothing anywhere.

/// The telemetry settings of this process.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// The name of this process in spans and metrics, for example `hubnet` or `hubnet-roaming`.
    pub service_name: String,
    /// Additions to the default filter, in the syntax of `tracing_subscriber::EnvFilter`; later directives win. Empty:
    /// the default alone.
    pub log_filter: String,
    /// The format of a log line.
    pub log_format: LogFormat,
    /// The OTLP collector (gRPC) that receives spans and metrics, for example `http://127.0.0.1:4317`. `None`: spans
    /// are not exported; metrics are at `/metrics` only.
    pub otlp_endpoint: Option<String>,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            service_name: "hubnet".to_owned(),
            log_filter: String::new(),
            log_format: LogFormat::Text,
            otlp_endpoint: None,
        }
    }
}

/// The format of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}
