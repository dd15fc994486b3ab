//! The application: services on their databases, the relays and consumers between them, the live state, the keys.
//!
//! Always true: every service of this process is opened here, in every shape; a service that does not run here is not
//! touched.

use std::{fs, sync::Arc, time::Duration};

use jiff::SignedDuration;
use kernel::{OpContext, World};
use migrations::MigrateError;
use platform_bus::{
    Amqp, AmqpConfig, Flow, HandleError, Handler, InProcess, Outlet, Relay, Which, retry_postponed,
};
use platform_db::{Db, DbConfig};
use platform_files::{FileStore, Files};
use platform_http::{GraphService, SchemaService};
use platform_keys::LinkKey;
use platform_live::Live;
use platform_module::Module;
use secrecy::ExposeSecret;

use crate::{
    Config, Exit, ExitCode, Service, embedded,
    revocation_list::{self, RevocationsUnavailable},
    services::{self, Parts},
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
            Self::All => Service::all().collect(),
            Self::One(service) => vec![service],
        }
    }
}

/// The opened and connected services of a process.
#[derive(Clone)]
pub struct App {
    set: ServiceSet,
    world: World,
    /// The services of this process, in the order of the list.
    modules: Vec<Arc<dyn Module>>,
    databases: Vec<Db>,
    outlets: Vec<(Db, Arc<dyn Outlet>)>,
    amqp: Option<AmqpConfig>,
    flow: Arc<Flow>,
    events_kept: SignedDuration,
    schema: Arc<dyn GraphService>,
    tokens: identity::Tokens,
    revocations: identity::Revocations,
    identity_url: String,
    links: LinkKey,
    files: FileStore,
    graph_url: String,
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
        let links = LinkKey::open(&config.key_folder())
            .map_err(|error| Exit::because(ExitCode::CannotCreate, &error))?;
        let live = open_live(config)?;
        let databases = open_databases(config, set).await?;
        let mut modules = Vec::new();
        for (service, db) in databases.iter().flat_map(|(of, db)| of.iter().map(move |service| (service, db)))
        {
            let parts = Parts {
                config,
                live: &live,
                tokens: &tokens,
                revocations: &revocations,
                links: &links,
                opened: &modules,
            };
            let module = service.open(db.clone(), &parts)?;
            modules.push(module);
        }
        let mut app = Self {
            set,
            modules,
            databases: databases.iter().map(|(_, db)| db.clone()).collect(),
            outlets: Vec::new(),
            amqp: None,
            flow: Arc::new(Flow::default()),
            events_kept: SignedDuration::from_hours(24 * i64::from(config.bus.events_kept_days)),
            schema: schema_of(set),
            tokens,
            revocations,
            identity_url: config.identity.url.clone(),
            links,
            files: open_files(config)?,
            graph_url: config.identity.graph_url.clone(),
            world,
            live,
        };
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
        self.modules.iter().map(|module| module.handler(&self.world)).collect()
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
        self.set.services().into_iter().zip(self.modules.iter().map(|module| module.db().clone())).collect()
    }

    /// The databases of this process, each once, with the services on it.
    pub(crate) fn databases_of_modules(&self) -> Vec<(&[Arc<dyn Module>], &Db)> {
        match &self.databases[..] {
            [one] => vec![(&self.modules, one)],
            several => self.modules.chunks(1).zip(several).collect(),
        }
    }

    /// The databases of this process, each once, with the name under which commands and metrics show it: that of its
    /// service, or `all`.
    pub(crate) fn named_databases(&self) -> Vec<(&'static str, &Db)> {
        let name = |modules: &[Arc<dyn Module>]| match modules {
            [one] => one.about().name,
            _ => "all",
        };
        self.databases_of_modules().into_iter().map(|(modules, db)| (name(modules), db)).collect()
    }

    /// The services of this process.
    pub fn modules(&self) -> &[Arc<dyn Module>] {
        &self.modules
    }

    /// A service, if it runs here.
    pub fn find<M: Module>(&self) -> Option<&M> {
        services::find(&self.modules)
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
        if let Some(identity) = self.identity() {
            identity.load_revocations(&OpContext::system(self.world.clone())).await?;
        } else {
            let asked_at = self.world.now();
            let list = revocation_list::ask(&self.identity_url).await?;
            self.revocations.record(list, asked_at);
        }
        Ok(())
    }

    /// The files of a service, if it runs here.
    pub fn files_of(&self, service: &str) -> Option<Files> {
        let module = self.modules.iter().find(|module| module.about().name == service)?;
        let (name, db) = (module.about().name, module.db().clone());
        Some(Files::new(name, db, self.files.clone(), self.links.clone()))
    }

    /// The store of all files.
    pub fn file_store(&self) -> &FileStore {
        &self.files
    }

    /// The URL of the whole graph, where services run as separate processes.
    pub(crate) fn graph_url(&self) -> &str {
        &self.graph_url
    }

    /// The key that signs links.
    pub fn links(&self) -> &LinkKey {
        &self.links
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
        self.find()
    }

    /// Roaming, if it runs here.
    pub fn roaming(&self) -> Option<&roaming::Roaming> {
        self.find()
    }

    /// Monitoring, if it runs here.
    pub fn monitoring(&self) -> Option<&monitoring::Monitoring> {
        self.find()
    }

    /// Identity, if it runs here.
    pub fn identity(&self) -> Option<&identity::Identity> {
        self.find()
    }

    /// Puts the caller's context, the services and their loaders into a request.
    pub fn with_request_data(
        &self,
        request: async_graphql::Request,
        op: &OpContext,
    ) -> async_graphql::Request {
        let request = request.data(op.clone());
        self.modules.iter().fold(request, |request, module| module.with_request_data(request, op))
    }
}

/// Every receiver of the application and the kinds it consumes: the queues of the broker.
fn topology() -> Vec<(&'static str, &'static [&'static str])> {
    Service::all().map(|service| (service.name(), service.about().consumes)).collect()
}

fn schema_of(set: ServiceSet) -> Arc<dyn GraphService> {
    match set {
        ServiceSet::All => Arc::new(SchemaService::new(embedded::schema())),
        ServiceSet::One(service) => service.subgraph().into_service(),
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

fn open_files(config: &Config) -> Result<FileStore, Exit> {
    let store = match config.files.s3_settings() {
        Some(settings) => FileStore::s3(&settings),
        None => FileStore::local(&config.file_folder()),
    };
    store.map_err(|error| Exit::because(ExitCode::CannotCreate, &error))
}

/// The database of each service: one shared file, or a login each.
async fn open_databases(config: &Config, set: ServiceSet) -> Result<Vec<(Vec<Service>, Db)>, Exit> {
    let services = set.services();
    if config.is_embedded() {
        let db = connect(config, None, &config.database_url("")).await?;
        for service in Service::all() {
            migrations::upgrade(&db, service.name()).await.map_err(|error| migration_exit(&error))?;
        }
        return Ok(vec![(services, db)]);
    }
    if config.database.owner_url.is_some() {
        migrate(config, &services).await?;
    }
    let mut databases = Vec::with_capacity(services.len());
    for service in services {
        let db = connect(config, Some(service.name()), &config.database_url(service.name())).await?;
        migrations::check(&db, service.name()).await.map_err(|error| migration_exit(&error))?;
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
        migrations::prepare_postgres(owner.for_migration(), service.name(), password)
            .await
            .map_err(|error| migration_exit(&error.into()))?;
        migrations::upgrade(&owner, service.name()).await.map_err(|error| migration_exit(&error))?;
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
