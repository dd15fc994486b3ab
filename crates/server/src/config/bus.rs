//! `[bus]`: the broker.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// The broker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusConfig {
    /// `amqp://…`. Absent: services consume each other's events in process.
    pub url: Option<SecretString>,
    /// A file that holds it instead.
    pub url_file: Option<PathBuf>,
    /// Prefix of the names of the exchange and the queues.
    pub prefix: String,
    /// How many days emitted events are kept, so that they can be republished.
    pub events_kept_days: u32,
}
