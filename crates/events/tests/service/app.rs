//! The test application: a fresh database, a stopped clock, one network with two hubs.
//!
//! Always true: every fact about other services enters through the service's own consumer.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use events::{Event, EventKind, Events, PublishEvent};
use jiff::{Timestamp, ToSpan};
use kernel::{
    Caller, Clock, CloudEvent, Grant, HubId, Id, ManualClock, MemberId, NetworkId, OpContext, PersonId,
    Place, Role, SeededEntropy, World,
};
use platform_bus::{deliver, postponed_events};
use platform_db::{Db, DbConfig, Reach};
use platform_module::Module as _;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

pub(crate) struct TestApp {
    pub(crate) events: Events,
    pub(crate) world: World,
    pub(crate) network: NetworkId,
    pub(crate) humpolec: HubId,
    pub(crate) poznan: HubId,
    db: Db,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

impl TestApp {
    pub(crate) async fn build() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = match std::env::var("HUBNET_TEST_DATABASE_URL") {
            Ok(owner) => on_postgres(&owner).await,
            Err(_) => on_sqlite(&folder).await,
        };
        let noon: Timestamp = "2026-11-02T12:00:00Z".parse().expect("an instant");
        let clock = Arc::new(ManualClock::at(noon));
        let world = World::new(clock.clone(), Arc::new(SeededEntropy::new(7)));
        let (humpolec, poznan) = (HubId::generate(&world), HubId::generate(&world));
        let network = NetworkId::generate(&world);
        let app = Self {
            events: Events::new(db.clone()),
            world,
            network,
            humpolec,
            poznan,
            db,
            clock,
            _folder: folder,
        };
        app.receive(app.event("membership.hub_onboarded.v1", app.hub_onboarded(humpolec))).await;
        app.receive(app.event("membership.hub_onboarded.v1", app.hub_onboarded(poznan))).await;
        app.clock.set(noon + 2.minutes());
        app
    }

    pub(crate) fn hub_onboarded(&self, hub: HubId) -> Value {
        json!({"hub_id": hub, "network_id": self.network, "slug": "a-hub", "name": "A hub", "kind": "library",
               "time_zone": "Europe/Prague", "currency": "CZK", "capacity": 60})
    }

    pub(crate) fn member_joined(&self, member: MemberId, home: HubId) -> CloudEvent {
        let data = json!({"member_id": member, "home_hub_id": home, "network_id": self.network,
                          "category": "resident", "joined_at": self.world.now()});
        self.event("membership.member_joined.v1", data)
    }

    /// Makes an event of membership.
    pub(crate) fn event(&self, kind: &str, data: Value) -> CloudEvent {
        CloudEvent {
            specversion: "1.0".into(),
            id: kernel::VisitId::generate(&self.world).into(),
            source: "/hubnet/membership".into(),
            kind: kind.into(),
            subject: String::new(),
            time: self.world.now(),
            networkid: self.network,
            hubid: None,
            sequence: None,
            traceparent: None,
            datacontenttype: "application/json".into(),
            data: kernel::Fact::of(&data).expect("JSON"),
        }
    }

    pub(crate) async fn receive(&self, event: CloudEvent) {
        let handler = self.events.handler(&self.world);
        deliver(handler.as_ref(), &[event]).await.expect("the event is taken in");
        let (postponed, _) = postponed_events(handler.db(), handler.consumer()).await.expect("a count");
        assert_eq!(postponed, 0, "the event is taken in");
    }

    /// Makes a member who joined long enough ago to be known.
    pub(crate) async fn member_of(&self, hub: HubId) -> MemberId {
        let member = MemberId::generate(&self.world);
        self.receive(self.member_joined(member, hub)).await;
        member
    }

    pub(crate) fn later(&self, by: jiff::Span) {
        self.clock.set(self.clock.now() + by);
    }

    pub(crate) fn anonymous(&self) -> OpContext {
        OpContext::new(Caller::Anonymous, self.world.clone())
    }

    pub(crate) fn member(&self, member: MemberId) -> OpContext {
        self.person(self.network, Some(member), vec![])
    }

    pub(crate) fn operator(&self, hub: HubId) -> OpContext {
        self.person(self.network, None, vec![Grant { role: Role::Operator, at: Place::Hub(hub) }])
    }

    pub(crate) fn coordinator(&self) -> OpContext {
        self.person(
            self.network,
            None,
            vec![Grant { role: Role::Coordinator, at: Place::Network(self.network) }],
        )
    }

    /// Makes the context of an operator and member of a hub in another network.
    pub(crate) fn foreigner(&self) -> OpContext {
        let (hub, member) = (HubId::generate(&self.world), MemberId::generate(&self.world));
        let grants = vec![Grant { role: Role::Operator, at: Place::Hub(hub) }];
        self.person(NetworkId::generate(&self.world), Some(member), grants)
    }

    fn person(&self, network: NetworkId, member: Option<MemberId>, grants: Vec<Grant>) -> OpContext {
        let person = PersonId::generate(&self.world);
        OpContext::new(Caller::Person { person, network, member, grants }, self.world.clone())
    }

    /// Makes the announcement of an evening lecture at a hub, `days` from now.
    pub(crate) fn lecture(&self, hub_id: HubId, days: i32, capacity: i32) -> PublishEvent {
        let starts_at = self.world.now() + (days * 24).hours();
        PublishEvent {
            hub_id,
            title: format!("Day {days}"),
            summary: String::new(),
            kind: EventKind::Lecture,
            language: "cs".into(),
            starts_at,
            ends_at: starts_at + 2.hours(),
            capacity,
        }
    }

    pub(crate) async fn published(&self, hub: HubId, days: i32, capacity: i32) -> Event {
        let system = OpContext::system(self.world.clone());
        self.events.publish_event(&system, self.lecture(hub, days, capacity)).await.expect("a valid event")
    }

    /// Returns the published events, type and data, in order.
    pub(crate) async fn outbox(&self) -> Vec<(String, Value)> {
        let tx = self.db.read(Reach::Directory).await.expect("a transaction");
        let rows = tx.rows("select body from outbox order by position", []).await.expect("rows");
        let event = |body: String| serde_json::from_str::<CloudEvent>(&body).expect("a CloudEvent");
        let events = rows.iter().map(|row| event(row.try_get("", "body").expect("a body")));
        events.map(|event| (event.kind, event.data.read().expect("JSON"))).collect()
    }

    /// Counts the seats of the network one by one.
    pub(crate) async fn seats_counted(&self) -> i64 {
        let tx = self.db.read(Reach::Network(self.network)).await.expect("a transaction");
        let row = tx.row("select count(*) as seats from seat", []).await.expect("a row").expect("a row");
        row.try_get("", "seats").expect("a count")
    }
}

async fn on_sqlite(folder: &tempfile::TempDir) -> Db {
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("hubnet.db").display());
    let db = connect(url, None).await;
    migrations::upgrade(&db, "events").await.expect("migrations");
    db
}

async fn on_postgres(owner_url: &str) -> Db {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    let database = format!("events_{}_{count}", std::process::id());
    let (server, _) = owner_url.rsplit_once('/').expect("a database URL");
    let any = connect(owner_url.to_owned(), None).await;
    any.for_migration().execute_unprepared(&format!("create database {database}")).await.expect("a database");

    let owner = connect(format!("{server}/{database}"), Some("events")).await;
    migrations::prepare_postgres(owner.for_migration(), "events", None).await.expect("a schema");
    migrations::upgrade(&owner, "events").await.expect("migrations");
    let (scheme, rest) = server.split_once("://").expect("a scheme");
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    connect(format!("{scheme}://{}@{host}/{database}", migrations::role_of("events")), Some("events")).await
}

async fn connect(url: String, schema: Option<&str>) -> Db {
    let config = DbConfig { url: url.into(), schema: schema.map(str::to_owned), max_connections: 6 };
    Db::connect(&config).await.expect("a database")
}
