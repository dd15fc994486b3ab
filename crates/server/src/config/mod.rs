//! The configuration: a TOML file, overridden by the environment (`HUBNET__SECTION__KEY`) and checked before the first
//! socket opens. Every key is explained in `deploy/hubnet.toml`, with its default, which is written nowhere else.

mod bus;
mod database;
mod files;
mod graphql;
mod identity;
mod limits;
mod live;
mod mail;
mod roaming;
mod secrets;
mod server;
mod single_sign_on;
mod telemetry;

use std::path::PathBuf;

use secrecy::ExposeSecret;
use serde::Deserialize;

pub use self::{
    bus::BusConfig,
    database::DatabaseConfig,
    files::FilesConfig,
    graphql::{DocumentsPolicy, GraphqlConfig},
    identity::IdentityConfig,
    limits::LimitsConfig,
    live::LiveConfig,
    mail::MailConfig,
    roaming::RoamingConfig,
    server::ServerConfig,
    single_sign_on::SingleSignOnConfig,
    telemetry::TelemetryConfig,
};

/// Keys that the environment gives as lists, separated by commas.
const LISTS: [&str; 2] = ["server.allowed_origins", "server.trusted_proxies"];

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Whether real people rely on this installation. Absent: [`Config::environment`] derives it from the other keys.
    pub environment: Option<Environment>,
    /// The folder of the embedded database and the signing keys.
    pub data_dir: PathBuf,
    /// The HTTP edge.
    pub server: ServerConfig,
    /// The graph.
    pub graphql: GraphqlConfig,
    /// The limits of traffic.
    pub limits: LimitsConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// The broker.
    pub bus: BusConfig,
    /// Redis.
    pub live: LiveConfig,
    /// Tokens.
    pub identity: IdentityConfig,
    /// Outgoing mail.
    pub mail: MailConfig,
    /// Where the bytes of files are.
    pub files: FilesConfig,
    /// Exchange rates.
    pub roaming: RoamingConfig,
    /// Logs, traces and metrics.
    pub telemetry: TelemetryConfig,
}

/// The purpose of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real people rely on it: nothing publicly known gives access.
    Production,
    /// For trying things out: the demo network with its public passwords is allowed.
    Demonstration,
}

type Sources = config::builder::ConfigBuilder<config::builder::DefaultState>;

/// The documented file: the only place where a default is written.
const DEFAULTS: &str = include_str!("../../../../deploy/hubnet.toml");

impl Default for Config {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "a test reads the same text, which is part of the program")]
        Self::from_sources(Self::defaults()).expect("the documented file is a configuration")
    }
}

/// Why the configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file or a variable cannot be read, or names a key that does not exist.
    #[error("the configuration cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// Two keys contradict each other.
    #[error("the configuration contradicts itself: {0}")]
    Contradiction(&'static str),
    /// A secret cannot be read.
    #[error("{place} {problem}")]
    Secret {
        /// The key of the secret.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// The settings of single sign-on are refused.
    #[error(transparent)]
    SingleSignOn(#[from] ::identity::SettingsError),
}

impl Config {
    /// Reads a file, if one is named, overridden by the environment.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn read(file: Option<&std::path::Path>) -> Result<Self, ConfigError> {
        let mut sources = Self::defaults();
        if let Some(file) = file {
            sources = sources.add_source(config::File::from(file));
        }
        let environment = config::Environment::with_prefix("HUBNET")
            .prefix_separator("__")
            .separator("__")
            .list_separator(",");
        let environment = LISTS
            .iter()
            .fold(environment.try_parsing(true), |sources, list| sources.with_list_parse_key(list));
        let mut read = Self::from_sources(sources.add_source(environment))?;
        read.read_secrets()?;
        read.check()?;
        Ok(read)
    }

    /// The defaults, to which further sources are added.
    fn defaults() -> Sources {
        let documented = config::File::from_str(DEFAULTS, config::FileFormat::Toml);
        config::Config::builder().add_source(documented)
    }

    fn from_sources(sources: Sources) -> Result<Self, config::ConfigError> {
        sources.build()?.try_deserialize()
    }

    /// The purpose of this installation: the configured one, else production if it uses PostgreSQL or listens to other
    /// machines.
    pub fn environment(&self) -> Environment {
        let is_local = self.server.bind.starts_with("127.")
            || self.server.bind.starts_with("localhost:")
            || self.server.bind.starts_with("[::1]:");
        self.environment.unwrap_or(if self.is_embedded() && is_local {
            Environment::Demonstration
        } else {
            Environment::Production
        })
    }

    /// Whether real people rely on the installation.
    pub fn is_production(&self) -> bool {
        self.environment() == Environment::Production
    }

    /// Whether an empty embedded database is filled with the demo network.
    pub fn loads_demo(&self) -> bool {
        self.is_embedded() && self.server.demo.unwrap_or(!self.is_production())
    }

    /// Whether the installation is one process and one file.
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

    /// The local folder of files.
    pub fn file_folder(&self) -> PathBuf {
        self.files.folder.clone().unwrap_or_else(|| self.data_dir.join("files"))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let has_key = self.files.access_key_id.is_some() && self.files.secret_access_key.is_some();
        if self.files.bucket.is_some() && !has_key {
            return Err(ConfigError::Contradiction(
                "files.bucket needs files.access_key_id and files.secret_access_key",
            ));
        }
        if self.is_embedded() && (self.bus.url.is_some() || self.live.url.is_some()) {
            return Err(ConfigError::Contradiction(
                "bus.url and live.url need PostgreSQL: set database.url to postgres://…",
            ));
        }
        if self.graphql.documents_mode != DocumentsPolicy::Off && self.graphql.documents.is_none() {
            return Err(ConfigError::Contradiction(
                "graphql.documents_mode needs a list: set graphql.documents to a file",
            ));
        }
        if self.database.max_connections < 2 {
            return Err(ConfigError::Contradiction("database.max_connections must be at least 2"));
        }
        if self.bus.events_kept_days == 0 {
            return Err(ConfigError::Contradiction(
                "bus.events_kept_days must be at least 1: what was lost today is published again",
            ));
        }
        if self.limits.strangers_at_once == 0 {
            return Err(ConfigError::Contradiction(
                "limits.strangers_at_once must be at least 1: nobody is known before they have signed in",
            ));
        }
        self.single_sign_on()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, config::ConfigError> {
        let source = config::File::from_str(text, config::FileFormat::Toml);
        Config::from_sources(Config::defaults().add_source(source))
    }

    #[test]
    fn nothing_at_all_is_the_embedded_shape() {
        let config = parse("").expect("defaults");
        assert!(config.is_embedded());
        assert_eq!(config.database_url("roaming"), "sqlite://var/hubnet.db?mode=rwc");
    }

    /// A program that uses the edge alone gets the same limits.
    #[test]
    fn the_limits_of_the_documented_file_are_those_of_the_edge() {
        let limits = parse("").expect("defaults").limits.traffic();
        assert_eq!(format!("{limits:?}"), format!("{:?}", platform_http::TrafficLimits::default()));
    }

    #[test]
    fn postgresql_or_a_public_address_means_production_unless_configured_otherwise() {
        let environment = |text: &str| parse(text).expect("read").environment();
        assert_eq!(environment(""), Environment::Demonstration);
        assert_eq!(environment("server.bind = '[::1]:8080'"), Environment::Demonstration);
        assert_eq!(environment("server.bind = '0.0.0.0:8080'"), Environment::Production);
        assert_eq!(environment("database.url = 'postgres://db/hubnet'"), Environment::Production);
        assert_eq!(environment("environment = 'production'"), Environment::Production);
        let text = "environment = 'demonstration'\nserver.bind = '0.0.0.0:8080'";
        assert_eq!(environment(text), Environment::Demonstration);
        assert!(!parse("environment = 'production'").expect("read").loads_demo());
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
    fn events_are_kept_for_a_day_at_least() {
        assert!(parse("[bus]\nevents_kept_days = 0").expect("read").check().is_err());
        assert!(parse("[bus]\nevents_kept_days = 1").expect("read").check().is_ok());
    }

    #[test]
    fn a_broker_without_postgresql_is_a_contradiction() {
        assert!(parse("[bus]\nurl = 'amqp://localhost'").expect("read").check().is_err());
    }
}
