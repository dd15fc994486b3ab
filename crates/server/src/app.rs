//! The application: services on their databases, the relays and consumers between them, the live state, the keys.
//!
//! Always true: every service of this process is opened here, in every shape; a service that does not run here is not
//! touched.

use std::{fs, sync::Arc, time::Duration};

use jiff::SignedDuration;
use kernel::{OpContext, World};
use migrations::{MigrateError, Service};
use platform_bus::{
    Amqp, AmqpConfig, Flow, HandleError, Handler, InProcess, Outlet, Relay, Which, retry_postponed,
};
use platform_db::{Db, DbConfig};
use platform_http::{GraphService, SchemaService};
use platform_live::Live;
use secrecy::ExposeSecret;

use crate::{
    Config, Exit, ExitCode, embedded, member_addresses,
    revocation_list::{self, RevocationsUnavailable},
};

const FLOW_POLL: Duration = Duration::from_millis(5);
/// How often, and after which pause, draining retries after a temporary failure.
const DRAIN_TRIES: u32 = 50;
const DRAIN_PAUSE: Duration = Duration::from_millis(200);

/// The services that a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceSet {
    /// All of them, on one merged graph.
    All,
    /// One of them, as a subgraph behind a router.
    One(Service),
}

impl ServiceSet {
    /// The services of the set.
    pub fn services(self) -> Vec<Service> {
        match self {
            Self::All => Service::ALL.to_vec(),
            Self::One(service) => vec![service],
        }
    }
}

/// The opened and connected services of a process.
#[derive(Clone)]
pub struct App {
    set: ServiceSet,
    world: World,
    membership: Option<membership::Membership>,
    roaming: Option<roaming::Roaming>,
    events: Option<events::Events>,
    monitoring: Option<monitoring::Monitoring>,
    identity: Option<identity::Identity>,
    databases: Vec<Db>,
    outlets: Vec<(Db, Arc<dyn Outlet>)>,
    amqp: Option<AmqpConfig>,
    flow: Arc<Flow>,
    events_kept: SignedDuration,
    schema: Arc<dyn GraphService>,
    tokens: identity::Tokens,
    revocations: identity::Revocations,
    identity_url: String,
    live: Live,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("set", &self.set).finish_non_exhaustive()
    }
}

impl App {
    /// Opens services, and upgrades their databases if this process may.
    ///
    /// # Errors
    /// Fails with an [`Exit`] that names what is missing and what to do.
    pub async fn open(config: &Config, set: ServiceSet, world: World) -> Result<Self, Exit> {
        make_data_dir(config)?;
        let keys = open_keys(config)?;
        let tokens = identity::Tokens::new(keys);
        let revocations = identity::Revocations::new(world.now());
        let sealing = identity::SealingKey::open(&config.key_folder())
            .map_err(|error| Exit::because(ExitCode::CannotCreate, &error))?;
        let mailer = open_mailer(config)?;
        let single_sign_on =
            config.single_sign_on().map_err(|error| Exit::because(ExitCode::Config, &error))?;
        let live = open_live(config)?;
        let databases = open_databases(config, set).await?;
        let db = |service: Service| {
            databases.iter().find(|(of, _)| of.contains(&service)).map(|(_, db)| db.clone())
        };
        let rates = read_rates(config)?;
        let mut app = Self {
            set,
            membership: db(Service::Membership).map(|db| membership::Membership::new(db, live.clone())),
            roaming: db(Service::Roaming).map(|db| roaming::Roaming::new(db, rates).in_world(world.clone())),
            events: db(Service::Events).map(events::Events::new),
            monitoring: db(Service::Monitoring).map(monitoring::Monitoring::new),
            identity: db(Service::Identity)
                .map(|db| identity::Identity::new(db, tokens.clone(), revocations.clone(), sealing))
                .map(|identity| identity.with_mailer(mailer).with_single_sign_on(single_sign_on)),
            databases: databases.iter().map(|(_, db)| db.clone()).collect(),
            outlets: Vec::new(),
            amqp: None,
            flow: Arc::new(Flow::default()),
            events_kept: SignedDuration::from_hours(24 * i64::from(config.bus.events_kept_days)),
            schema: schema_of(set),
            tokens,
            revocations,
            identity_url: config.identity.url.clone(),
            world,
            live,
        };
        app.identity = app.identity.take().map(|identity| {
            identity.with_member_addresses(app.membership.as_ref().map(member_addresses::of))
        });
        app.join(config);
        if let Err(error) = app.load_revocations().await {
            tracing::warn!(%error, "what was revoked is not known yet");
        }
        Ok(app)
    }

    /// Connects each database's outbox to the receivers, in process or through the broker.
    fn join(&mut self, config: &Config) {
        let prefix = || config.bus.prefix.clone();
        self.amqp = config.bus.url.clone().map(|url| AmqpConfig::new(url, prefix(), topology()));
        let outlet: Arc<dyn Outlet> = match &self.amqp {
            Some(amqp) => Arc::new(Amqp::new(amqp.clone(), Arc::clone(&self.flow))),
            None => Arc::new(InProcess::new(self.handlers())),
        };
        self.outlets = self.databases.iter().map(|db| (db.clone(), Arc::clone(&outlet))).collect();
    }

    /// The services that run here.
    pub fn set(&self) -> ServiceSet {
        self.set
    }

    /// The consumers of events in this process.
    pub fn handlers(&self) -> Vec<Arc<dyn Handler>> {
        let handlers = [
            self.membership.as_ref().map(membership::Membership::handler),
            self.roaming.as_ref().map(roaming::Roaming::handler),
            self.events.as_ref().map(events::Events::handler),
            self.monitoring.as_ref().map(monitoring::Monitoring::handler),
            self.identity.as_ref().map(|identity| identity.handler(self.world.clone())),
        ];
        handlers.into_iter().flatten().collect()
    }

    /// One relay for each database of this process.
    pub fn relays(&self) -> Vec<Relay> {
        self.outlets.iter().map(|(db, outlet)| Relay::new(db.clone(), Arc::clone(outlet))).collect()
    }

    /// Carries all events on until none waits: for loading and for tests. With a broker, a consumer must be
    /// [running](crate::Background).
    ///
    /// # Errors
    /// Fails if an event cannot be carried now.
    pub async fn drain(&self) -> Result<(), HandleError> {
        let mut failures = 0;
        loop {
            let mut carried = 0;
            for relay in self.relays() {
                match relay.drain().await {
                    Ok(some) => carried += some,
                    Err(HandleError::Away(_)) if failures < DRAIN_TRIES => {
                        failures += 1;
                        carried += 1;
                        tokio::time::sleep(DRAIN_PAUSE).await;
                    }
                    Err(error) => return Err(error),
                }
            }
            while self.amqp.is_some() && !self.flow.is_still() {
                tokio::time::sleep(FLOW_POLL).await;
            }
            if carried == 0 {
                for handler in self.handlers() {
                    carried += retry_postponed(handler.as_ref(), Which::All).await?;
                }
            }
            if carried == 0 {
                return Ok(());
            }
        }
    }

    /// The broker, if there is one.
    pub fn amqp(&self) -> Option<&AmqpConfig> {
        self.amqp.as_ref()
    }

    /// The events on their way through the broker.
    pub fn flow(&self) -> &Arc<Flow> {
        &self.flow
    }

    /// The databases of this process, each once.
    pub fn databases(&self) -> &[Db] {
        &self.databases
    }

    /// The services of this process and their databases.
    pub fn service_databases(&self) -> Vec<(Service, Db)> {
        let services = self.set.services();
        let databases = self.databases.iter().cycle().take(services.len());
        services.iter().copied().zip(databases.cloned()).collect()
    }

    /// The databases of this process, each once, with the services on it.
    pub(crate) fn databases_of_services(&self) -> Vec<(Vec<Service>, &Db)> {
        let services = self.set.services();
        match &self.databases[..] {
            [one] => vec![(services, one)],
            several => services.into_iter().map(|service| vec![service]).zip(several).collect(),
        }
    }

    /// How long emitted events are kept.
    pub fn events_kept(&self) -> SignedDuration {
        self.events_kept
    }

    /// The graph that this process serves.
    pub fn schema(&self) -> &Arc<dyn GraphService> {
        &self.schema
    }

    /// Tokens of this installation.
    pub fn tokens(&self) -> &identity::Tokens {
        &self.tokens
    }

    /// The revocations that this process knows.
    pub fn revocations(&self) -> &identity::Revocations {
        &self.revocations
    }

    /// Loads all revocations, from identity's own table if identity runs here, else from identity's process.
    ///
    /// # Errors
    /// Fails if they cannot be loaded; the known revocations stay in force.
    pub async fn load_revocations(&self) -> Result<(), RevocationsUnavailable> {
        if let Some(identity) = &self.identity {
            identity.load_revocations(&OpContext::system(self.world.clone())).await?;
        } else {
            let asked_at = self.world.now();
            let list = revocation_list::ask(&self.identity_url).await?;
            self.revocations.record(list, asked_at);
        }
        Ok(())
    }

    /// The clock and the randomness.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The live state.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Membership, if it runs here.
    pub fn membership(&self) -> Option<&membership::Membership> {
        self.membership.as_ref()
    }

    /// Roaming, if it runs here.
    pub fn roaming(&self) -> Option<&roaming::Roaming> {
        self.roaming.as_ref()
    }

    /// Monitoring, if it runs here.
    pub fn monitoring(&self) -> Option<&monitoring::Monitoring> {
        self.monitoring.as_ref()
    }

    /// Identity, if it runs here.
    pub fn identity(&self) -> Option<&identity::Identity> {
        self.identity.as_ref()
    }

    /// Puts the caller's context, the services and their loaders into a request.
    pub fn with_request_data(
        &self,
        request: async_graphql::Request,
        op: &OpContext,
    ) -> async_graphql::Request {
        let mut request = request.data(op.clone());
        if let Some(membership) = &self.membership {
            request = membership.with_request_data(request, op);
        }
        if let Some(roaming) = &self.roaming {
            request = roaming.with_request_data(request, op);
        }
        if let Some(events) = &self.events {
            request = events.with_request_data(request, op);
        }
        if let Some(monitoring) = &self.monitoring {
            request = monitoring.with_request_data(request, op);
        }
        if let Some(identity) = &self.identity {
            request = identity.with_request_data(request, op);
        }
        request
    }
}

/// Every receiver of the application and the kinds it consumes: the queues of the broker.
fn topology() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        ("membership", membership::CONSUMES),
        ("roaming", roaming::CONSUMES),
        ("events", events::CONSUMES),
        ("monitoring", monitoring::CONSUMES),
        ("identity", identity::CONSUMES),
    ]
}

fn schema_of(set: ServiceSet) -> Arc<dyn GraphService> {
    match set {
        ServiceSet::All => Arc::new(SchemaService::new(embedded::schema())),
        ServiceSet::One(Service::Membership) => Arc::new(SchemaService::new(membership::split::schema())),
        ServiceSet::One(Service::Roaming) => Arc::new(SchemaService::new(roaming::split::schema())),
        ServiceSet::One(Service::Events) => Arc::new(SchemaService::new(events::split::schema())),
        ServiceSet::One(Service::Monitoring) => Arc::new(SchemaService::new(monitoring::split::schema())),
        ServiceSet::One(Service::Identity) => Arc::new(SchemaService::new(identity::split::schema())),
    }
}

/// Creates the signing keys of an installation that has none.
pub(crate) fn make_keys(config: &Config) -> Result<(), Exit> {
    make_data_dir(config)?;
    open_keys(config).map(drop)
}

/// Opens the signing keys; a demonstration marks the keys it creates.
pub(crate) fn open_keys(config: &Config) -> Result<identity::KeyRing, Exit> {
    let folder = config.key_folder();
    let keys = if config.is_production() {
        identity::KeyRing::open(&folder)
    } else {
        identity::KeyRing::open_in_demonstration(&folder)
    };
    keys.map_err(|error| Exit::because(ExitCode::CannotCreate, &error))
}

fn make_data_dir(config: &Config) -> Result<(), Exit> {
    let cannot = |error: std::io::Error| {
        let folder = config.data_dir.display();
        Exit::new(
            ExitCode::CannotCreate,
            format!("the folder {folder} cannot be written: {error}. Choose another with HUBNET__DATA_DIR."),
        )
    };
    fs::create_dir_all(&config.data_dir).map_err(cannot)?;
    let probe = config.data_dir.join(format!(".writable-{}", std::process::id()));
    fs::write(&probe, "").map_err(cannot)?;
    fs::remove_file(&probe).map_err(cannot)
}

fn open_live(config: &Config) -> Result<Live, Exit> {
    let Some(url) = &config.live.url else { return Ok(Live::embedded()) };
    let live = platform_live::LiveConfig { url: url.clone(), prefix: config.live.prefix.clone() };
    Live::shared(&live).map_err(|error| Exit::because(ExitCode::Config, &error))
}

fn open_mailer(config: &Config) -> Result<Option<identity::Mailer>, Exit> {
    let Some(url) = &config.mail.url else { return Ok(None) };
    let mailer = identity::Mailer::new(url, &config.mail.from);
    mailer.map(Some).map_err(|error| Exit::because(ExitCode::Config, &error))
}

fn read_rates(config: &Config) -> Result<roaming::Rates, Exit> {
    let Some(file) = &config.roaming.rates_file else { return demo_rates(config) };
    let text = fs::read_to_string(file).map_err(|error| {
        Exit::new(ExitCode::Config, format!("the rates file {} cannot be read: {error}", file.display()))
    })?;
    let rates = roaming::Rates::parse(&text).map_err(|error| Exit::because(ExitCode::DataError, &error))?;
    Ok(rates.at_most_old(config.roaming.oldest_rate_days))
}

/// Without a file a demonstration uses invented rates, one a month; production uses none.
fn demo_rates(config: &Config) -> Result<roaming::Rates, Exit> {
    if config.is_production() {
        return Ok(roaming::Rates::default());
    }
    let rates = roaming::Rates::parse(demo_data::RATES);
    let rates = rates.map_err(|error| Exit::because(ExitCode::DataError, &error))?;
    Ok(rates.at_most_old(DAYS_OF_A_MONTH))
}

/// The rates of the demo network are of the first days of each month.
const DAYS_OF_A_MONTH: u16 = 31;

/// The database of each service: one shared file, or a login each.
async fn open_databases(config: &Config, set: ServiceSet) -> Result<Vec<(Vec<Service>, Db)>, Exit> {
    let services = set.services();
    if config.is_embedded() {
        let db = connect(config, None, &config.database_url("")).await?;
        for service in Service::ALL {
            migrations::upgrade(&db, service).await.map_err(|error| migration_exit(&error))?;
        }
        return Ok(vec![(services, db)]);
    }
    if config.database.owner_url.is_some() {
        migrate(config, &services).await?;
    }
    let mut databases = Vec::with_capacity(services.len());
    for service in services {
        let db = connect(config, Some(service.name()), &config.database_url(service.name())).await?;
        migrations::check(&db, service).await.map_err(|error| migration_exit(&error))?;
        databases.push((vec![service], db));
    }
    Ok(databases)
}

/// Upgrades PostgreSQL, as its owner.
pub(crate) async fn migrate(config: &Config, services: &[Service]) -> Result<(), Exit> {
    let Some(owner_url) = &config.database.owner_url else {
        return Err(Exit::new(ExitCode::Config, "migrating PostgreSQL needs database.owner_url"));
    };
    let password = config.database.service_password.as_ref().map(ExposeSecret::expose_secret);
    for service in services {
        let owner = connect(config, Some(service.name()), owner_url.expose_secret()).await?;
        migrations::prepare_postgres(owner.for_migration(), *service, password)
            .await
            .map_err(|error| migration_exit(&error.into()))?;
        migrations::upgrade(&owner, *service).await.map_err(|error| migration_exit(&error))?;
    }
    Ok(())
}

async fn connect(config: &Config, schema: Option<&str>, url: &str) -> Result<Db, Exit> {
    let db = DbConfig {
        url: url.to_owned().into(),
        schema: schema.map(str::to_owned),
        max_connections: config.database.max_connections,
    };
    Db::connect(&db).await.map_err(|error| {
        let exit = Exit::because(ExitCode::Unavailable, &error);
        Exit::new(exit.code, format!("the database cannot be opened: {exit}"))
    })
}

fn migration_exit(error: &MigrateError) -> Exit {
    let code = match error {
        MigrateError::Newer(_)
        | MigrateError::Older(_)
        | MigrateError::Edited(_)
        | MigrateError::BeforeFiles(_) => ExitCode::DataError,
        MigrateError::Failed(..) | MigrateError::Database(_) => ExitCode::Unavailable,
    };
    Exit::because(code, error)
}
