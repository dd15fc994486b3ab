//! Telemetry of the process: switched on once, flushed at the end.
//!
//! Always true: a process has one telemetry. A second [`init`] (tests start several servers in one process) returns the
//! first one, whatever its configuration.

use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::{error::OTelSdkError, propagation::TraceContextPropagator};
use prometheus::TextEncoder;
use tracing_subscriber::{
    Layer,
    filter::{FilterExt, ParseError},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    TelemetryConfig,
    exporters::{self, Providers},
    log,
    repeats::Repeats,
};

static INSTALLED: Mutex<Option<Telemetry>> = Mutex::new(None);

/// The process's telemetry; clones share it.
#[derive(Clone)]
pub struct Telemetry {
    providers: Arc<Providers>,
    repeats: Repeats,
}

/// Why telemetry could not be switched on.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter is malformed.
    #[error("log filter {filter:?} cannot be read")]
    Filter {
        /// The configured filter.
        filter: String,
        /// The malformed directive.
        source: ParseError,
    },
    /// The collector's address cannot be used.
    #[error("OTLP collector {endpoint:?} cannot be used")]
    Collector {
        /// The configured address.
        endpoint: String,
        /// The exporter's error.
        source: ExporterBuildError,
    },
    /// The metrics registry cannot be built.
    #[error("metrics registry cannot be built")]
    Figures {
        /// The exporter's error.
        source: OTelSdkError,
    },
}

/// Switches telemetry on for the whole process. Call it inside the tokio runtime, before any code that counts.
///
/// If the process already has another `tracing` subscriber, that one stays and writes the log.
///
/// # Errors
/// Fails if the filter or the collector's address is malformed; nothing is changed then.
pub fn init(config: &TelemetryConfig) -> Result<Telemetry, TelemetryError> {
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(telemetry) = &*installed {
        return Ok(telemetry.clone());
    }
    let telemetry = install(config)?;
    *installed = Some(telemetry.clone());
    Ok(telemetry)
}

fn install(config: &TelemetryConfig) -> Result<Telemetry, TelemetryError> {
    let log_filter = log::filter(&config.log_filter)?;
    let providers = exporters::build(config)?;
    // The log's filter applies to the log alone: however quiet it is, a check-in stays one trace.
    let spans = tracing_opentelemetry::layer()
        .with_tracer(providers.spans.tracer("hubnet"))
        .with_filter(log::filter("")?);

    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_tracer_provider(providers.spans.clone());
    global::set_meter_provider(providers.figures.clone());
    let repeats = Repeats::new();
    let subscriber = tracing_subscriber::registry()
        .with(spans)
        .with(log::lines(config.log_format).with_filter(log_filter.and(repeats.clone())));
    if subscriber.try_init().is_err() {
        tracing::warn!("another log was installed first and stays");
    }
    repeats.keep_ending_windows();
    Ok(Telemetry { providers: Arc::new(providers), repeats })
}

impl Telemetry {
    /// Every metric in the Prometheus text format, for `/metrics`.
    pub fn metrics_text(&self) -> String {
        let figures = self.providers.registry.gather();
        TextEncoder::new().encode_to_string(&figures).unwrap_or_else(|error| {
            tracing::error!(%error, "metrics could not be written as text");
            String::new()
        })
    }

    /// Sends the remaining data to the collector, then stops sending. The last call of `main`.
    pub async fn shutdown(self) {
        self.repeats.end_window();
        // Flushing waits for tonic: on the runtime's own threads it could deadlock.
        let flushed = tokio::task::spawn_blocking(move || {
            self.providers.spans.shutdown().and(self.providers.figures.shutdown())
        });
        match flushed.await {
            Ok(Ok(()) | Err(OTelSdkError::AlreadyShutdown)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans and metrics may be lost"),
            Err(error) => tracing::warn!(%error, "flushing telemetry was cut short"),
        }
    }
}
