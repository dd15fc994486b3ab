//! The configuration: a TOML file, over it the environment (`HUBNET__SECTION__KEY`), checked before the first socket
//! opens. Every key is explained in `deploy/hubnet.toml`.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The folder of the embedded database and the signing keys.
    pub data_dir: PathBuf,
    /// The HTTP edge.
    pub server: ServerConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// The broker.
    pub bus: BusConfig,
    /// Redis.
    pub live: LiveConfig,
    /// Tokens.
    pub identity: IdentityConfig,
    /// Mail to people.
    pub mail: MailConfig,
    /// Exchange rates.
    pub roaming: RoamingConfig,
    /// Logs, traces and metrics.
    pub telemetry: TelemetryConfig,
}

/// The HTTP edge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub bind: String,
    /// Whether a browser that opens /graphql gets an explorer.
    pub graphiql: bool,
    /// Origins whose pages may open sockets, besides our own.
    pub allowed_origins: Vec<String>,
    /// Whether an empty embedded database is filled with the demo network.
    pub demo: bool,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `sqlite://…`, or `postgres://…` with `{service}` where the service's name goes. Absent: a file in `data_dir`.
    pub url: Option<SecretString>,
    /// PostgreSQL: the owner's URL, for migrations. Absent: the database must be migrated already.
    pub owner_url: Option<SecretString>,
    /// PostgreSQL: the password the services' login roles get when they are created.
    pub service_password: Option<SecretString>,
    /// The most connections each service opens.
    pub max_connections: u32,
}

/// The broker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BusConfig {
    /// `amqp://…`. Absent: services hear each other in process.
    pub url: Option<SecretString>,
    /// Stands before the names of the exchange and the queues.
    pub prefix: String,
}

/// Redis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LiveConfig {
    /// `redis://…`. Absent: occupancy lives in process.
    pub url: Option<SecretString>,
    /// Stands before every key.
    pub prefix: String,
}

/// Tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityConfig {
    /// The folder of the signing keys, made when missing. Absent: `keys` in `data_dir`.
    pub key_folder: Option<PathBuf>,
    /// Where a process that runs another service alone asks identity what was revoked.
    pub url: String,
}

/// Mail to people.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// `smtp://…` or `smtps://…`. Absent: no mail goes out; codes are shown to whoever invites.
    pub url: Option<SecretString>,
    /// In whose name mail goes out.
    pub from: String,
}

/// Exchange rates.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoamingConfig {
    /// A CSV file `on,currency,per_eur`. Absent: the rates of the demo network.
    pub rates_file: Option<PathBuf>,
}

/// Logs, traces and metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// What to log, in the syntax of `tracing`'s filters.
    pub log: String,
    /// `text` or `json`.
    pub format: String,
    /// Where traces and metrics go, `http://127.0.0.1:4317`. Absent: nowhere; `/metrics` works all the same.
    pub otlp_endpoint: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "var".into(),
            server: ServerConfig::default(),
            database: DatabaseConfig::default(),
            bus: BusConfig::default(),
            live: LiveConfig::default(),
            identity: IdentityConfig::default(),
            mail: MailConfig::default(),
            roaming: RoamingConfig::default(),
            telemetry: TelemetryConfig::default(),
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { bind: "127.0.0.1:8080".into(), graphiql: true, allowed_origins: Vec::new(), demo: true }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: None, owner_url: None, service_password: None, max_connections: 16 }
    }
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self { key_folder: None, url: "http://127.0.0.1:4105".into() }
    }
}

impl Default for MailConfig {
    fn default() -> Self {
        Self { url: None, from: "hubnet <hubnet@localhost>".into() }
    }
}

impl Default for BusConfig {
    fn default() -> Self {
        Self { url: None, prefix: "hubnet".into() }
    }
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self { url: None, prefix: "hubnet".into() }
    }
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { log: "warn,server=info".into(), format: "text".into(), otlp_endpoint: None }
    }
}

/// The configuration makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or a variable cannot be read, or names a key that does not exist.
    #[error("the configuration cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// Two keys contradict each other.
    #[error("the configuration contradicts itself: {0}")]
    Contradiction(&'static str),
}

impl Config {
    /// Reads a file, if one is named, and the environment over it.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn read(file: Option<&std::path::Path>) -> Result<Self, ConfigError> {
        let mut sources = config::Config::builder();
        if let Some(file) = file {
            sources = sources.add_source(config::File::from(file));
        }
        let environment = config::Environment::with_prefix("HUBNET").prefix_separator("__").separator("__");
        let read: Self = sources.add_source(environment.try_parsing(true)).build()?.try_deserialize()?;
        read.check()?;
        Ok(read)
    }

    /// Whether everything is one process and one file.
    pub fn is_embedded(&self) -> bool {
        self.database.url.as_ref().is_none_or(|url| url.expose_secret().starts_with("sqlite:"))
    }

    /// The URL of a service's database.
    pub fn database_url(&self, service: &str) -> String {
        self.database.url.as_ref().map_or_else(
            || format!("sqlite://{}?mode=rwc", self.data_dir.join("hubnet.db").display()),
            |url| url.expose_secret().replace("{service}", service),
        )
    }

    /// The folder of the signing keys.
    pub fn key_folder(&self) -> PathBuf {
        self.identity.key_folder.clone().unwrap_or_else(|| self.data_dir.join("keys"))
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.is_embedded() && (self.bus.url.is_some() || self.live.url.is_some()) {
            return Err(ConfigError::Contradiction(
                "bus.url and live.url need PostgreSQL: set database.url to postgres://…",
            ));
        }
        if self.database.max_connections < 2 {
            return Err(ConfigError::Contradiction("database.max_connections must be at least 2"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, config::ConfigError> {
        let source = config::File::from_str(text, config::FileFormat::Toml);
        config::Config::builder().add_source(source).build()?.try_deserialize()
    }

    #[test]
    fn nothing_at_all_is_the_embedded_shape() {
        let config = parse("").expect("defaults");
        assert!(config.is_embedded());
        assert_eq!(config.database_url("roaming"), "sqlite://var/hubnet.db?mode=rwc");
    }

    #[test]
    fn the_default_file_says_what_the_code_does() {
        let documented = parse(include_str!("../../../deploy/hubnet.toml")).expect("the documented file");
        assert_eq!(format!("{documented:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        assert!(parse("[server]\nbnid = '127.0.0.1:1'").is_err());
    }

    #[test]
    fn each_service_has_a_login_of_its_own() {
        let config = parse("[database]\nurl = 'postgres://hubnet_{service}@localhost/hubnet'").expect("read");
        assert_eq!(config.database_url("roaming"), "postgres://hubnet_roaming@localhost/hubnet");
    }

    #[test]
    fn a_broker_without_postgresql_is_a_contradiction() {
        assert!(parse("[bus]\nurl = 'amqp://localhost'").expect("read").check().is_err());
    }
}
