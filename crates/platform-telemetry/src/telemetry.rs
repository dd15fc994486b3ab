//! Telemetry of the process: switched on once, flushed at the end.
//!
//! Always true: a process has one telemetry. A second [`init`] (tests start several servers in one process) hands out
//! the first one again, whatever its configuration says.

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

/// The process's telemetry; clones are the same one.
#[derive(Clone)]
pub struct Telemetry {
    providers: Arc<Providers>,
    repeats: Repeats,
}

/// Telemetry could not be switched on.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter is not one.
    #[error("log filter {filter:?} cannot be read")]
    Filter {
        /// What the configuration says.
        filter: String,
        /// Which word is wrong.
        source: ParseError,
    },
    /// The collector's address cannot be used.
    #[error("OTLP collector {endpoint:?} cannot be used")]
    Collector {
        /// What the configuration says.
        endpoint: String,
        /// Why not.
        source: ExporterBuildError,
    },
    /// The figures cannot be shelved.
    #[error("metrics registry cannot be built")]
    Figures {
        /// Why not.
        source: OTelSdkError,
    },
}

/// Switches telemetry on for the whole process. Call it inside the tokio runtime, before anything that counts.
///
/// If the process already has another `tracing` subscriber, that one stays and writes the log.
///
/// # Errors
/// The filter or the collector's address cannot be read; nothing was changed.
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
    // The log's filter is the log's alone: however quiet it is, a check-in stays one trace.
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
    /// Every figure in the Prometheus text format, for `/metrics`.
    pub fn metrics_text(&self) -> String {
        let figures = self.providers.registry.gather();
        TextEncoder::new().encode_to_string(&figures).unwrap_or_else(|error| {
            tracing::error!(%error, "metrics could not be written as text");
            String::new()
        })
    }

    /// Sends what is still waiting to the collector, then stops sending. The last call of `main`.
    pub async fn shutdown(self) {
        self.repeats.end_window();
        // Flushing waits for tonic: on the runtime's own threads it could wait for itself.
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
