//! R25: emitted events can be replayed, every consumer finds its own gaps, and a postponed event delays no other.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use kernel::{CloudEvent, Fact, Id, NetworkId, VisitId, World};
use platform_bus::{
    HandleError, Handler, Known, Outlet, Relay, Suspects, Which, close_gaps, deliver, deliver_as,
    forget_kept_before, postponed_events, read_kept, retry_postponed, waiting_events,
};
use platform_db::{Db, Reach, Tx};
use platform_module::Module as _;
use server::{
    Config, Environment, Exit,
    cli::{self, ReplayEvents},
};
use testkit::{Json, TestApp, TestHub, TestMember, TestNetwork, json};
use tokio::sync::watch;

/// A broker that confirms everything and keeps nothing.
struct Abyss;

#[async_trait::async_trait]
impl Outlet for Abyss {
    async fn carry(&self, _events: &[CloudEvent]) -> Result<(), HandleError> {
        Ok(())
    }
}

/// Drops everything that waits in the outboxes; returns the number of events.
async fn lose(app: &TestApp) -> usize {
    let mut lost = 0;
    for db in app.services().databases() {
        lost += Relay::new(db.clone(), Arc::new(Abyss)).drain().await.expect("carried");
    }
    lost
}

/// Lets every consumer look for gaps until none is left; returns the number of requested events.
async fn heal(app: &TestApp) -> usize {
    let handlers = app.services().handlers();
    let mut suspects: Vec<Suspects> = handlers.iter().map(|_| Suspects::new()).collect();
    let mut all = 0;
    for _look in 0..10 {
        let mut lacking = 0;
        for (handler, suspects) in handlers.iter().zip(&mut suspects) {
            let (brought, lacks) =
                close_gaps(handler.as_ref(), app.services().databases(), suspects).await.expect("looked");
            all += brought;
            lacking += lacks;
        }
        if lacking == 0 {
            return all;
        }
    }
    panic!("something still lacks");
}

/// Runs `hubnet doctor` on this installation.
async fn doctor(app: &TestApp, repair: bool) -> Result<(), Exit> {
    let config = Config { environment: Some(Environment::Demonstration), ..app.config().clone() };
    cli::doctor(&config, repair).await
}

struct Story {
    app: TestApp,
    network: TestNetwork,
    host: TestHub,
    member: TestMember,
}

impl Story {
    /// Begins with a roaming member whose events have arrived.
    async fn begin() -> Self {
        let app = TestApp::new().await;
        let network = app.network("n").await;
        let (home, host) = (app.hub(&network, "home").await, app.hub(&network, "host").await);
        app.tariff(&host, "60.00").await;
        let member = app.roaming_member(&home, "Eva").await;
        app.drain().await;
        Self { app, network, host, member }
    }

    async fn visit(&self) {
        self.app.pass_minutes(30);
        self.app.check_in(&self.host, &self.member).await;
        self.app.pass_minutes(60);
        self.app.check_out(&self.host, &self.member).await;
    }

    /// Returns the charged amounts and the number of counted visits.
    async fn sums(&self) -> (Vec<Json>, Json) {
        let asked = "{ me { member { charges { edges { node { amount { minor } } } } } } }";
        let charges = self.app.as_member(&self.member).ask(asked, json!({})).await;
        let charges = charges["me"]["member"]["charges"]["edges"].as_array().cloned().unwrap_or_default();
        let asked = "query($id: ID!) { hub(id: $id) { metrics(from: \"2026-11\", until: \"2026-12\", by: MONTH) { visits minutes } } }";
        let metrics = self.app.coordinator(&self.network).ask(asked, json!({ "id": self.host.id })).await;
        (charges, metrics["hub"]["metrics"].clone())
    }

    fn network_id(&self) -> NetworkId {
        self.network.id.parse().expect("an id")
    }
}

/// Returns every event that the sources have kept, stream by stream.
async fn kept(app: &TestApp) -> BTreeMap<(NetworkId, String), Vec<CloudEvent>> {
    let kinds: Vec<&str> = app.services().handlers().iter().flat_map(|it| it.consumes().to_vec()).collect();
    let mut kept: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for db in app.services().databases() {
        for mut reading in read_kept(db, &kinds).await.expect("read") {
            loop {
                let events = reading.next(db).await.expect("read");
                if events.is_empty() {
                    break;
                }
                for event in events {
                    kept.entry((event.networkid, event.kind.clone())).or_default().push(event);
                }
            }
        }
    }
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn emitted_events_are_kept_and_numbered_without_gaps_in_each_network_and_kind() {
    let story = Story::begin().await;
    for _ in 0..3 {
        story.visit().await;
    }
    story.app.drain().await;
    let other = story.app.network("other").await;
    story.app.hub(&other, "elsewhere").await;
    story.app.drain().await;
    let kept = kept(&story.app).await;
    let key = (story.network_id(), "membership.visit_ended.v1".to_owned());
    assert_eq!(kept[&key].len(), 3, "every visit's end is kept");
    for ((network, kind), events) in &kept {
        let numbers: Vec<_> = events.iter().filter_map(|event| event.sequence).collect();
        let expected: Vec<i64> = (1..).take(events.len()).collect();
        assert_eq!(numbers, expected, "{kind} in {network}");
    }
    assert_eq!(kept.keys().filter(|(_, kind)| kind == "membership.hub_onboarded.v2").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_kept_for_the_stated_time_only() {
    let story = Story::begin().await;
    story.visit().await;
    story.app.drain().await;
    let before = kept(&story.app).await.values().map(Vec::len).sum::<usize>();
    assert!(before > 5, "{before} events");
    story.app.pass_minutes(29 * 24 * 60);
    story.app.run_jobs_of("tidying").await;
    assert_eq!(kept(&story.app).await.values().map(Vec::len).sum::<usize>(), before);
    story.app.pass_minutes(2 * 24 * 60);
    story.app.run_jobs_of("tidying").await;
    assert!(kept(&story.app).await.is_empty(), "what is older than 30 days is forgotten");
    story.visit().await;
    story.app.drain().await;
    assert_eq!(heal(&story.app).await, 0, "what was forgotten lacks nowhere");
    for db in story.app.services().databases() {
        forget_kept_before(db, story.app.now()).await.expect("forgotten");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_finds_confirmed_but_lost_events_and_gets_them_again() {
    let story = Story::begin().await;
    story.visit().await;
    story.app.drain().await;
    let (charges, _) = story.sums().await;
    assert_eq!(charges.len(), 1);
    story.visit().await;
    assert!(lose(&story.app).await > 0);
    story.app.drain().await;
    assert_eq!(story.sums().await.0.len(), 1, "the second visit's end is lost");

    assert!(heal(&story.app).await > 0);
    story.app.drain().await;
    let (charges, metrics) = story.sums().await;
    assert_eq!(charges.len(), 2);
    assert_eq!(metrics, json!({ "visits": [2], "minutes": [120] }));
    assert_eq!(heal(&story.app).await, 0, "nothing lacks any more");
}

/// A broker that accepts everything and stops the relay at once.
struct LastWindow(watch::Sender<bool>);

#[async_trait::async_trait]
impl Outlet for LastWindow {
    async fn carry(&self, _events: &[CloudEvent]) -> Result<(), HandleError> {
        self.0.send_replace(true);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stops_leaves_no_published_window_to_be_published_again() {
    let story = Story::begin().await;
    story.visit().await;
    for db in story.app.services().databases() {
        let (stop, stopped) = watch::channel(false);
        let waiting = async || waiting_events(db).await.expect("counted").0;
        if waiting().await == 0 {
            continue;
        }
        Relay::new(db.clone(), Arc::new(LastWindow(stop))).run(stopped).await;
        assert_eq!(waiting().await, 0, "published and yet open");
    }
    assert!(heal(&story.app).await > 0);
    story.app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_restored_to_an_earlier_state_is_followed_from_there() {
    let story = Story::begin().await;
    story.visit().await;
    story.visit().await;
    story.app.drain().await;
    assert_eq!(heal(&story.app).await, 0);
    // The source forgets the second visit's end: its stream is shorter than what the consumers have seen of it.
    let db = story.app.services().databases()[0].clone();
    for sql in [
        "delete from event_log where sequence = 2 and stream_id in (select stream_id from event_stream where kind = 'membership.visit_ended.v1')",
        "update event_stream set last = 1 where kind = 'membership.visit_ended.v1'",
    ] {
        db.alone(sql, []).await.expect("changed");
    }
    assert_eq!(heal(&story.app).await, 0);
    story.visit().await;
    lose(&story.app).await;
    assert!(heal(&story.app).await > 0, "a new event under a number that was used before is found");
    story.app.drain().await;
    assert_eq!(story.sums().await.0.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_event_changes_nothing_even_if_it_is_handled_again() {
    let story = Story::begin().await;
    story.visit().await;
    story.visit().await;
    story.app.drain().await;
    let before = (story.sums().await, rows(&story.app, story.network_id()).await);
    let mut events: Vec<CloudEvent> = kept(&story.app).await.into_values().flatten().collect();
    events.sort_by_key(|event| (event.time, event.id));
    for handler in story.app.services().handlers() {
        assert_eq!(deliver(handler.as_ref(), &events).await.expect("delivered"), 0, "{}", handler.consumer());
        for _ in 0..2 {
            deliver_as(handler.as_ref(), &events, Known::HandledAgain).await.expect("handled again");
        }
    }
    story.app.drain().await;
    assert_eq!((story.sums().await, rows(&story.app, story.network_id()).await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_event_does_not_restore_an_erased_member() {
    const JOIN: &str =
        "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
    const ERASE: &str = "mutation($input: EraseMemberInput!) { eraseMember(input: $input) { memberId } }";
    let story = Story::begin().await;
    let before = rows(&story.app, story.network_id()).await;
    let input = json!({ "hubId": story.host.id, "name": "Ola", "email": "ola@example.org", "language": "pl", "category": "SENIOR" });
    let joined = story.app.system().ask(JOIN, json!({ "input": input })).await;
    assert!(lose(&story.app).await > 0, "no consumer gets the event that she joined");
    let member = &joined["enrollMember"]["member"]["id"];
    let administrator = story.app.staff(kernel::Role::Administrator, &story.host);
    administrator.ask(ERASE, json!({ "input": { "memberId": member } })).await;
    story.app.drain().await;
    assert!(heal(&story.app).await > 0, "now they hear that she joined");
    story.app.drain().await;
    let after = rows(&story.app, story.network_id()).await;
    for copies in ["events_member", "identity_member"] {
        assert_eq!(after[copies], before[copies], "{copies}");
    }
}

/// Returns the number of rows of each table, except the transport tables.
async fn rows(app: &TestApp, network: NetworkId) -> BTreeMap<String, i64> {
    let passing = ["outbox", "event_stream", "event_log", "relay_window", "received_mark"];
    let mut rows = BTreeMap::new();
    for db in app.services().databases() {
        let tx = db.read(Reach::Network(network)).await.expect("a transaction");
        let tables = if tx.is_postgres() {
            "select tablename as name from pg_tables where schemaname = current_schema()"
        } else {
            "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
        };
        for table in tx.rows(tables, []).await.expect("tables") {
            let table: String = table.try_get("", "name").expect("a name");
            if passing.contains(&table.as_str()) {
                continue;
            }
            let count = tx.row(&format!("select count(*) as many from {table}"), []).await.expect("a row");
            let many: i64 = count.expect("a count").try_get("", "many").expect("a number");
            *rows.entry(table).or_default() += many;
        }
    }
    rows
}

/// Consumes events that are not late, and records their order.
struct Waiting {
    db: Db,
    late: Mutex<HashSet<String>>,
    taken: Mutex<Vec<CloudEvent>>,
}

#[async_trait::async_trait]
impl Handler for Waiting {
    fn consumer(&self) -> &'static str {
        "waiting"
    }
    fn consumes(&self) -> &'static [&'static str] {
        &["test.happened.v1"]
    }
    fn db(&self) -> &Db {
        &self.db
    }
    async fn handle(&self, _tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        let late = self.late.lock().expect("unpoisoned");
        if let Some(event) = events.iter().find(|event| late.contains(&event.subject)) {
            return Err(HandleError::Later(format!("{} is late", event.subject)));
        }
        self.taken.lock().expect("unpoisoned").extend(events.iter().cloned());
        Ok(())
    }
}

impl Waiting {
    fn new(app: &TestApp, late: impl IntoIterator<Item = String>) -> Self {
        let db = app.services().databases()[0].clone();
        Self { db, late: Mutex::new(late.into_iter().collect()), taken: Mutex::default() }
    }

    fn taken(&self) -> Vec<String> {
        let taken = self.taken.lock().expect("unpoisoned");
        taken
            .iter()
            .map(|event| format!("{}{}", event.subject, event.data.read::<i64>().expect("a number")))
            .collect()
    }

    fn arrive(&self) {
        self.late.lock().expect("unpoisoned").clear();
    }
}

/// Returns an event of a subject with a number.
fn happened(world: &World, network: NetworkId, subject: &str, number: i64) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".into(),
        id: VisitId::generate(world).into(),
        source: "/hubnet/test".into(),
        kind: "test.happened.v1".into(),
        subject: subject.into(),
        time: world.now(),
        networkid: network,
        hubid: None,
        sequence: None,
        traceparent: None,
        datacontenttype: "application/json".into(),
        data: Fact::of(&number).expect("JSON"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postponed_event_keeps_the_order_of_its_subject_and_delays_no_other() {
    let app = TestApp::new().await;
    let network: NetworkId = app.network("n").await.id.parse().expect("an id");
    let waiting = Waiting::new(&app, ["a".to_owned()]);
    let event = |subject, number| happened(app.services().world(), network, subject, number);
    deliver(&waiting, &[event("a", 1), event("b", 1), event("a", 2), event("c", 1)])
        .await
        .expect("delivered");
    assert_eq!(waiting.taken(), ["b1", "c1"]);
    deliver(&waiting, &[event("b", 2), event("a", 3)]).await.expect("delivered");
    assert_eq!(waiting.taken(), ["b1", "c1", "b2"]);
    assert_eq!(retry_postponed(&waiting, Which::All).await.expect("tried"), 0);
    assert_eq!(postponed_events(&waiting.db, "waiting").await.expect("a count").0, 3);

    waiting.arrive();
    assert_eq!(retry_postponed(&waiting, Which::All).await.expect("tried"), 3);
    assert_eq!(waiting.taken(), ["b1", "c1", "b2", "a1", "a2", "a3"]);
    assert_eq!(postponed_events(&waiting.db, "waiting").await.expect("a count").0, 0);
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_postponed_events_delay_no_other_and_are_consumed_later() {
    const MOST: Duration = Duration::from_secs(10);
    let app = TestApp::new().await;
    let network: NetworkId = app.network("n").await.id.parse().expect("an id");
    let waiting = Waiting::new(&app, (0..1_000).map(|number| format!("late-{number}-")));
    let event = |subject: String| happened(app.services().world(), network, &subject, 1);
    let late: Vec<CloudEvent> = (0..1_000).map(|number| event(format!("late-{number}-"))).collect();
    for some in late.chunks(100) {
        deliver(&waiting, some).await.expect("delivered");
    }
    let begun = Instant::now();
    for number in 0..100 {
        deliver(&waiting, &[event(format!("good-{number}-"))]).await.expect("delivered");
    }
    assert!(begun.elapsed() < MOST, "a hundred others took {:?}", begun.elapsed());
    assert_eq!(waiting.taken().len(), 100);
    assert_eq!(postponed_events(&waiting.db, "waiting").await.expect("a count").0, 1_000);

    waiting.arrive();
    assert_eq!(retry_postponed(&waiting, Which::All).await.expect("tried"), 1_000);
    let taken: HashSet<String> = waiting.taken().into_iter().collect();
    assert_eq!((taken.len(), waiting.taken().len()), (1_100, 1_100), "each once");
    app.drain().await;
}

/// Runs `hubnet events replay`.
async fn replay(app: &TestApp, to: &str, since: Timestamp, again: bool) -> Result<(), Exit> {
    cli::replay_events(app.config(), &ReplayEvents { to: to.to_owned(), since, again }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn events_since_a_time_are_replayed_to_one_service() {
    let story = Story::begin().await;
    let before = story.app.now();
    story.visit().await;
    lose(&story.app).await;
    replay(&story.app, "nobody", before, false).await.expect_err("there is no such service");
    let after = story.app.now() + SignedDuration::from_mins(1);
    replay(&story.app, "roaming", after, false).await.expect("nothing was emitted since");
    assert_eq!(story.sums().await.0.len(), 0);

    for again in [false, false, true] {
        replay(&story.app, "roaming", before, again).await.expect("published again");
        story.app.drain().await;
        let (charges, metrics) = story.sums().await;
        assert_eq!((charges.len(), metrics), (1, json!({ "visits": [0], "minutes": [0] })));
    }
    replay(&story.app, "monitoring", before, false).await.expect("published again");
    assert_eq!(story.sums().await.1, json!({ "visits": [1], "minutes": [60] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_and_repairs_a_missing_event() {
    let story = Story::begin().await;
    story.visit().await;
    lose(&story.app).await;
    doctor(&story.app, false).await.expect_err("an event lacks");
    doctor(&story.app, true).await.expect("it is published again");
    story.app.drain().await;
    assert_eq!(story.sums().await.0.len(), 1);
    doctor(&story.app, false).await.expect("all is well");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_and_repairs_a_visit_without_its_charge() {
    let story = Story::begin().await;
    story.visit().await;
    lose(&story.app).await;
    // The inboxes know the events, but the events had no effect.
    let events: Vec<CloudEvent> = kept(&story.app).await.into_values().flatten().collect();
    for handler in story.app.services().handlers() {
        for event in events.iter().filter(|event| handler.consumes().contains(&event.kind.as_str())) {
            let sql = "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing";
            handler.db().alone(sql, [handler.consumer().into(), event.id.into()]).await.expect("known");
        }
    }
    assert_eq!(heal(&story.app).await, 0, "no event lacks");
    doctor(&story.app, false).await.expect_err("a charge lacks");
    doctor(&story.app, true).await.expect("it is handled again");
    story.app.drain().await;
    let (charges, metrics) = story.sums().await;
    assert_eq!((charges.len(), metrics), (1, json!({ "visits": [1], "minutes": [60] })));
    doctor(&story.app, false).await.expect("all is well");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_and_repairs_a_roll_up_that_disagrees_with_its_visits() {
    let story = Story::begin().await;
    story.visit().await;
    story.app.drain().await;
    for db in story.app.services().databases() {
        let tx = db.write(Reach::Network(story.network_id())).await.expect("a transaction");
        if tx.run("update hub_month set visits = visits + 1", []).await.is_ok() {
            tx.commit().await.expect("changed");
        }
    }
    doctor(&story.app, false).await.expect_err("a figure is wrong");
    doctor(&story.app, true).await.expect("it is made right");
    assert_eq!(story.sums().await.1, json!({ "visits": [1], "minutes": [60] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_an_event_that_has_waited_for_more_than_a_minute() {
    let story = Story::begin().await;
    let db = story.app.services().roaming().expect("roaming runs here").db().clone();
    let event = happened(story.app.services().world(), story.network_id(), "a", 1);
    let body = serde_json::to_string(&event).expect("JSON");
    let sql = "insert into postponed_event (consumer, event_id, subject, postponed_at_ms, due_at_ms, body, reason) \
               values ('roaming', $1, 'a', 0, 0, $2, 'waits')";
    db.alone(sql, [event.id.into(), body.into()]).await.expect("it waits");
    doctor(&story.app, false).await.expect_err("it has waited since 1970");
    doctor(&story.app, true).await.expect("it is tried, and goes in");
}
