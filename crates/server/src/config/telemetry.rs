//! `[telemetry]`: logs, traces and metrics.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// Logs, traces and metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// The log filter, in the syntax of `tracing`'s filters.
    pub log: String,
    /// `text` or `json`.
    pub format: String,
    /// The OTLP collector of traces and metrics, `http://127.0.0.1:4317`. Absent: none; `/metrics` works all the same.
    pub otlp_endpoint: Option<SecretString>,
    /// A file that holds it instead: a collector's address may carry a key.
    pub otlp_endpoint_file: Option<PathBuf>,
}
