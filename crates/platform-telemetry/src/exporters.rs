//! The destinations of spans and metrics. Always true: both have a provider even without a collector, because the
//! providers also create the trace ids and feed `/metrics`.

use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    metrics::SdkMeterProvider,
    trace::{Sampler, SdkTracerProvider},
};
use prometheus::Registry;

use crate::{TelemetryConfig, TelemetryError};

/// The providers of spans and metrics, and the registry that `/metrics` reads.
pub(crate) struct Providers {
    pub(crate) spans: SdkTracerProvider,
    pub(crate) figures: SdkMeterProvider,
    pub(crate) registry: Registry,
}

/// Builds the providers. With an OTLP endpoint this needs a running tokio runtime; the collector itself may be away.
pub(crate) fn build(config: &TelemetryConfig) -> Result<Providers, TelemetryError> {
    let registry = Registry::new();
    let resource = Resource::builder().with_service_name(config.service_name.clone()).build();
    let exporter = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .build()
        .map_err(|source| TelemetryError::Figures { source })?;

    let mut spans = SdkTracerProvider::builder().with_resource(resource.clone());
    if config.otlp_endpoint.is_none() {
        // Spans have their ids, but no collector takes them.
        spans = spans.with_sampler(Sampler::AlwaysOff);
    }
    let mut figures = SdkMeterProvider::builder().with_resource(resource).with_reader(exporter);
    if let Some(endpoint) = &config.otlp_endpoint {
        let refused =
            |source: ExporterBuildError| TelemetryError::Collector { endpoint: endpoint.clone(), source };
        spans = spans.with_batch_exporter(
            SpanExporter::builder().with_tonic().with_endpoint(endpoint).build().map_err(refused)?,
        );
        figures = figures.with_periodic_exporter(
            MetricExporter::builder().with_tonic().with_endpoint(endpoint).build().map_err(refused)?,
        );
    }
    Ok(Providers { spans: spans.build(), figures: figures.build(), registry })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected_at(endpoint: &str) -> TelemetryConfig {
        TelemetryConfig { otlp_endpoint: Some(endpoint.to_owned()), ..TelemetryConfig::default() }
    }

    #[tokio::test]
    async fn a_collector_that_is_away_does_not_stop_the_start() {
        assert!(build(&collected_at("http://127.0.0.1:1")).is_ok());
    }

    #[tokio::test]
    async fn a_collector_that_is_no_address_is_refused_by_name() {
        let Err(TelemetryError::Collector { endpoint, .. }) = build(&collected_at("not an address")) else {
            panic!("the address should be refused");
        };
        assert_eq!(endpoint, "not an address");
    }
}
