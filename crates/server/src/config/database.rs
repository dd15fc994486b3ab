//! `[database]`: the database.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite://…`, or `postgres://…` with `{service}` where the service's name goes. Absent: a file in `data_dir`.
    pub url: Option<SecretString>,
    /// A file that holds the URL instead.
    pub url_file: Option<PathBuf>,
    /// PostgreSQL: the owner's URL, for migrations. Absent: the database must be migrated already.
    pub owner_url: Option<SecretString>,
    /// A file that holds it instead.
    pub owner_url_file: Option<PathBuf>,
    /// PostgreSQL: the password the services' login roles get when they are created.
    pub service_password: Option<SecretString>,
    /// A file that holds it instead.
    pub service_password_file: Option<PathBuf>,
    /// The most connections each service opens.
    pub max_connections: u32,
}
