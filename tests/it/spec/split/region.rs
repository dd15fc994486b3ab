//! A region in the split shape: a database, five processes, the router. Always true: a client knows the router's
//! address only.

use std::{path::Path, thread};

use private_servers::{Hubnet, Router, Setting, free_port, router};
use server::Service;
use testkit::json;

use crate::{
    support::front_desk::{FrontDesk, word},
    support::installation::Installation,
    support::remote::Remote,
};

const SUPERGRAPH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/router/supergraph.graphql");

/// Dropped in this order: the router, the services, their folder.
pub(crate) struct Region {
    router: Router,
    services: Vec<(&'static str, Hubnet)>,
    installation: Installation,
    database: String,
}

impl Region {
    /// Onboards the network with the command line and starts everything.
    pub(crate) async fn open(name: &str) -> Self {
        Self::open_after(name, async |_installation| {}).await
    }

    /// Runs some work on the onboarded installation before its processes start.
    pub(crate) async fn open_after(name: &str, before: impl AsyncFnOnce(&Installation)) -> Self {
        Self::open_configured(name, |_identity, _installation| Vec::new(), before).await
    }

    /// Runs some work before, and gives every process more settings, made with the address of identity.
    pub(crate) async fn open_configured(
        name: &str,
        settings: impl FnOnce(&str, &Installation) -> Vec<Setting>,
        before: impl AsyncFnOnce(&Installation),
    ) -> Self {
        let database = format!("split_{name}_{}", std::process::id());
        let installation = Installation::on(testkit::servers(), &database);
        installation.onboard();
        before(&installation).await;
        let (port, identity_port) = (free_port().expect("a port"), free_port().expect("a port"));
        let identity_url = format!("http://127.0.0.1:{identity_port}");
        let more = settings(&identity_url, &installation);
        let services = start_services(&installation, port, identity_port, &more);
        let urls: Vec<_> =
            services.iter().map(|(name, process)| (*name, format!("{}/graphql", process.url()))).collect();
        let binary = router::ensure_built().expect("a router");
        let router = Router::start(&binary, Path::new(SUPERGRAPH), &urls, port).expect("the router starts");
        Self { router, services, installation, database }
    }

    /// Returns the address of the router.
    pub(crate) fn router_url(&self) -> String {
        self.router.url()
    }

    /// Returns an anonymous caller at the router.
    pub(crate) fn anonymous(&self) -> Remote {
        Remote::anonymous(&self.router.url())
    }

    /// Returns a caller at the router, with a token from the command line.
    pub(crate) fn signed_in(&self, who: &[&str]) -> Remote {
        self.anonymous().with_token(&self.installation.token(who))
    }

    /// Returns the address of a service's process.
    pub(crate) fn url_of(&self, service: &str) -> String {
        self.process(service).url()
    }

    /// Returns the code of an invitation, made on the server's own machine.
    pub(crate) fn invite(&self, role: &str, email: &str) -> String {
        self.installation.succeed(&["invite", "--role", role, "--email", email]).trim().to_owned()
    }

    /// Returns callers with a token at every process, past the router.
    pub(crate) fn at_every_process(&self, token: &str) -> Vec<Remote> {
        self.services.iter().map(|(_, process)| Remote::anonymous(&process.url()).with_token(token)).collect()
    }

    /// Returns the network's front desk, through the router.
    pub(crate) async fn front_desk(&self) -> FrontDesk {
        FrontDesk::open(&self.installation, &self.router.url()).await
    }

    /// Returns the id of a hub.
    pub(crate) async fn hub(&self, slug: &str) -> String {
        let asked = "query($slug: String!) { hub(slug: $slug) { id } }";
        word(&self.anonymous().ask(asked, json!({ "slug": slug })).await["hub"]["id"])
    }

    /// Kills a service with SIGKILL.
    pub(crate) fn kill(&self, service: &str) {
        self.process(service).kill().expect("it is killed");
    }

    /// Starts a killed service again.
    pub(crate) fn restart(&self, service: &str) {
        self.process(service).restart().expect("it starts again");
    }

    /// Returns the number of ledger transactions that do not sum to zero, as the database prints it.
    pub(crate) fn unbalanced(&self) -> String {
        let sql = "select count(*) from (select 1 from roaming.ledger_entry group by transaction_id, currency \
            having sum(amount_minor) <> 0) as unbalanced";
        testkit::servers().postgres().sql(&self.database, sql).expect("an answer")
    }

    fn process(&self, service: &str) -> &Hubnet {
        let found = self.services.iter().find(|(name, _)| *name == service);
        found.map(|(_, process)| process).expect("a service of this region")
    }
}

/// Starts all at once: a service must not need another one to start.
fn start_services(
    installation: &Installation,
    router_port: u16,
    identity_port: u16,
    more: &[Setting],
) -> Vec<(&'static str, Hubnet)> {
    let where_identity_is = ("HUBNET__IDENTITY__URL".to_owned(), format!("http://127.0.0.1:{identity_port}"));
    let graph_url = format!("http://127.0.0.1:{router_port}/graphql");
    let where_the_graph_is = ("HUBNET__IDENTITY__GRAPH_URL".to_owned(), graph_url);
    let where_they_are = [where_identity_is, where_the_graph_is];
    let start = &|name: &str| {
        let launch = installation.launch().service(name).settings(where_they_are.clone());
        let launch = launch.settings(more.to_vec());
        if name == "identity" { launch.port(identity_port).start() } else { launch.start() }
    };
    thread::scope(|scope| {
        let spawn = |name| (name, scope.spawn(move || start(name)));
        let starting: Vec<_> = Service::all().map(|service| spawn(service.name())).collect();
        let started = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("no panic");
        let started = starting.into_iter().map(|(name, thread)| (name, started(thread)));
        started.map(|(name, service)| (name, service.expect("the service starts"))).collect()
    })
}
