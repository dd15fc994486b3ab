//! `cargo xtask demo`: the demo network on a shape of your choice, removed after Ctrl-C.
//!
//! Without an option it is `cargo run`. The other shapes need servers: private ones are started for the demo, flush
//! to disk as in production, and are removed with all data at the end.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use anyhow::{Context as _, Result};
use private_servers::{
    Durability, Hubnet, Launch, PrivateFolder, PrivateServers, Router, Setting, free_port, hubnet_command,
    router,
};

use crate::step;
use crate::workspace::{self, SERVICES};

const DATABASE: &str = "hubnet";
const PREFIX: &str = "hubnet";
const SUPERGRAPH: &str = "deploy/router/supergraph.graphql";
const QUERY: &str = "{ hubs(first: 5) { nodes { name occupancy { present capacity } openNow } } }";

/// Serves the demo network until Ctrl-C; without an option it is `cargo run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// One process on private PostgreSQL, Redis and RabbitMQ.
    #[arg(long, conflicts_with = "split")]
    distributed: bool,
    /// One process a service on the same, behind the federation router (built the first time).
    #[arg(long)]
    split: bool,
    /// Where clients connect.
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { port, .. } = *arguments;
    if !arguments.distributed && !arguments.split {
        let mut serve = workspace::cargo(&["run", "--package", "hubnet"]);
        return step::run(serve.env("HUBNET__SERVER__BIND", format!("127.0.0.1:{port}")));
    }
    TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("port {port} is taken; choose another with --port"))?;
    let until_interrupt = Interrupt::listen()?;
    let stage = Stage::set()?;
    if arguments.split {
        let services = stage.start_services(port)?;
        let _router = start_router(&services, port)?;
        Stage::print_what_to_try(port);
        print_where_exports_are(&services);
        until_interrupt.wait();
    } else {
        let _process = stage.launch().port(port).shown().start()?;
        Stage::print_what_to_try(port);
        until_interrupt.wait();
    }
    Ok(())
}

/// The servers with the demo network, and the settings that all processes of the demo share.
struct Stage {
    binary: PathBuf,
    settings: Vec<Setting>,
    servers: PrivateServers,
    _data: PrivateFolder,
}

impl Stage {
    fn set() -> Result<Self> {
        let binary = workspace::build_hubnet()?;
        step::announce("starting PostgreSQL, Redis and RabbitMQ");
        let servers = PrivateServers::start(Durability::PowerCut)?;
        servers.postgres().create_database(DATABASE)?;
        // Signing keys are in the data folder, so all processes share one.
        let data = PrivateFolder::new("data")?;
        let mut settings = servers.settings(DATABASE, PREFIX);
        settings.push(("HUBNET__DATA_DIR".to_owned(), data.path().display().to_string()));
        let stage = Self { binary, settings, servers, _data: data };
        stage.run_as_owner("creating schemas and roles", "migrate")?;
        stage.run_as_owner("loading the demo network", "demo")?;
        Ok(stage)
    }

    /// Runs a subcommand as the owner. Only these commands may create; serving processes get no owner's URL.
    fn run_as_owner(&self, what: &str, subcommand: &str) -> Result<()> {
        step::announce(what);
        let owner = self.servers.owner_setting(DATABASE);
        step::run(
            hubnet_command(&self.binary)
                .arg(subcommand)
                .envs(self.settings.iter().cloned())
                .envs([owner])
                .current_dir(workspace::root()),
        )
    }

    fn launch(&self) -> Launch {
        Launch::serve(&self.binary).settings(self.settings.clone())
    }

    fn start_services(&self, router_port: u16) -> Result<Vec<(&'static str, Hubnet)>> {
        step::announce("starting a process for each service");
        let identity_port = free_port()?;
        let identity = ("HUBNET__IDENTITY__URL".to_owned(), format!("http://127.0.0.1:{identity_port}"));
        let graph_url = format!("http://127.0.0.1:{router_port}/graphql");
        let graph = ("HUBNET__IDENTITY__GRAPH_URL".to_owned(), graph_url);
        let start = |name: &'static str| -> Result<_> {
            let launch = self.launch().service(name).settings([identity.clone(), graph.clone()]);
            let launch = if name == "identity" { launch.port(identity_port) } else { launch };
            Ok((name, launch.start()?))
        };
        SERVICES.iter().map(|it| start(it.name)).collect()
    }

    fn print_what_to_try(port: u16) {
        println!("\nGraphQL   http://127.0.0.1:{port}/graphql");
        println!("\nTry:  {QUERY}\n\nSign in as shown above. Ctrl-C takes everything down.");
    }
}

/// The router carries only the graph; a reverse proxy in front would route this path to identity.
fn print_where_exports_are(services: &[(&'static str, Hubnet)]) {
    if let Some((_, identity)) = services.iter().find(|(name, _)| *name == "identity") {
        println!("Exports   {}/me/export", identity.url());
    }
}

fn start_router(services: &[(&'static str, Hubnet)], port: u16) -> Result<Router> {
    let binary = router::ensure_built()?;
    step::announce("starting the router");
    let urls: Vec<_> =
        services.iter().map(|(name, process)| (*name, format!("{}/graphql", process.url()))).collect();
    Ok(Router::start(&binary, &workspace::file(SUPERGRAPH), &urls, port)?)
}

/// Ctrl-C, or a request to end.
struct Interrupt {
    received: mpsc::Receiver<()>,
}

/// Whether Ctrl-C is awaited. Before that it ends this process at once, and the guard of the private servers cleans
/// up.
static WAITING: AtomicBool = AtomicBool::new(false);
const ENDED_BY_INTERRUPT: i32 = 130;

impl Interrupt {
    fn listen() -> Result<Self> {
        let (sender, received) = mpsc::channel();
        ctrlc::set_handler(move || {
            if !WAITING.load(Ordering::SeqCst) || sender.send(()).is_err() {
                std::process::exit(ENDED_BY_INTERRUPT);
            }
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(Self { received })
    }

    fn wait(&self) {
        WAITING.store(true, Ordering::SeqCst);
        if self.received.recv().is_ok() {
            eprintln!("\ntaking everything down");
        }
        WAITING.store(false, Ordering::SeqCst);
    }
}
