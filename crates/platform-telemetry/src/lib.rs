//! The telemetry of a process: log lines, spans, metrics.
//!
//! One call, [`init`], at the start of `main`; one, [`Telemetry::shutdown`], at its end. In between all code logs with
//! `tracing` and counts with `opentelemetry::global::meter`.
//!
//! Always true:
//! - Every span has a trace id, with or without exporter, so a stored event can name the request it came from.
//! - The metrics at `/metrics` need no collector.
//! - A repeating warning or error is written now and then, with its number. A request that is not HTTP is no error of
//!   the server.
//! - Telemetry cannot fail a request: without [`init`] all of it is silent.

mod config;
mod exporters;
mod log;
mod repeats;
mod telemetry;
pub mod trace_context;

pub use config::{LogFormat, TelemetryConfig};
pub use telemetry::{Telemetry, TelemetryError, init};
