//! The bus: an event delivered twice counts once, lost events are detected and requested again, a postponed event
//! delays no other, a refused event is dead-lettered and can be redelivered, and one check-in is one trace across
//! services.

mod lasting;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use kernel::CloudEvent;
use platform_bus::{
    HandleError, Handler, InProcess, Outlet, Relay, deliver, list_dead_letters, postponed_events,
    replay_dead_letters,
};
use platform_db::{Db, Reach, Tx};
use testkit::{TestApp, json};

/// Consumes members joining, and refuses permanently until it is switched.
struct Stubborn {
    db: Db,
    willing: AtomicBool,
    taken: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Handler for Stubborn {
    fn consumer(&self) -> &'static str {
        "stubborn"
    }
    fn consumes(&self) -> &'static [&'static str] {
        &["membership.member_joined.v1"]
    }
    fn db(&self) -> &Db {
        &self.db
    }
    async fn handle(&self, _tx: &Tx, events: &[CloudEvent]) -> Result<(), HandleError> {
        if !self.willing.load(Ordering::SeqCst) {
            return Err(HandleError::Never("not in the mood".into()));
        }
        self.taken.lock().expect("unpoisoned").extend(events.iter().map(|event| event.subject.clone()));
        Ok(())
    }
}

/// Keeps a copy of everything that is carried.
struct Witness {
    seen: Mutex<Vec<CloudEvent>>,
    inner: InProcess,
}

#[async_trait::async_trait]
impl Outlet for Witness {
    async fn carry(&self, events: &[CloudEvent]) -> Result<(), HandleError> {
        self.seen.lock().expect("unpoisoned").extend(events.iter().cloned());
        self.inner.carry(events).await
    }
}

async fn witness(app: &TestApp) -> Arc<Witness> {
    let witness =
        Arc::new(Witness { seen: Mutex::new(Vec::new()), inner: InProcess::new(app.services().handlers()) });
    loop {
        let mut carried = 0;
        for db in app.services().databases() {
            let outlet: Arc<dyn Outlet> = witness.clone();
            let relay = Relay::new(db.clone(), outlet);
            carried += relay.drain().await.expect("carried");
        }
        if carried == 0 {
            return witness;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanently_refused_event_is_dead_lettered_and_consumed_when_redelivered() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let join = "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
    let input = json!({ "hubId": hub.id, "name": "Eva", "email": "e@example.org", "language": "cs", "category": "SENIOR" });
    app.system().ask(join, json!({ "input": input })).await;
    let published: Vec<CloudEvent> = witness(&app).await.seen.lock().expect("unpoisoned").clone();
    let db = app.services().databases()[0].clone();
    let stubborn = Stubborn { db: db.clone(), willing: AtomicBool::new(false), taken: Mutex::default() };

    deliver(&stubborn, &published).await.expect("set aside is delivered");
    let dead_letters = list_dead_letters(&db).await.expect("dead letters");
    assert_eq!((dead_letters.len(), dead_letters[0].consumer.as_str()), (1, "stubborn"));
    assert!(dead_letters[0].reason.contains("not in the mood"));

    stubborn.willing.store(true, Ordering::SeqCst);
    assert_eq!(replay_dead_letters(&stubborn).await.expect("replayed"), 1);
    assert_eq!(stubborn.taken.lock().expect("unpoisoned").len(), 1);
    assert!(list_dead_letters(&db).await.expect("dead letters").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_delivered_many_times_counts_once() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Eva").await;
    app.check_in(&hub, &member).await;
    app.pass_minutes(30);
    app.check_out(&hub, &member).await;
    let published: Vec<CloudEvent> = witness(&app).await.seen.lock().expect("unpoisoned").clone();
    assert!(!published.is_empty());
    for handler in app.services().handlers() {
        let backwards: Vec<CloudEvent> = published.iter().rev().cloned().collect();
        deliver(handler.as_ref(), &backwards).await.expect("delivered again");
        deliver(handler.as_ref(), &published).await.expect("delivered again");
    }
    app.drain().await;
    let asked = "query($id: ID!) { hub(id: $id) { metrics(from: \"2026-11\", until: \"2026-12\", by: MONTH) { visits minutes } } }";
    let metrics = app.coordinator(&network).ask(asked, json!({ "id": hub.id })).await;
    assert_eq!(metrics["hub"]["metrics"], json!({ "visits": [1], "minutes": [30] }));
    let asked = "{ me { member { charges { edges { cursor } } } } }";
    let charges = app.as_member(&member).ask(asked, json!({})).await;
    assert_eq!(charges["me"]["member"]["charges"]["edges"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_remembers_consumed_events_for_thirty_days() {
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let member = app.member(&hub, "Eva").await;
    app.check_in(&hub, &member).await;
    app.pass_minutes(30);
    app.check_out(&hub, &member).await;
    let published: Vec<CloudEvent> = witness(&app).await.seen.lock().expect("unpoisoned").clone();
    let remembered = remembered(&app).await;
    assert!(remembered > 0, "receivers remember what they have had");

    app.pass_minutes(29 * 24 * 60);
    app.run_jobs_of("tidying").await;
    for handler in app.services().handlers() {
        // Delivered again, an event without its data would be dead-lettered.
        let mut again = published.clone();
        for event in &mut again {
            event.data = kernel::Fact::of(&json!({})).expect("JSON");
        }
        deliver(handler.as_ref(), &again).await.expect("delivered again");
    }
    for db in app.services().databases() {
        assert!(
            list_dead_letters(db).await.expect("dead letters").is_empty(),
            "an event delivered again is not consumed again"
        );
    }
    assert_eq!(self::remembered(&app).await, remembered);

    app.pass_minutes(2 * 24 * 60);
    app.run_jobs_of("tidying").await;
    assert_eq!(self::remembered(&app).await, 0, "events that cannot come again are forgotten");
}

/// Returns the number of events that the inboxes remember.
async fn remembered(app: &TestApp) -> i64 {
    let mut remembered = 0;
    for db in app.services().databases() {
        let tx = db.read(Reach::Directory).await.expect("a transaction");
        let row = tx.row("select count(*) as many from inbox", []).await.expect("a row").expect("a count");
        remembered += row.try_get::<i64>("", "many").expect("a number");
    }
    remembered
}

#[tokio::test(flavor = "multi_thread")]
async fn one_check_in_is_one_trace_across_services() {
    use tracing::Instrument;
    platform_telemetry::init(&platform_telemetry::TelemetryConfig::default()).expect("telemetry");
    let app = TestApp::new().await;
    let network = app.network("n").await;
    let (home, host) = (app.hub(&network, "home").await, app.hub(&network, "host").await);
    app.tariff(&host, "60.00").await;
    let member = app.roaming_member(&home, "Eva").await;
    app.check_in(&host, &member).await;
    app.drain().await;
    app.pass_minutes(60);
    let request = tracing::info_span!("request");
    let trace = platform_telemetry::trace_context::trace_id_of(&request).expect("a trace");
    app.check_out(&host, &member).instrument(request).await;
    let published: Vec<CloudEvent> = witness(&app).await.seen.lock().expect("unpoisoned").clone();
    for kind in ["membership.visit_ended.v1", "roaming.charge_posted.v1"] {
        let event = published
            .iter()
            .find(|event| event.kind == kind)
            .unwrap_or_else(|| panic!("{kind} was published"));
        let traceparent = event.traceparent.as_deref().unwrap_or_default();
        assert!(
            traceparent.contains(&trace),
            "{kind} is published in the trace {traceparent:?}, not in {trace}"
        );
    }
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_consumed_yet_does_not_delay_the_others() {
    let app = TestApp::on(testkit::Shape::Embedded).await;
    let network = app.network("n").await;
    let hub = app.hub(&network, "home").await;
    let db = app.services().databases()[0].clone();
    // A pass whose end arrives before its beginning.
    let fact = roaming::events::PassEnded {
        pass_id: kernel::Id::generate(app.services().world()),
        member_id: kernel::Id::generate(app.services().world()),
        ended_at: app.now(),
    };
    let id = network.id.parse().expect("an id");
    let early = CloudEvent::new(&fact, id, None, app.services().world()).expect("an event");
    let tx = db.write(platform_db::Reach::Network(id)).await.expect("a transaction");
    tx.emit(early).await.expect("emitted");
    tx.commit().await.expect("committed");
    let member = app.member(&hub, "Eva").await;
    let pass =
        "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { status } } }";
    let issued = app.system().ask(pass, json!({ "input": { "memberId": member.id } })).await;
    assert_eq!(issued["issueRoamingPass"]["pass"]["status"], "ACTIVE", "the member has arrived in roaming");
    app.drain().await;
    let (waiting, _) = postponed_events(&db, "membership").await.expect("a count");
    assert_eq!(waiting, 1, "the end of a pass waits for its beginning");
    db.alone("delete from postponed_event", []).await.expect("cleared");
}

/// Tests the metric `hubnet_queue_messages` of docs/OPERATING.md.
#[tokio::test(flavor = "multi_thread")]
async fn the_messages_in_every_receivers_queue_are_counted() {
    let app = TestApp::new().await;
    app.network("central").await;
    app.drain().await;
    let Some(amqp) = app.services().amqp() else { return };
    let mut counted = amqp.count_waiting().await.expect("the broker answers");
    counted.sort_unstable();
    let mut receivers: Vec<_> =
        app.services().handlers().iter().map(|handler| (handler.consumer(), 0)).collect();
    receivers.sort_unstable();
    assert_eq!(counted, receivers, "everything has been taken");
}
