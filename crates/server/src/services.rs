//! The one list of services. To add one: a line in [`SERVICES`], and its fields in the merged graph
//! ([`crate::embedded`], which async-graphql composes at compile time).
//!
//! Always true: whatever is done for every service goes through [`About`] and [`Module`]. A service is named elsewhere in
//! this crate only to use what it alone does, by [`App::find`](crate::App), and the caller copes with its absence.

use std::{fmt, fs, sync::Arc};

use async_graphql::{ObjectType, SDLExportOptions, Schema, SubscriptionType};
use platform_db::Db;
use platform_http::{GraphService, SchemaService};
use platform_keys::LinkKey;
use platform_live::Live;
use platform_mail::Mailer;
use platform_module::{About, Module};

use crate::{Config, Exit, ExitCode, member_addresses};

/// The services, in the order in which they are upgraded and opened.
static SERVICES: [Entry; 5] = [
    Entry {
        about: &membership::ABOUT,
        open: |db, parts| Ok(Arc::new(membership::Membership::new(db, parts.live.clone()))),
        subgraph: || Box::new(membership::split::schema()),
    },
    Entry {
        about: &roaming::ABOUT,
        open: |db, parts| Ok(Arc::new(roaming::Roaming::new(db, read_rates(parts.config)?))),
        subgraph: || Box::new(roaming::split::schema()),
    },
    Entry {
        about: &events::ABOUT,
        open: |db, _parts| Ok(Arc::new(events::Events::new(db))),
        subgraph: || Box::new(events::split::schema()),
    },
    Entry {
        about: &monitoring::ABOUT,
        open: |db, _parts| Ok(Arc::new(monitoring::Monitoring::new(db))),
        subgraph: || Box::new(monitoring::split::schema()),
    },
    Entry { about: &identity::ABOUT, open: open_identity, subgraph: || Box::new(identity::split::schema()) },
];

/// Opens a service on its database.
type Open = fn(Db, &Parts<'_>) -> Result<Arc<dyn Module>, Exit>;

/// What the program knows of a service before it is opened.
struct Entry {
    about: &'static About,
    /// Opens the service on its database.
    open: Open,
    /// Builds its graph, for a process that runs it alone behind a router.
    subgraph: fn() -> Box<dyn Subgraph>,
}

/// What a process has for its services.
pub(crate) struct Parts<'a> {
    pub(crate) config: &'a Config,
    pub(crate) live: &'a Live,
    pub(crate) tokens: &'a identity::Tokens,
    pub(crate) revocations: &'a identity::Revocations,
    pub(crate) links: &'a LinkKey,
    /// The services of this process that are opened already.
    pub(crate) opened: &'a [Arc<dyn Module>],
}

/// One of the services of hubnet.
#[derive(Clone, Copy)]
pub struct Service(&'static Entry);

impl Service {
    /// All services, in the order in which they are upgraded and opened.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        SERVICES.iter().map(Self)
    }

    /// Finds a service by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|service| service.name() == name)
    }

    /// What is known of it in every process.
    pub fn about(self) -> &'static About {
        self.0.about
    }

    /// The name: of its schema, its login role, its queue, its subgraph and its process.
    pub fn name(self) -> &'static str {
        self.0.about.name
    }

    /// Opens the service on its database.
    pub(crate) fn open(self, db: Db, parts: &Parts<'_>) -> Result<Arc<dyn Module>, Exit> {
        (self.0.open)(db, parts)
    }

    /// Builds its graph without those of the other services.
    pub(crate) fn subgraph(self) -> Box<dyn Subgraph> {
        (self.0.subgraph)()
    }
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Service {}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A schema of async-graphql, whatever its roots.
pub(crate) trait Subgraph {
    /// Its text.
    fn sdl(&self, options: SDLExportOptions) -> String;

    /// The service that executes requests.
    fn into_service(self: Box<Self>) -> Arc<dyn GraphService>;
}

impl<Query, Mutation, Subscription> Subgraph for Schema<Query, Mutation, Subscription>
where
    Query: ObjectType + 'static,
    Mutation: ObjectType + 'static,
    Subscription: SubscriptionType + 'static,
{
    fn sdl(&self, options: SDLExportOptions) -> String {
        self.sdl_with_options(options)
    }

    fn into_service(self: Box<Self>) -> Arc<dyn GraphService> {
        Arc::new(SchemaService::new(*self))
    }
}

/// Finds an opened service by its type.
pub(crate) fn find<M: Module>(opened: &[Arc<dyn Module>]) -> Option<&M> {
    opened.iter().find_map(|module| {
        let module: &dyn std::any::Any = module.as_ref();
        module.downcast_ref()
    })
}

fn open_identity(db: Db, parts: &Parts<'_>) -> Result<Arc<dyn Module>, Exit> {
    let config = parts.config;
    let sealing = identity::SealingKey::open(&config.key_folder())
        .map_err(|error| Exit::because(ExitCode::CannotCreate, &error))?;
    let single_sign_on = config.single_sign_on().map_err(|error| Exit::because(ExitCode::Config, &error))?;
    let identity = identity::Identity::new(db, parts.tokens.clone(), parts.revocations.clone(), sealing);
    let addresses = find(parts.opened).map(member_addresses::of);
    Ok(Arc::new(
        identity
            .with_mailer(open_mailer(config, parts.links)?)
            .with_single_sign_on(single_sign_on)
            .with_member_addresses(addresses),
    ))
}

fn open_mailer(config: &Config, links: &LinkKey) -> Result<Option<Mailer>, Exit> {
    let Some(url) = &config.mail.url else { return Ok(None) };
    let mailer = Mailer::new(url, &config.mail.from, links.clone())
        .map_err(|error| Exit::because(ExitCode::Config, &error))?;
    Ok(Some(mailer.with_public_url(config.identity.public_url.as_deref())))
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
