//! The configuration: a TOML file, overridden by the environment (`HUBNET__SECTION__KEY`) and checked before the first
//! socket opens. Every key is explained in `deploy/hubnet.toml`.


mod secrets;
mod single_sign_on;

use std::{net::IpAddr, path::PathBuf};

use platform_http::{DocumentsMode, Rate, TrafficLimits};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

pub use self::single_sign_on::SingleSignOnConfig;

/// Keys that the environment gives as lists, separated by commas.
const LISTS: [&str; 2] = ["server.allowed_origins", "server.trusted_proxies"];

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
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

/// The HTTP edge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port to listen on.
    pub bind: String,
    /// Whether a browser that opens /graphql gets an explorer.
    pub graphiql: bool,
    /// Origins whose pages may send requests and open sockets, besides the server's own.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether a proxy in front of this server terminates TLS.
    pub behind_tls: bool,
    /// How many seconds readiness fails before the port closes, when SIGTERM asks the process to end.
    pub shutdown_grace_seconds: u32,
    /// Whether an empty embedded database is filled with the demo network. Absent: only in a demonstration.
    pub demo: Option<bool>,
}

/// The graph.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphqlConfig {
    /// Whether introspection is allowed.
    pub introspection: bool,
    /// A JSON file of hash and document: the trusted documents.
    pub documents: Option<PathBuf>,
    /// How other documents are treated.
    pub documents_mode: DocumentsPolicy,
}

/// How documents outside the list are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentsPolicy {
    /// There is no list.
    Off,
    /// Listed documents may be requested by id; other documents are accepted, too.
    Allow,
    /// Only listed documents are accepted.
    Require,
}

impl From<DocumentsPolicy> for DocumentsMode {
    fn from(policy: DocumentsPolicy) -> Self {
        match policy {
            DocumentsPolicy::Off => Self::Off,
            DocumentsPolicy::Allow => Self::Allow,
            DocumentsPolicy::Require => Self::Require,
        }
    }
}

/// How often callers may send requests, and how many run at once. A rate of 0 means no limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Nameless callers and refused tokens of one address: requests a second.
    pub per_address_per_second: u32,
    /// The burst of one address after a pause.
    pub per_address_burst: u32,
    /// A person or integration: requests a second.
    pub per_person_per_second: u32,
    /// The burst of a person or integration after a pause.
    pub per_person_burst: u32,
    /// A device: requests a second.
    pub per_device_per_second: u32,
    /// The burst of a device after a pause.
    pub per_device_burst: u32,
    /// Sockets and event streams that one address may hold open.
    pub sockets_per_address: usize,
    /// Requests in progress at once; the last fifth is reserved for devices.
    pub requests_at_once: usize,
    /// Requests of nameless callers in progress at once.
    pub strangers_at_once: usize,
}

impl LimitsConfig {
    /// The limits in the edge's form.
    pub fn traffic(&self) -> TrafficLimits {
        let rate = |per_second, burst| Rate { per_second, burst };
        TrafficLimits {
            per_address: rate(self.per_address_per_second, self.per_address_burst),
            per_person: rate(self.per_person_per_second, self.per_person_burst),
            per_device: rate(self.per_device_per_second, self.per_device_burst),
            sockets_per_address: self.sockets_per_address,
            requests_at_once: self.requests_at_once,
            strangers_at_once: self.strangers_at_once,
        }
    }
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
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

/// The broker.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
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

/// Redis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LiveConfig {
    /// `redis://…`. Absent: occupancy is kept in process.
    pub url: Option<SecretString>,
    /// A file that holds it instead.
    pub url_file: Option<PathBuf>,
    /// Prefix of every key.
    pub prefix: String,
}

/// Tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityConfig {
    /// The folder of the signing keys, created if missing. Absent: `keys` in `data_dir`.
    pub key_folder: Option<PathBuf>,
    /// Identity's URL, from which a process of another service alone loads revocations.
    pub url: String,
    /// The router's URL, from which a process of identity alone queries the whole graph, for exports.
    pub graph_url: String,
    /// The public URL of this installation: providers of single sign-on redirect browsers back to it.
    pub public_url: Option<String>,
    /// Providers by which people sign in with the account of their organisation.
    pub single_sign_on: Vec<SingleSignOnConfig>,
}

/// Outgoing mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// `smtp://…` or `smtps://…`. Absent: no mail is sent; codes are shown to the inviting person.
    pub url: Option<SecretString>,
    /// A file that holds it instead.
    pub url_file: Option<PathBuf>,
    /// The sender of mail.
    pub from: String,
}

/// Exchange rates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoamingConfig {
    /// A CSV file `on,currency,per_eur`. Absent: the invented rates of the demo network in a demonstration; none in
    /// production, so a month with several currencies is not settled.
    pub rates_file: Option<PathBuf>,
    /// How many days before the last day of the month a rate of that file may have been published.
    pub oldest_rate_days: u16,
}

/// Logs, traces and metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// The log filter, in the syntax of `tracing`'s filters.
    pub log: String,
    /// `text` or `json`.
    pub format: String,
    /// The OTLP collector of traces and metrics, `http://127.0.0.1:4317`. Absent: none; `/metrics` works all the same.
    pub otlp_endpoint: Option<SecretString>,
    /// A file that holds it instead: a collector's address may carry a key.
    pub otlp_endpoint_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            environment: None,
            data_dir: "var".into(),
            server: ServerConfig::default(),
            graphql: GraphqlConfig::default(),
            limits: LimitsConfig::default(),
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

impl Default for RoamingConfig {
    fn default() -> Self {
        Self { rates_file: None, oldest_rate_days: roaming::Rates::OLDEST_DAYS }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:8080".into(),
            graphiql: true,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            behind_tls: false,
            shutdown_grace_seconds: 5,
            demo: None,
        }
    }
}

impl Default for GraphqlConfig {
    fn default() -> Self {
        Self { introspection: true, documents: None, documents_mode: DocumentsPolicy::Off }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let traffic = TrafficLimits::default();
        Self {
            per_address_per_second: traffic.per_address.per_second,
            per_address_burst: traffic.per_address.burst,
            per_person_per_second: traffic.per_person.per_second,
            per_person_burst: traffic.per_person.burst,
            per_device_per_second: traffic.per_device.per_second,
            per_device_burst: traffic.per_device.burst,
            sockets_per_address: traffic.sockets_per_address,
            requests_at_once: traffic.requests_at_once,
            strangers_at_once: traffic.strangers_at_once,
        }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: None,
            url_file: None,
            owner_url: None,
            owner_url_file: None,
            service_password: None,
            service_password_file: None,
            max_connections: 16,
        }
    }
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self {
            key_folder: None,
            url: "http://127.0.0.1:4105".into(),
            graph_url: "http://127.0.0.1:4000/graphql".into(),
            public_url: None,
            single_sign_on: Vec::new(),
        }
    }
}

impl Default for MailConfig {
    fn default() -> Self {
        Self { url: None, url_file: None, from: "hubnet <hubnet@localhost>".into() }
    }
}

impl Default for BusConfig {
    fn default() -> Self {
        Self { url: None, url_file: None, prefix: "hubnet".into(), events_kept_days: 30 }
    }
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self { url: None, url_file: None, prefix: "hubnet".into() }
    }
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            log: "warn,server=info".into(),
            format: "text".into(),
            otlp_endpoint: None,
            otlp_endpoint_file: None,
        }
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
    SingleSignOn(#[from] identity::SettingsError),
}

impl Config {
    /// Reads a file, if one is named, overridden by the environment.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn read(file: Option<&std::path::Path>) -> Result<Self, ConfigError> {
        let mut sources = config::Config::builder();
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
        let mut read: Self = sources.add_source(environment).build()?.try_deserialize()?;
        read.read_secrets()?;
        read.check()?;
        Ok(read)
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

    fn check(&self) -> Result<(), ConfigError> {
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
        config::Config::builder().add_source(source).build()?.try_deserialize()
    }

    #[test]
    fn nothing_at_all_is_the_embedded_shape() {
        let config = parse("").expect("defaults");
        assert!(config.is_embedded());
        assert_eq!(config.database_url("roaming"), "sqlite://var/hubnet.db?mode=rwc");
    }

    #[test]
    fn the_default_file_equals_the_defaults_of_the_code() {
        let documented = parse(include_str!("../../../deploy/hubnet.toml")).expect("the documented file");
        assert_eq!(format!("{documented:?}"), format!("{:?}", Config::default()));
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
