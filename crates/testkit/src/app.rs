//! An application for one test.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use kernel::{Caller, Clock, ManualClock, OpContext, SeededEntropy, World};
use platform_db::Reach;
use platform_jobs::Worker;
use private_servers::PrivateServers;
use secrecy::{ExposeSecret, SecretString};
use server::{App, Background, Config, ServiceSet};
use tempfile::TempDir;

use crate::{Client, plans};

/// Noon in London on Monday, 2 November 2026; hubs in Prague show 13:00.
const BEGINNING: i64 = 1_793_620_800;

/// Units of a currency per euro, at the end of each month that is settled.
const RATES: &str = "on,currency,per_eur\n2026-08-31,CZK,24.260\n2026-08-31,PLN,4.2544\n2026-09-30,CZK,24.305\n\
    2026-09-30,PLN,4.2390\n2026-10-30,CZK,24.198\n2026-10-30,PLN,4.2286\n2026-11-30,CZK,24.210\n\
    2026-11-30,PLN,4.2300\n";

static TESTS: AtomicU64 = AtomicU64::new(0);

/// The servers behind the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// SQLite in one process, without servers.
    Embedded,
    /// One process on PostgreSQL, RabbitMQ and Redis.
    Distributed,
}

impl Shape {
    /// Returns the shape of this run.
    pub fn of_run() -> Self {
        match std::env::var("HUBNET_TEST_SHAPE").as_deref() {
            Ok("distributed" | "split") => Self::Distributed,
            Ok("embedded" | "") | Err(_) => Self::Embedded,
            Ok(other) => panic!("HUBNET_TEST_SHAPE is {other:?}; say embedded or distributed"),
        }
    }
}

/// The application of one test.
#[derive(Debug)]
pub struct TestApp {
    services: App,
    clock: Arc<ManualClock>,
    config: Config,
    listening: Option<Background>,
    _folder: TempDir,
}

impl TestApp {
    /// Builds an empty application.
    pub async fn new() -> Self {
        Self::on(Shape::of_run()).await
    }

    /// Builds an empty application with a changed configuration.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        Self::built(Shape::of_run(), change).await
    }

    /// Builds an empty application on a shape.
    pub async fn on(shape: Shape) -> Self {
        Self::built(shape, |_config| {}).await
    }

    /// Builds an application on a database that is not empty: `fill` writes into it before the application opens it.
    pub async fn upgraded(fill: impl AsyncFnOnce(&Config)) -> Self {
        Self::built_on(Shape::of_run(), |_config| {}, fill).await
    }

    async fn built(shape: Shape, change: impl FnOnce(&mut Config)) -> Self {
        Self::built_on(shape, change, async |_config| {}).await
    }

    async fn built_on(
        shape: Shape,
        change: impl FnOnce(&mut Config),
        fill: impl AsyncFnOnce(&Config),
    ) -> Self {
        plans::watch();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = config(shape, &folder);
        change(&mut config);
        fill(&config).await;
        let beginning = Timestamp::from_second(BEGINNING).expect("an instant");
        let clock = Arc::new(ManualClock::at(beginning));
        let world = World::new(clock.clone(), Arc::new(SeededEntropy::new(BEGINNING.unsigned_abs())));
        let services = App::open(&config, ServiceSet::All, world).await.expect("the application opens");
        let listening = Some(Background::listen(&services));
        Self { services, clock, config, listening, _folder: folder }
    }

    /// The application.
    pub fn services(&self) -> &App {
        &self.services
    }

    /// The configuration of the application.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the present instant of the test.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock to an instant, given as RFC 3339.
    pub fn set_clock(&self, at: &str) {
        self.clock.set(at.parse().expect("an instant"));
    }

    /// Advances the clock.
    pub fn pass_minutes(&self, minutes: i64) {
        self.clock.set(self.clock.now() + SignedDuration::from_mins(minutes));
    }

    /// Returns a system client of another process on the same database: it knows only what was written.
    pub async fn another_process(&self) -> Client {
        let world = self.services.world().clone();
        let services =
            App::open(&self.config, ServiceSet::All, world.clone()).await.expect("the application opens");
        Client::new(services, OpContext::system(world))
    }

    /// Returns a client of the graph for a caller.
    pub fn client(&self, caller: Caller) -> Client {
        Client::new(self.services.clone(), OpContext::new(caller, self.services.world().clone()))
    }

    /// Returns an anonymous client of the graph.
    pub fn anonymous(&self) -> Client {
        self.client(Caller::Anonymous)
    }

    /// Returns a client of the graph for the system itself.
    pub fn system(&self) -> Client {
        self.client(Caller::System)
    }

    /// Relays and consumes every event until nothing is left.
    pub async fn drain(&self) {
        self.services.drain().await.expect("events are carried on");
    }

    /// Counts occupancy from the database, as the server does periodically.
    pub async fn recount(&self) {
        self.services
            .membership()
            .expect("membership runs here")
            .recount_occupancy()
            .await
            .expect("recounted");
    }

    /// Closes forgotten visits, as the server does each minute.
    pub async fn close_forgotten_visits(&self) -> usize {
        let op = OpContext::system(self.services.world().clone());
        let membership = self.services.membership().expect("membership runs here");
        membership.close_forgotten_visits(&op).await.expect("closed")
    }

    /// Runs the jobs that are due in every database, as the server does each second; returns how many runs there were.
    pub async fn run_jobs(&self) -> usize {
        let mut runs = 0;
        for worker in self.services.workers() {
            runs += worker.run_due().await.expect("jobs run");
        }
        runs
    }

    /// Runs the jobs of one kind that are due.
    pub async fn run_jobs_of(&self, kind: &str) {
        for worker in self.services.workers() {
            let kinds = worker.kinds().iter().filter(|it| it.name() == kind).cloned().collect();
            let alone = Worker::new(worker.db().clone(), self.services.world().clone(), kinds);
            alone.run_due().await.expect("jobs run");
        }
    }

    /// Returns everything this application keeps in Redis, as text; nothing in the embedded shape.
    pub async fn redis_dump(&self) -> Vec<String> {
        const DUMP: &str = "local all = {} for _, key in ipairs(redis.call('keys', ARGV[1] .. '*')) do \
            local kind, value = redis.call('type', key).ok, {} \
            if kind == 'string' then value = { redis.call('get', key) } \
            elseif kind == 'set' then value = redis.call('smembers', key) \
            elseif kind == 'hash' then value = redis.call('hgetall', key) \
            elseif kind == 'list' then value = redis.call('lrange', key, 0, -1) \
            else value = { redis.call('dump', key) } end \
            table.insert(all, key .. ' ' .. table.concat(value, ' ')) end return all";
        let Some(url) = &self.config.live.url else { return Vec::new() };
        let client = redis::Client::open(url.expose_secret()).expect("an address of Redis");
        let mut redis = client.get_multiplexed_async_connection().await.expect("Redis answers");
        let dump = redis::Script::new(DUMP);
        let all: Vec<Vec<u8>> =
            dump.arg(&self.config.live.prefix).invoke_async(&mut redis).await.expect("a dump");
        all.iter().map(|entry| String::from_utf8_lossy(entry).into_owned()).collect()
    }

    async fn waiting_events(&self) -> i64 {
        let mut waiting = 0;
        for db in self.services.databases() {
            let tx = db.read(Reach::Directory).await.expect("a transaction");
            let row = tx.row("select (select count(*) from outbox) + (select count(*) from relay_window) + (select count(*) from postponed_event) as waiting", []).await.expect("a count");
            waiting += row.map_or(0, |row| row.try_get::<i64>("", "waiting").expect("a number"));
        }
        waiting
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (waiting, read_whole) = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let waiting = self.waiting_events().await;
                let read_whole = plans::tables_read_whole(self).await;
                if let Some(listening) = self.listening.take() {
                    listening.stop().await;
                }
                (waiting, read_whole)
            })
        });
        assert_eq!(waiting, 0, "events wait: call drain() before the test ends");
        assert!(read_whole.is_empty(), "statements read whole tables:\n{}", read_whole.join("\n"));
    }
}

pub(crate) fn config(shape: Shape, folder: &TempDir) -> Config {
    let mut config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
    let rates = folder.path().join("rates.csv");
    std::fs::write(&rates, RATES).expect("the rates are written");
    config.roaming.rates_file = Some(rates);
    config.database.max_connections = 8;
    if shape == Shape::Distributed {
        let servers = servers();
        let name = format!("it_{}_{}", std::process::id(), TESTS.fetch_add(1, Ordering::SeqCst));
        servers.postgres().create_database(&name).expect("a database");
        let secret = |text: &str| Some(SecretString::from(text.to_owned()));
        config.database.url = secret(&servers.postgres().service_url(&name));
        config.database.owner_url = secret(&servers.postgres().owner_url(&name));
        config.bus.url = secret(servers.rabbitmq().url());
        config.live.url = secret(servers.redis().url());
        config.bus.prefix.clone_from(&name);
        config.live.prefix = name;
    }
    config
}

/// The private servers of the run, started once. Other tests share them: a test that kills one starts its own.
pub fn servers() -> &'static PrivateServers {
    static SERVERS: OnceLock<PrivateServers> = OnceLock::new();
    SERVERS.get_or_init(|| PrivateServers::given_or_start().expect("private servers start"))
}
