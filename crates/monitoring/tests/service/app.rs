//! The test application: a fresh database, a stopped clock, networks with two hubs each: Humpolec in Prague's zone
//! and Pokrov in Kyiv's.
//!
//! Always true: every fact enters through the service's own consumer.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::{Timestamp, ToSpan};
use kernel::{
    Caller, CloudEvent, Grant, HubId, Id, ManualClock, MemberId, NetworkId, OpContext, PersonId, Place, Role,
    SeededEntropy, VisitId, World,
};
use monitoring::Monitoring;
use platform_bus::{HandleError, Which, deliver, postponed_events, retry_postponed};
use platform_db::{Db, DbConfig, Reach};
use platform_module::Module as _;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

pub(crate) struct TestApp {
    pub(crate) monitoring: Monitoring,
    pub(crate) world: World,
    db: Db,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    pub(crate) id: NetworkId,
    pub(crate) humpolec: HubId,
    pub(crate) pokrov: HubId,
}

/// A visit as in membership's events.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) id: VisitId,
    pub(crate) hub: HubId,
    pub(crate) home: HubId,
    pub(crate) started_at: Timestamp,
    pub(crate) state: State,
    pub(crate) revision: i64,
}

/// The state of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Ended(Timestamp),
    Corrected(Option<Timestamp>),
    Annulled,
}

impl TestApp {
    pub(crate) async fn build() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = match std::env::var("HUBNET_TEST_DATABASE_URL") {
            Ok(owner) => on_postgres(&owner).await,
            Err(_) => on_sqlite(&folder).await,
        };
        let clock = Arc::new(ManualClock::at(instant("2026-11-02T12:00:00Z")));
        let world = World::new(clock.clone(), Arc::new(SeededEntropy::new(7)));
        Self { monitoring: Monitoring::new(db.clone()), world, db, clock, _folder: folder }
    }

    /// Makes a network that was founded long enough ago to be known.
    pub(crate) async fn network(&self) -> Network {
        let (id, humpolec, pokrov) = (self.id(), self.id(), self.id());
        let network = Network { id, humpolec, pokrov };
        let events = [
            self.event(id, "membership.network_founded.v1", json!({"network_id": id, "slug": "vysocina"})),
            self.hub_onboarded(id, humpolec, "Europe/Prague"),
            self.hub_onboarded(id, pokrov, "Europe/Kyiv"),
        ];
        self.receive(&events).await.expect("taken in");
        self.clock.set(self.world.now() + 2.minutes());
        network
    }

    pub(crate) fn id<T: Id>(&self) -> T {
        T::generate(&self.world)
    }

    pub(crate) fn hub_onboarded(&self, network: NetworkId, hub: HubId, time_zone: &str) -> CloudEvent {
        let data = json!({"hub_id": hub, "network_id": network, "slug": "a-hub", "name": "A hub", "kind": "library",
                          "time_zone": time_zone, "currency": "CZK", "capacity": 60});
        self.event(network, "membership.hub_onboarded.v1", data)
    }

    /// Makes an ended visit that starts at 8:00 UTC and lasts some minutes.
    pub(crate) fn stay(&self, hub: HubId, home: HubId, day: &str, minutes: i64) -> Visit {
        let started_at = instant(&format!("{day}T08:00:00Z"));
        let state = State::Ended(started_at + minutes.minutes());
        Visit { id: self.id(), hub, home, started_at, state, revision: 2 }
    }

    /// Makes the event of a visit.
    pub(crate) fn visit_event(&self, network: NetworkId, visit: &Visit) -> CloudEvent {
        let mut data = json!({"visit_id": visit.id, "hub_id": visit.hub, "home_hub_id": visit.home,
            "member_id": self.id::<MemberId>(), "category": "resident", "started_at": visit.started_at,
            "revision": visit.revision});
        let kind = match visit.state {
            State::Open => {
                data["source"] = json!("chip");
                "membership.visit_started.v1"
            }
            State::Ended(at) => {
                data["ended_at"] = json!(at);
                data["ended_by"] = json!("check_out");
                "membership.visit_ended.v1"
            }
            State::Corrected(ended_at) => {
                data["ended_at"] = json!(ended_at);
                data["annulled"] = json!(false);
                "membership.visit_corrected.v1"
            }
            State::Annulled => {
                data["ended_at"] = json!(visit.started_at);
                data["annulled"] = json!(true);
                "membership.visit_corrected.v1"
            }
        };
        self.event(network, kind, data)
    }

    pub(crate) fn event(&self, network: NetworkId, kind: &str, data: Value) -> CloudEvent {
        CloudEvent {
            specversion: "1.0".into(),
            id: self.id::<VisitId>().into(),
            source: "/hubnet/membership".into(),
            kind: kind.into(),
            subject: String::new(),
            time: self.world.now(),
            networkid: network,
            hubid: None,
            sequence: None,
            traceparent: None,
            datacontenttype: "application/json".into(),
            data: kernel::Fact::of(&data).expect("JSON"),
        }
    }

    pub(crate) async fn receive(&self, events: &[CloudEvent]) -> Result<(), HandleError> {
        let handler = self.monitoring.handler(&self.world);
        deliver(handler.as_ref(), events).await?;
        retry_postponed(handler.as_ref(), Which::All).await?;
        match postponed_events(handler.db(), handler.consumer()).await? {
            (0, _) => Ok(()),
            (some, _) => Err(HandleError::Later(format!("{some} postponed"))),
        }
    }

    pub(crate) async fn receive_visits(&self, network: NetworkId, visits: &[Visit]) {
        let events: Vec<CloudEvent> = visits.iter().map(|visit| self.visit_event(network, visit)).collect();
        self.receive(&events).await.expect("taken in");
    }

    /// Changes stored rows without the service.
    pub(crate) async fn spoil(&self, network: NetworkId, sql: &str) {
        let tx = self.db.write(Reach::Network(network)).await.expect("a transaction");
        tx.run(sql, []).await.expect("a statement");
        tx.commit().await.expect("a commit");
    }

    pub(crate) async fn dead_letters(&self) -> Vec<String> {
        let events = platform_bus::list_dead_letters(&self.db).await.expect("dead events");
        events.into_iter().map(|event| event.reason).collect()
    }

    pub(crate) fn system(&self) -> OpContext {
        OpContext::system(self.world.clone())
    }

    pub(crate) fn anonymous(&self) -> OpContext {
        OpContext::new(Caller::Anonymous, self.world.clone())
    }

    pub(crate) fn operator(&self, network: NetworkId, hub: HubId) -> OpContext {
        self.person(network, None, vec![Grant { role: Role::Operator, at: Place::Hub(hub) }])
    }

    pub(crate) fn coordinator(&self, network: NetworkId) -> OpContext {
        self.person(network, None, vec![Grant { role: Role::Coordinator, at: Place::Network(network) }])
    }

    pub(crate) fn member(&self, network: NetworkId) -> OpContext {
        self.person(network, Some(self.id()), vec![])
    }

    fn person(&self, network: NetworkId, member: Option<MemberId>, grants: Vec<Grant>) -> OpContext {
        OpContext::new(
            Caller::Person { person: self.id::<PersonId>(), network, member, grants },
            self.world.clone(),
        )
    }
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

async fn on_sqlite(folder: &tempfile::TempDir) -> Db {
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("hubnet.db").display());
    let db = connect(url, None).await;
    migrations::upgrade(&db, "monitoring").await.expect("migrations");
    db
}

async fn on_postgres(owner_url: &str) -> Db {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    let database = format!("monitoring_{}_{count}", std::process::id());
    let (server, _) = owner_url.rsplit_once('/').expect("a database URL");
    let any = connect(owner_url.to_owned(), None).await;
    any.for_migration().execute_unprepared(&format!("create database {database}")).await.expect("a database");

    let owner = connect(format!("{server}/{database}"), Some("monitoring")).await;
    migrations::prepare_postgres(owner.for_migration(), "monitoring", None).await.expect("a schema");
    migrations::upgrade(&owner, "monitoring").await.expect("migrations");
    let (scheme, rest) = server.split_once("://").expect("a scheme");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    connect(format!("{scheme}://{}@{host}/{database}", migrations::role_of("monitoring")), Some("monitoring"))
        .await
}

async fn connect(url: String, schema: Option<&str>) -> Db {
    let config = DbConfig { url: url.into(), schema: schema.map(str::to_owned), max_connections: 6 };
    Db::connect(&config).await.expect("a database")
}
