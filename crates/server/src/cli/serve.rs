//! `hubnet serve`: runs the services behind the HTTP edge until the process is stopped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;
use kernel::World;
use platform_http::{
    BindError, Document, Documents, Edge, Limits, Listener, Rate, SharedCounts, TrafficLimits,
};
use platform_live::Live;
use platform_module::Module as _;
use platform_telemetry::Telemetry;
use tokio::{sync::watch, time::timeout};

use super::demo::Loading;
use crate::{
    App, AppAuthenticator, AppProbe, Build, Config, Exit, ExitCode, Service, ServiceSet,
    background::{Background, Hush},
    demo::accounts as demo_accounts,
    export, figures,
    http::files,
    http::front_page,
    http::opening_hours_file,
    http::single_sign_on,
    http::unsubscribe,
    production, revocation_list,
};

/// Runs all services on one graph, or each named service as a subgraph on a port of its own: the first on
/// `server.bind`, the next on the ports after it.
///
/// # Errors
/// Fails with an [`Exit`], for example for a taken port, an unwritable folder, or a database from a newer version.
pub async fn serve(
    config: &Config,
    services: &[Service],
    telemetry: &Telemetry,
    build: Build,
) -> Result<(), Exit> {
    figures::note_build(build);
    if !services.is_empty() && (config.is_embedded() || config.bus.url.is_none()) {
        return Err(Exit::new(
            ExitCode::Config,
            "a service of its own needs PostgreSQL and a broker to hear the others: set database.url and bus.url, or run all services in one process",
        ));
    }
    production::check_configuration(config)?;
    let sets: Vec<ServiceSet> = if services.is_empty() {
        vec![ServiceSet::All]
    } else {
        services.iter().copied().map(ServiceSet::One).collect()
    };
    // Takes the ports first: a process without its port must not migrate the database.
    let listeners = bind(&config.server.bind, sets.len())?;
    let documents = read_documents(config)?;
    let (stop, stopped) = watch::channel(false);
    let asked_to_stop = listen_for_stop();
    let mut apps = Vec::new();
    for set in sets {
        let app = App::open(config, set, World::real()).await?;
        production::check_app(config, &app).await?;
        apps.push((set, app));
    }
    let loading =
        if services.is_empty() && config.loads_demo() { Loading::needed(config).await? } else { None };
    let leaving = Arc::new(AtomicBool::new(false));
    let has_demo = Arc::new(AtomicBool::new(false));
    let is_loading = Arc::new(AtomicBool::new(loading.is_some()));
    let mut edges = Vec::new();
    for ((set, app), listener) in apps.iter().zip(listeners) {
        welcome(*set, &listener);
        let mut edge = edge(config, app, *set, telemetry);
        if *set == ServiceSet::All {
            edge.front_page = Some(front_page::page(config.server.graphiql, Arc::clone(&has_demo)));
            edge.public_documents.extend(front_page::guides());
        }
        edge.documents = Arc::clone(&documents);
        edge.leaving = Arc::clone(&leaving);
        edge.probe = Arc::new(AppProbe::new(app.clone()).unready_while(Arc::clone(&is_loading)));
        edges.push(tokio::spawn(platform_http::serve(edge, listener, until_stopped(stopped.clone()))));
    }
    let loaded = Box::pin(load(loading, asked_to_stop.clone())).await;
    is_loading.store(false, Ordering::Release);
    let background: Vec<Background> = if matches!(loaded, Ok(true)) {
        if config.loads_demo() && has_demo_accounts(&apps).await {
            has_demo.store(true, Ordering::Release);
            demo_accounts::print();
            println!("\nStop with Ctrl-C.");
        }
        apps.iter().map(|(_, app)| Background::start(app)).collect()
    } else {
        stop.send_replace(true);
        Vec::new()
    };
    let hushes: Vec<_> = background.iter().map(Background::hush).collect();
    let grace = Duration::from_secs(config.server.shutdown_grace_seconds.into());
    tokio::spawn(async move {
        asked(asked_to_stop.clone()).await;
        // Load balancers learn of it before the port closes; nothing else has changed until then.
        leaving.store(true, Ordering::Release);
        leave(asked_to_stop, grace).await;
        // Consumers end before requests: responses may still need the database, new events are not urgent.
        join_all(hushes.into_iter().map(Hush::now)).await;
        stop.send_replace(true);
    });
    let mut outcome = loaded.map(drop);
    for edge in edges {
        let ended = edge.await.map_err(|error| Exit::because(ExitCode::Software, &error))?;
        outcome = outcome.and(ended.map_err(|error| Exit::because(ExitCode::Unavailable, &error)));
    }
    for background in background {
        background.stop().await;
    }
    outcome
}

/// Whether the demo network is served, so that its accounts exist; other networks have none.
async fn has_demo_accounts(apps: &[(ServiceSet, App)]) -> bool {
    match apps {
        [(ServiceSet::All, app)] => match app.membership() {
            Some(membership) => membership.has_demonstration().await.unwrap_or_default(),
            None => false,
        },
        _ => false,
    }
}

/// Loads the demo network, if needed, while requests are already served. Returns whether to continue: not if the
/// process is stopped meanwhile; then the next start continues the loading.
///
/// Background work starts after it: it would carry the loader's events on by another clock.
async fn load(loading: Option<Loading>, asked_to_stop: watch::Receiver<Stop>) -> Result<bool, Exit> {
    let Some(loading) = loading else { return Ok(true) };
    tokio::select! {
        loaded = loading.run() => loaded.map(|()| true),
        () = asked(asked_to_stop) => {
            eprintln!("The demo network is not loaded yet; the next start goes on with it.");
            Ok(false)
        }
    }
}

fn bind(address: &str, how_many: usize) -> Result<Vec<Listener>, Exit> {
    let malformed =
        || Exit::new(ExitCode::Config, format!("server.bind {address:?} is not an address and a port"));
    let (host, port) = address.rsplit_once(':').ok_or_else(malformed)?;
    let first: u16 = port.parse().map_err(|_bad| malformed())?;
    (0..how_many)
        .map(|place| {
            let next =
                u16::try_from(place).ok().and_then(|place| first.checked_add(place)).ok_or_else(malformed)?;
            platform_http::bind(&format!("{host}:{next}")).map_err(|error| cannot_bind(&error))
        })
        .collect()
}

fn cannot_bind(error: &BindError) -> Exit {
    let code = match error {
        BindError::Taken { .. } | BindError::Unusable { .. } => ExitCode::Unavailable,
        BindError::Forbidden { .. } => ExitCode::NoPermission,
    };
    let exit = Exit::because(code, error);
    Exit::new(code, format!("{exit}. Choose another address with HUBNET__SERVER__BIND=127.0.0.1:8081."))
}

/// A reader that was offline uploads its log in one piece.
const LARGE_MUTATIONS: [&str; 1] = ["uploadDeviceLog"];

fn edge(config: &Config, app: &App, set: ServiceSet, telemetry: &Telemetry) -> Edge {
    let authenticator = Arc::new(AppAuthenticator::new(app.clone()));
    let probe = Arc::new(AppProbe::new(app.clone()));
    let mut edge = Edge::new(Arc::clone(app.schema()), authenticator, probe);
    edge.graphiql = config.server.graphiql;
    edge.allowed_origins.clone_from(&config.server.allowed_origins);
    edge.trusted_proxies.clone_from(&config.server.trusted_proxies);
    edge.behind_tls = config.server.behind_tls;
    edge.limits = match set {
        ServiceSet::All => Limits::default(),
        ServiceSet::One(_) => Limits::behind_router(),
    };
    edge.limits.large_mutations = &LARGE_MUTATIONS;
    edge.limits.query.introspection = config.graphql.introspection;
    edge.limits.traffic = traffic(config, set);
    edge.shared_counts = config.live.url.is_some().then(|| shared_counts(app, set));
    edge.public_documents = public_documents(app, set);
    if app.identity().is_some() {
        let exports = export::Exports::new(app.clone(), config.identity.graph_url.clone());
        edge.plain_routes.extend(exports.plain_routes());
        edge.downloads.push((export::PATH, exports));
        edge.redirectors = single_sign_on::redirectors(app);
    }
    edge.public_files = opening_hours_file::public_files(app);
    edge.link_pages = unsubscribe::link_pages(app);
    edge.plain_routes.extend(files::upload_routes(app));
    edge.stored_files = files::stored_files(app);
    let (telemetry, world) = (telemetry.clone(), app.world().clone());
    edge.metrics_text = Arc::new(move || telemetry.metrics_text());
    edge.clock = Arc::new(move || world.now());
    edge
}

/// The keys to verify tokens with, for everybody; on identity's own port also the revocations.
fn public_documents(app: &App, set: ServiceSet) -> Vec<Document> {
    let tokens = app.tokens().clone();
    let jwks = Document {
        path: "/.well-known/jwks.json",
        media_type: "application/jwk-set+json",
        text: Arc::new(move || tokens.keys().jwks().to_string()),
    };
    let mut documents = vec![jwks];
    if matches!(set, ServiceSet::One(_)) && app.identity().is_some() {
        documents.push(revocation_list::document(app.revocations().clone()));
    }
    documents
}

/// The limits of traffic. Behind the router every nameless caller has the router's address, unless a proxy in front of
/// it passes theirs on.
fn traffic(config: &Config, set: ServiceSet) -> TrafficLimits {
    let limits = config.limits.traffic();
    match set {
        ServiceSet::All => limits,
        ServiceSet::One(_) => TrafficLimits {
            per_address: if config.server.trusted_proxies.is_empty() {
                Rate::UNLIMITED
            } else {
                limits.per_address
            },
            sockets_per_address: usize::MAX,
            ..limits
        },
    }
}

fn shared_counts(app: &App, set: ServiceSet) -> Arc<dyn SharedCounts> {
    let of = match set {
        ServiceSet::All => "graph",
        ServiceSet::One(service) => service.name(),
    };
    Arc::new(CountsInRedis { live: app.live().clone(), of })
}

/// Counts of callers in Redis, which all processes of an installation share.
struct CountsInRedis {
    live: Live,
    of: &'static str,
}

#[async_trait]
impl SharedCounts for CountsInRedis {
    async fn add(&self, window: i64, counts: &[(String, u64)]) -> Option<Vec<u64>> {
        let named: Vec<(String, u64)> =
            counts.iter().map(|(who, count)| (format!("{}:{window}:{who}", self.of), *count)).collect();
        self.live.add_counts(&named).await
    }
}

fn read_documents(config: &Config) -> Result<Arc<Documents>, Exit> {
    let Some(file) = &config.graphql.documents else { return Ok(Arc::default()) };
    let wrong =
        |why: String| Exit::new(ExitCode::Config, format!("graphql.documents {}: {why}", file.display()));
    let list = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let documents = Documents::read(config.graphql.documents_mode.into(), &list);
    documents.map(Arc::new).map_err(|error| wrong(error.to_string()))
}

/// Prints where to look.
fn welcome(set: ServiceSet, listener: &Listener) {
    let at = listener.local_addr();
    if let ServiceSet::One(service) = set {
        println!("hubnet {}: subgraph at http://{at}/graphql", service.name());
        return;
    }
    println!("hubnet is at http://{at}");
    println!("  look at  http://{at}/");
    println!("  explore  http://{at}/graphql");
    println!("  health   http://{at}/health/ready   metrics http://{at}/metrics");
}

async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    // The sender is dropped only at the end of the process.
    let _stopped_or_gone = stopped.wait_for(|stopped| *stopped).await;
}

/// How urgently the process was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    NotAsked,
    /// SIGTERM: an orderly end, with the grace period.
    Soon,
    /// Ctrl-C, or a second signal.
    Now,
}

/// Waits until the process is asked to stop.
async fn asked(mut stop: watch::Receiver<Stop>) {
    // The sender is dropped only at the end of the process.
    let _asked_or_gone = stop.wait_for(|stop| *stop > Stop::NotAsked).await;
}

/// Waits for the grace period, or until the process is asked to stop at once.
async fn leave(mut stop: watch::Receiver<Stop>, grace: Duration) {
    // Waits for whichever comes first; the sender is dropped only at the end of the process.
    let _elapsed_or_now = timeout(grace, stop.wait_for(|stop| *stop == Stop::Now)).await;
}

/// Records that the process was asked to stop, for current and later waiters.
fn listen_for_stop() -> watch::Receiver<Stop> {
    let (asked, asked_to_stop) = watch::channel(Stop::NotAsked);
    tokio::spawn(async move {
        asked.send_replace(stop_signal().await);
        stop_signal().await;
        asked.send_replace(Stop::Now);
        // Keeps the sender alive as long as a task may wait.
        asked.closed().await;
    });
    asked_to_stop
}

async fn stop_signal() -> Stop {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_none) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupted => Stop::Now,
        () = terminated => Stop::Soon,
    }
}
