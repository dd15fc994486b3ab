//! The test application: a fresh database, a stopped clock, one network with hubs in three currencies, and a second
//! network.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use kernel::{
    Caller, CloudEvent, Grant, HubId, Id, ManualClock, MemberId, NetworkId, OpContext, PersonId, Place, Role,
    SeededEntropy, VisitId, World,
};
use platform_bus::{HandleError, Which, deliver, postponed_events, retry_postponed};
use platform_db::{Db, DbConfig, Reach};
use platform_module::Module as _;
use roaming::{PublishTariff, Rates, Roaming, TermsDraft};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The time at which the clock stands until a test moves it.
pub(crate) const MORNING: &str = "2026-11-03T09:00:00Z";

const RATES: &str = "on,currency,per_eur\n2026-09-01,CZK,24.260\n2026-09-01,PLN,4.2544\n2026-10-01,CZK,24.305\n\
     2026-10-01,PLN,4.2390\n2026-11-02,CZK,24.198\n2026-11-02,PLN,4.2286\n";

pub(crate) struct TestApp {
    pub(crate) roaming: Roaming,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) world: World,
    pub(crate) network: NetworkId,
    /// Charges in CZK.
    pub(crate) humpolec: HubId,
    /// Charges in PLN.
    pub(crate) piaseczno: HubId,
    /// Charges in EUR.
    pub(crate) bratislava: HubId,
    /// At home in Humpolec.
    pub(crate) jana: MemberId,
    /// At home in Piaseczno.
    pub(crate) piotr: MemberId,
    _folder: TempDir,
}

/// A visit as in membership's events.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'t> {
    pub(crate) id: VisitId,
    pub(crate) member: MemberId,
    pub(crate) home: HubId,
    pub(crate) host: HubId,
    pub(crate) from: &'t str,
    pub(crate) until: Option<&'t str>,
    pub(crate) revision: i64,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Sixty an hour, by the quarter, ten minutes free, 350 a day at most.
pub(crate) fn prices() -> TermsDraft {
    TermsDraft {
        name: "Guests".into(),
        price_per_hour: "60.00".into(),
        grace_minutes: 10,
        billing_step_seconds: 900,
        minimum_per_day: None,
        maximum_per_day: Some("350.00".into()),
        elements: Vec::new(),
    }
}

impl TestApp {
    /// Makes an application with known hubs and members, without prices.
    pub(crate) async fn open() -> Self {
        let app = Self::empty().await;
        app.receive(app.founding(app.network)).await;
        for (hub, zone, currency) in [
            (app.humpolec, "Europe/Prague", "CZK"),
            (app.piaseczno, "Europe/Warsaw", "PLN"),
            (app.bratislava, "Europe/Bratislava", "EUR"),
        ] {
            app.receive(app.onboarding(hub, zone, currency)).await;
        }
        for (member, home) in [(app.jana, app.humpolec), (app.piotr, app.piaseczno)] {
            app.receive(app.joining(member, home)).await;
        }
        app
    }

    /// Makes an application that has consumed no event yet.
    pub(crate) async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("roaming.db").display());
        let db = Db::connect(&DbConfig { url: url.into(), schema: None, max_connections: 4 })
            .await
            .expect("a database");
        migrations::upgrade(&db, "roaming").await.expect("tables");
        let clock = Arc::new(ManualClock::at(at(MORNING)));
        let world = World::new(Arc::<ManualClock>::clone(&clock), Arc::new(SeededEntropy::new(7)));
        // Members and hubs joined long ago: use cases do not wait for events about unknown ones.
        clock.set(at("2026-01-05T09:00:00Z"));
        let app = Self {
            roaming: Roaming::new(db, Rates::parse(RATES).expect("rates").at_most_old(31)),
            network: NetworkId::generate(&world),
            humpolec: HubId::generate(&world),
            piaseczno: HubId::generate(&world),
            bratislava: HubId::generate(&world),
            jana: MemberId::generate(&world),
            piotr: MemberId::generate(&world),
            world: world.clone(),
            clock,
            _folder: folder,
        };
        app.clock.set(at(MORNING));
        app
    }

    /// Makes an application whose hubs have guest prices since the beginning of the year.
    pub(crate) async fn with_prices() -> Self {
        let app = Self::open().await;
        for hub in [app.humpolec, app.piaseczno, app.bratislava] {
            let cmd = PublishTariff { hub, valid_from: Some(at("2026-01-01T00:00:00Z")), terms: prices() };
            app.roaming.publish_tariff(&app.system(), cmd).await.expect("a tariff");
        }
        app
    }

    pub(crate) fn db(&self) -> &Db {
        self.roaming.db()
    }

    pub(crate) fn system(&self) -> OpContext {
        OpContext::system(self.world.clone())
    }

    pub(crate) fn anonymous(&self) -> OpContext {
        OpContext::new(Caller::Anonymous, self.world.clone())
    }

    pub(crate) fn staff(&self, role: Role, at: Place) -> OpContext {
        self.person(self.network, None, vec![Grant { role, at }])
    }

    pub(crate) fn operator_of(&self, hub: HubId) -> OpContext {
        self.staff(Role::Operator, Place::Hub(hub))
    }

    pub(crate) fn administrator_of(&self, hub: HubId) -> OpContext {
        self.staff(Role::Administrator, Place::Hub(hub))
    }

    pub(crate) fn coordinator(&self) -> OpContext {
        self.staff(Role::Coordinator, Place::Network(self.network))
    }

    pub(crate) fn member(&self, member: MemberId, home: HubId) -> OpContext {
        self.person(self.network, Some(member), vec![Grant { role: Role::Member, at: Place::Hub(home) }])
    }

    /// The network administrator of another network.
    pub(crate) fn stranger(&self) -> OpContext {
        let network = NetworkId::generate(&self.world);
        let grant = Grant { role: Role::NetworkAdministrator, at: Place::Network(network) };
        self.person(network, None, vec![grant])
    }

    fn person(&self, network: NetworkId, member: Option<MemberId>, grants: Vec<Grant>) -> OpContext {
        let person = PersonId::generate(&self.world);
        OpContext::new(Caller::Person { person, network, member, grants }, self.world.clone())
    }

    /// Makes an id that membership made long ago, or never.
    pub(crate) fn earlier_id<T: Id>(&self) -> T {
        let now = self.world.now();
        self.clock.set(at("2026-01-05T10:00:00Z"));
        let id = T::generate(&self.world);
        self.clock.set(now);
        id
    }

    pub(crate) async fn receive(&self, event: CloudEvent) {
        self.receive_all(&[event]).await.expect("the event is taken in");
    }

    pub(crate) async fn receive_all(&self, events: &[CloudEvent]) -> Result<(), HandleError> {
        let handler = self.roaming.handler(&self.world);
        deliver(handler.as_ref(), events).await?;
        retry_postponed(handler.as_ref(), Which::All).await?;
        match postponed_events(handler.db(), handler.consumer()).await? {
            (0, _) => Ok(()),
            (some, _) => Err(HandleError::Later(format!("{some} postponed"))),
        }
    }

    pub(crate) fn event(&self, kind: &str, data: Value) -> CloudEvent {
        let id = self.earlier_id::<VisitId>().into();
        CloudEvent {
            specversion: "1.0".into(),
            id,
            source: "/hubnet/membership".into(),
            kind: format!("membership.{kind}.v1"),
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

    pub(crate) fn founding(&self, network: NetworkId) -> CloudEvent {
        let data = json!({
            "network_id": network, "slug": "central-europe", "name": "Central Europe", "clearing_currency": "EUR",
            "time_zone": "Europe/Prague", "home_commission_bp": 500, "network_commission_bp": 200,
        });
        CloudEvent { networkid: network, ..self.event("network_founded", data) }
    }

    pub(crate) fn onboarding(&self, hub: HubId, zone: &str, currency: &str) -> CloudEvent {
        let data = json!({
            "hub_id": hub, "network_id": self.network, "slug": "hub", "name": "Hub", "kind": "coworking",
            "time_zone": zone, "currency": currency, "capacity": 60,
        });
        self.event("hub_onboarded", data)
    }

    /// Makes the event of a member who joins with a plan that includes roaming.
    pub(crate) fn joining(&self, member: MemberId, home: HubId) -> CloudEvent {
        let plan = json!({ "plan_id": self.earlier_id::<kernel::PlanId>(), "roaming": true });
        self.joining_with(member, home, &plan)
    }

    /// Makes the event of a member who joins with the given plan, or with none.
    pub(crate) fn joining_with(&self, member: MemberId, home: HubId, plan: &Value) -> CloudEvent {
        let data = json!({
            "member_id": member, "home_hub_id": home, "network_id": self.network, "category": "student",
            "joined_at": "2026-01-05T09:00:00Z", "plan": plan,
        });
        self.event("member_joined", data)
    }

    /// Jana, of Humpolec, at Piaseczno.
    pub(crate) fn jana_at_piaseczno<'t>(&self, from: &'t str, until: &'t str) -> Visit<'t> {
        Visit {
            id: self.earlier_id(),
            member: self.jana,
            home: self.humpolec,
            host: self.piaseczno,
            from,
            until: Some(until),
            revision: 2,
        }
    }

    pub(crate) fn ended(&self, visit: Visit<'_>) -> CloudEvent {
        let mut data = visit_data(visit);
        data["ended_by"] = "check_out".into();
        self.event("visit_ended", data)
    }

    pub(crate) fn corrected(&self, visit: Visit<'_>, annulled: bool) -> CloudEvent {
        let mut data = visit_data(visit);
        data["annulled"] = annulled.into();
        self.event("visit_corrected", data)
    }

    /// Returns the events of one type that roaming published, oldest first.
    pub(crate) async fn published(&self, kind: &str) -> Vec<Value> {
        let tx = self.db().read(Reach::Directory).await.expect("a transaction");
        let rows = tx.rows("select body from outbox order by position", []).await.expect("rows");
        let events = rows.iter().map(|row| {
            let body: String = row.try_get("", "body").expect("a body");
            serde_json::from_str::<CloudEvent>(&body).expect("an event")
        });
        let kind = format!("roaming.{kind}.v1");
        events.filter(|event| event.kind == kind).map(|event| event.data.read().expect("JSON")).collect()
    }

    /// Returns the sum of the ledger's entries, by kind of account, owner and currency.
    pub(crate) async fn balances(&self) -> HashMap<(String, uuid::Uuid, String), i64> {
        let tx = self.db().read(Reach::Network(self.network)).await.expect("a transaction");
        let sql = "select kind, owner_id, currency, cast(sum(amount_minor) as bigint) as balance from ledger_entry \
             group by kind, owner_id, currency";
        let rows = tx.rows(sql, []).await.expect("rows");
        let read = |row: &sea_orm::QueryResult| {
            let key = (row.try_get("", "kind")?, row.try_get("", "owner_id")?, row.try_get("", "currency")?);
            Ok::<_, sea_orm::DbErr>((key, row.try_get("", "balance")?))
        };
        rows.iter().map(read).collect::<Result<_, _>>().expect("balances")
    }

    /// Returns the balance of an open account.
    pub(crate) async fn open_balance(&self, hub: HubId, currency: &str) -> i64 {
        let key = ("open".into(), hub.into(), currency.into());
        self.balances().await.get(&key).copied().unwrap_or(0)
    }
}

fn visit_data(visit: Visit<'_>) -> Value {
    json!({
        "visit_id": visit.id, "hub_id": visit.host, "home_hub_id": visit.home, "member_id": visit.member,
        "category": "student", "started_at": visit.from, "ended_at": visit.until, "revision": visit.revision,
    })
}
