//! `[live]`: Redis.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// Redis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiveConfig {
    /// `redis://…`. Absent: occupancy is kept in process.
    pub url: Option<SecretString>,
    /// A file that holds it instead.
    pub url_file: Option<PathBuf>,
    /// Prefix of every key.
    pub prefix: String,
}
