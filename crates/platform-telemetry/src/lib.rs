//! What a process tells about itself: log lines, spans, figures.
//!
//! One call, [`init`], at the start of `main`; one, [`Telemetry::shutdown`], at its end. In between everybody writes
//! with `tracing` and counts with `opentelemetry::global::meter`.
//!
//! Always true:
//! - every span has a trace id, exporter or not, so that a stored event can name the request it came from;
//! - the figures at `/metrics` are there without any collector;
//! - a warning or an error that repeats is written now and then, with its number; what is no HTTP is no error of ours;
//! - nothing here can fail a request: without [`init`] all of it is silent.

mod config;
mod exporters;
mod log;
mod repeats;
mod telemetry;
pub mod trace_context;

pub use config::{LogFormat, TelemetryConfig};
pub use telemetry::{Telemetry, TelemetryError, init};
