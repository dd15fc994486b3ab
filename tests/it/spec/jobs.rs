//! Jobs: queued with what wants them, done once however many processes there are, tried again, given up in sight.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use jiff::SignedDuration;
use kernel::{
    Caller, ErrorCode, Grant, Id, Job, JobId, JobState, NetworkId, OpContext, PersonId, Place, Role,
};
use platform_db::{Db, Reach};
use platform_jobs::{Cron, JobError, Kind, NewJob, RetryOutcome, Worker, list_queued};
use server::{App, ServiceSet};
use testkit::{Json, TestApp, TestNetwork, json};
use tokio::sync::{Notify, watch};

const PROBE: &str = "probe";
const SETTLE: &str =
    "mutation($input: SettleMonthsInput!) { settleMonths(input: $input) { job { id kind state } } }";
const JOB: &str = "query($id: ID!) { job(id: $id) { id kind state done total message code finishedAt } }";
const PROGRESS: &str = "subscription($id: ID!) { jobProgress(id: $id) { state done total } }";
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody of a network of their own, on the first database of an application.
struct Starter {
    db: Db,
    op: OpContext,
    network: NetworkId,
}

impl Starter {
    fn of(app: &TestApp) -> Self {
        let (db, world) = (app.services().databases()[0].clone(), app.services().world());
        let network = NetworkId::generate(world);
        let person = PersonId::generate(world);
        let caller = Caller::Person { person, network, member: None, grants: Vec::new() };
        Self { db, op: OpContext::new(caller, world.clone()), network }
    }

    fn worker(&self, kind: Kind) -> Worker {
        Worker::new(self.db.clone(), self.op.world().clone(), vec![kind])
    }

    async fn queue(&self, job: NewJob) -> JobId {
        let tx = self.db.write(Reach::Network(self.network)).await.expect("a transaction");
        let id = platform_jobs::enqueue(&tx, &self.op, self.network, job).await.expect("queued");
        tx.commit().await.expect("committed");
        id
    }

    async fn job(&self, id: JobId) -> Option<Job> {
        platform_jobs::find_own(&self.db, &self.op, self.network, id).await.expect("read")
    }

    async fn state(&self, id: JobId) -> JobState {
        self.job(id).await.expect("a job").state
    }
}

/// How often each job was run.
#[derive(Clone, Default)]
struct Runs(Arc<Mutex<BTreeMap<JobId, usize>>>);

impl Runs {
    fn kind(&self) -> Kind {
        let runs = self.clone();
        Kind::new(PROBE, move |run| {
            runs.note(run.id());
            async { Ok(()) }
        })
    }

    fn note(&self, id: JobId) {
        *self.0.lock().expect("unpoisoned").entry(id).or_default() += 1;
    }

    fn all(&self) -> usize {
        self.0.lock().expect("unpoisoned").values().sum()
    }
}

/// The database of another process of the same installation.
async fn another_process(app: &TestApp) -> Db {
    let world = app.services().world().clone();
    let services = App::open(app.config(), ServiceSet::All, world).await.expect("another process");
    services.databases()[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_race_do_each_job_once() {
    let app = TestApp::new().await;
    let (starter, runs) = (Starter::of(&app), Runs::default());
    let mut ids = Vec::new();
    for _job in 0..12 {
        ids.push(starter.queue(NewJob::without_input(PROBE)).await);
    }
    let here = starter.worker(runs.kind());
    let there = Worker::new(another_process(&app).await, app.services().world().clone(), vec![runs.kind()]);
    let (here, there) = tokio::join!(here.run_due(), there.run_due());
    assert_eq!(here.expect("run") + there.expect("run"), ids.len());
    assert_eq!(*runs.0.lock().expect("unpoisoned"), ids.iter().map(|id| (*id, 1)).collect());
    for id in ids {
        assert_eq!(starter.state(id).await, JobState::Done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_killed_process_is_run_again_after_its_lease() {
    let app = TestApp::new().await;
    let starter = Starter::of(&app);
    let (begun, attempts) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let kind = || {
        let (begun, attempts) = (begun.clone(), attempts.clone());
        Kind::new(PROBE, move |run| {
            let begun = begun.clone();
            attempts.store(usize::try_from(run.attempt()).expect("few"), Ordering::SeqCst);
            async move {
                if run.attempt() == 1 {
                    begun.notify_one();
                    std::future::pending::<()>().await;
                }
                Ok(())
            }
        })
    };
    let id = starter.queue(NewJob::without_input(PROBE)).await;
    let (_stop, stopped) = watch::channel(false);
    let killed = tokio::spawn(starter.worker(kind()).run(stopped));
    begun.notified().await;
    assert_eq!(starter.state(id).await, JobState::Running);
    killed.abort();
    assert!(killed.await.expect_err("killed").is_cancelled());

    let other = starter.worker(kind());
    assert_eq!(other.run_due().await.expect("run"), 0, "its lease has not ended");
    app.pass_minutes(2);
    assert_eq!(other.run_due().await.expect("run"), 1);
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
    assert_eq!(starter.state(id).await, JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_claim_of_a_job_records_nothing() {
    let app = TestApp::new().await;
    let starter = Starter::of(&app);
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let kind = {
        let (begun, go_on) = (begun.clone(), go_on.clone());
        Kind::new(PROBE, move |run| {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            async move {
                if run.attempt() > 1 {
                    return Ok(());
                }
                begun.notify_one();
                go_on.notified().await;
                Err(JobError::fail(ErrorCode::Internal, "too late"))
            }
        })
    };
    let id = starter.queue(NewJob::without_input(PROBE)).await;
    let slow = starter.worker(kind.clone());
    let slow = tokio::spawn(async move { slow.run_due().await });
    begun.notified().await;
    app.pass_minutes(2);
    assert_eq!(starter.worker(kind).run_due().await.expect("run"), 1);
    go_on.notify_one();
    slow.await.expect("it ends").expect("run");
    let job = starter.job(id).await.expect("a job");
    assert_eq!((job.state, job.message), (JobState::Done, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_gives_its_job_back_at_once() {
    let app = TestApp::new().await;
    let (starter, begun) = (Starter::of(&app), Arc::new(Notify::new()));
    let kind = {
        let begun = begun.clone();
        Kind::new(PROBE, move |_run| {
            let begun = begun.clone();
            async move {
                begun.notify_one();
                std::future::pending().await
            }
        })
    };
    let id = starter.queue(NewJob::without_input(PROBE)).await;
    let (stop, stopped) = watch::channel(false);
    let stopping = tokio::spawn(starter.worker(kind).run(stopped));
    begun.notified().await;
    stop.send_replace(true);
    stopping.await.expect("it stops");
    assert_eq!(starter.state(id).await, JobState::Waiting);
    let runs = Runs::default();
    assert_eq!(starter.worker(runs.kind()).run_due().await.expect("run"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_is_rolled_back_queues_nothing() {
    let app = TestApp::new().await;
    let (starter, runs) = (Starter::of(&app), Runs::default());
    let tx = starter.db.write(Reach::Network(starter.network)).await.expect("a transaction");
    let job = NewJob::without_input(PROBE);
    let id = platform_jobs::enqueue(&tx, &starter.op, starter.network, job).await.expect("queued");
    drop(tx);
    assert_eq!(starter.worker(runs.kind()).run_due().await.expect("run"), 0);
    assert_eq!(starter.job(id).await, None);
    starter.queue(NewJob::without_input(PROBE)).await;
    assert_eq!(starter.worker(runs.kind()).run_due().await.expect("run"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_is_tried_again_ever_later_and_then_stays_in_sight_until_it_is_retried() {
    let app = TestApp::new().await;
    let (starter, is_mended) = (Starter::of(&app), Arc::new(AtomicBool::new(false)));
    let kind = {
        let is_mended = is_mended.clone();
        Kind::new(PROBE, move |_run| {
            let is_mended = is_mended.load(Ordering::SeqCst);
            async move {
                if is_mended { Ok(()) } else { Err(JobError::retry(ErrorCode::Unavailable, "it is away")) }
            }
        })
    };
    let worker = starter.worker(kind.attempts(3).first_pause(SignedDuration::from_mins(1)));
    let id = starter.queue(NewJob::without_input(PROBE)).await;
    let mut runs = Vec::new();
    for _minute in 0..6 {
        runs.push(worker.run_due().await.expect("run"));
        app.pass_minutes(1);
    }
    assert_eq!(runs, [1, 1, 0, 1, 0, 0], "after a minute, after two more, and no more");
    let failed = starter.job(id).await.expect("a job");
    assert_eq!(failed.state, JobState::Failed);
    assert_eq!(
        (failed.code.as_deref(), failed.message.as_deref()),
        (Some("UNAVAILABLE"), Some("it is away"))
    );
    app.pass_minutes(24 * 60);
    assert_eq!(worker.run_due().await.expect("run"), 0);
    let listed = list_queued(&starter.db).await.expect("listed");
    let listed = listed.iter().find(|queued| queued.job.id == id).expect("in sight");
    assert_eq!((listed.job.state, listed.attempts, listed.due), (JobState::Failed, 3, None));

    is_mended.store(true, Ordering::SeqCst);
    let world = app.services().world();
    let retry = async || platform_jobs::retry(&starter.db, world, id).await.expect("asked");
    assert_eq!(retry().await, RetryOutcome::Queued);
    assert_eq!(retry().await, RetryOutcome::NotFailed);
    assert_eq!(worker.run_due().await.expect("run"), 1);
    assert_eq!(starter.state(id).await, JobState::Done);
    assert_eq!(retry().await, RetryOutcome::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_panics_harms_no_other_job_and_is_tried_again() {
    let app = TestApp::new().await;
    let starter = Starter::of(&app);
    let kind = Kind::new(PROBE, async |run| {
        assert!(run.attempt() > 1, "the first attempt panics");
        Ok(())
    });
    let worker = starter.worker(kind);
    let id = starter.queue(NewJob::without_input(PROBE)).await;
    assert_eq!(worker.run_due().await.expect("run"), 1);
    assert_eq!(starter.state(id).await, JobState::Waiting);
    app.pass_minutes(1);
    assert_eq!(worker.run_due().await.expect("run"), 1);
    assert_eq!(starter.state(id).await, JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_under_a_unique_key_is_queued_once_until_it_is_done() {
    let app = TestApp::new().await;
    let (starter, runs) = (Starter::of(&app), Runs::default());
    let job = || NewJob::without_input(PROBE).unique("november");
    let first = starter.queue(job()).await;
    assert_eq!(starter.queue(job()).await, first);
    let other = starter.queue(NewJob::without_input(PROBE).unique("december")).await;
    let stranger = Starter::of(&app);
    let theirs = stranger.queue(job()).await;
    assert!(first != other && first != theirs);
    assert_eq!(starter.worker(runs.kind()).run_due().await.expect("run"), 3);
    assert_ne!(starter.queue(job()).await, first, "the first is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_at_once_queue_one_job_under_a_unique_key() {
    let app = TestApp::new().await;
    let starter = Starter::of(&app);
    let job = || NewJob::without_input(PROBE).unique("once");
    let (one, two) = tokio::join!(starter.queue(job()), starter.queue(job()));
    assert_eq!(one, two);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_for_later_waits_for_its_instant() {
    let app = TestApp::new().await;
    let (starter, runs) = (Starter::of(&app), Runs::default());
    let worker = starter.worker(runs.kind());
    starter.queue(NewJob::without_input(PROBE).at(app.now() + SignedDuration::from_mins(90))).await;
    app.pass_minutes(89);
    assert_eq!(worker.run_due().await.expect("run"), 0);
    app.pass_minutes(1);
    assert_eq!(worker.run_due().await.expect("run"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recurring_kind_runs_once_each_time_it_is_due_in_however_many_processes() {
    let app = TestApp::new().await;
    let (starter, runs) = (Starter::of(&app), Runs::default());
    let kind = || runs.kind().every(SignedDuration::from_mins(1));
    let world = app.services().world().clone();
    let here = starter.worker(kind());
    let there = Worker::new(another_process(&app).await, world, vec![kind()]);
    for (minutes, due) in [(0, 1), (0, 1), (1, 2), (1, 3), (180, 4), (1, 5)] {
        app.pass_minutes(minutes);
        let (one, two) = tokio::join!(here.run_due(), there.run_due());
        one.expect("run");
        two.expect("run");
        assert_eq!(runs.all(), due, "after {minutes} minutes more");
    }
    assert!(list_queued(&starter.db).await.expect("listed").is_empty(), "what recurs leaves nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recurring_kind_that_failed_is_in_sight_until_it_goes_well() {
    let app = TestApp::new().await;
    let (starter, is_mended) = (Starter::of(&app), Arc::new(AtomicBool::new(false)));
    let kind = {
        let is_mended = is_mended.clone();
        Kind::new(PROBE, move |_run| {
            let is_mended = is_mended.load(Ordering::SeqCst);
            async move { if is_mended { Ok(()) } else { Err(JobError::fail(ErrorCode::Internal, "broken")) } }
        })
    };
    let worker = starter.worker(kind.every(SignedDuration::from_mins(1)));
    for _time in 0..3 {
        assert_eq!(worker.run_due().await.expect("run"), 1);
        let listed = list_queued(&starter.db).await.expect("listed");
        let states: Vec<JobState> = listed.iter().map(|queued| queued.job.state).collect();
        assert_eq!(states, [JobState::Failed], "the latest failure alone");
        app.pass_minutes(1);
    }
    is_mended.store(true, Ordering::SeqCst);
    assert_eq!(worker.run_due().await.expect("run"), 1);
    assert!(list_queued(&starter.db).await.expect("listed").is_empty());
}

/// On 28 March 2027 the clock in Prague goes from 02:00 to 03:00, at 01:00 UTC.
#[tokio::test(flavor = "multi_thread")]
async fn a_nightly_job_runs_once_in_the_night_the_clock_skips_its_time() {
    let app = TestApp::new().await;
    app.set_clock("2027-03-27T12:00:00Z");
    let (starter, runs) = (Starter::of(&app), Runs::default());
    let half_past_two = Cron::new("30 2 * * *", "Europe/Prague".parse().expect("a zone")).expect("cron");
    let worker = starter.worker(runs.kind().cron(half_past_two));
    for (at, so_far) in [
        ("2027-03-27T12:00:00Z", 0),
        ("2027-03-28T01:29:59Z", 0),
        ("2027-03-28T01:30:00Z", 1),
        ("2027-03-29T00:29:59Z", 1),
        ("2027-03-29T00:30:00Z", 2),
    ] {
        app.set_clock(at);
        worker.run_due().await.expect("run");
        assert_eq!(runs.all(), so_far, "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgotten_visits_are_closed_by_a_job_within_a_minute() {
    let app = TestApp::new().await;
    let hub = app.hub(&app.network("n").await, "home").await;
    let member = app.member(&hub, "Jan").await;
    app.check_in(&hub, &member).await;
    app.set_clock("2026-11-02T19:00:00Z");
    app.run_jobs().await;
    let ended = async || {
        let asked = "query($id: ID!) { hub(id: $id) { visits(first: 1) { nodes { endedBy } } } }";
        let seen = app.operator(&hub).ask(asked, json!({ "id": hub.id })).await;
        seen["hub"]["visits"]["nodes"][0]["endedBy"].clone()
    };
    assert_eq!(ended().await, Json::Null, "the hub closes at this instant");
    app.pass_minutes(1);
    app.run_jobs().await;
    assert_eq!(ended().await, "CLOSING_TIME");
    app.drain().await;
}

/// A network in which a guest of a hub owes another hub for a visit in each of some months.
async fn behind_by(app: &TestApp, months: &[&str]) -> TestNetwork {
    app.set_clock("2026-09-01T06:00:00Z");
    let network = app.network("n").await;
    let (home, host) = (app.hub(&network, "home").await, app.hub(&network, "host").await);
    app.tariff(&host, "12.00").await;
    let guest = app.roaming_member(&home, "Alena").await;
    for month in months {
        app.set_clock(&format!("{month}-03T09:00:00Z"));
        app.check_in(&host, &guest).await;
        app.pass_minutes(60);
        app.check_out(&host, &guest).await;
        app.drain().await;
    }
    network
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_settles_the_months_they_are_behind_by_and_watches_it() {
    let app = TestApp::new().await;
    let network = behind_by(&app, &["2026-09", "2026-10"]).await;
    app.set_clock("2026-11-02T08:00:00Z");
    let coordinator = app.coordinator(&network);
    let through = |month: &str| json!({ "input": { "through": month } });
    assert_eq!(coordinator.refused(SETTLE, through("2026-11")).await, "CONFLICT", "it is not over");
    let started = coordinator.ask(SETTLE, through("2026-10")).await["settleMonths"]["job"].clone();
    assert_eq!((&started["kind"], &started["state"]), (&json!("settle_months"), &json!("WAITING")));
    let again = coordinator.ask(SETTLE, through("2026-10")).await["settleMonths"]["job"].clone();
    assert_eq!(again["id"], started["id"], "it is queued once");

    let id = json!({ "id": started["id"] });
    let mut watched = coordinator.watch(PROGRESS, id.clone());
    let first = watched.next().await.expect("its state");
    assert_eq!(first["jobProgress"], json!({ "state": "WAITING", "done": 0, "total": null }));
    app.run_jobs().await;
    let rest: Vec<Json> =
        tokio::time::timeout(PATIENCE, watched.collect()).await.expect("it ends when the job does");
    let last = rest.last().map(|event| event["jobProgress"].clone());
    assert_eq!(last, Some(json!({ "state": "DONE", "done": 2, "total": 2 })));

    let done = coordinator.ask(JOB, id.clone()).await["job"].clone();
    assert_eq!((&done["message"], &done["code"]), (&json!("settled"), &Json::Null));
    let asked = "query($id: ID!) { network(id: $id) { settlements { nodes { month } } } }";
    let settled = coordinator.ask(asked, json!({ "id": network.id })).await;
    let months = json!([{ "month": "2026-10" }, { "month": "2026-09" }]);
    assert_eq!(settled["network"]["settlements"]["nodes"], months);
    app.drain().await;

    app.set_clock("2026-11-12T08:00:00Z");
    app.run_jobs_of("tidying").await;
    assert_eq!(coordinator.refused(JOB, id).await, "NOT_FOUND", "a finished job is forgotten after a week");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_settles_under_the_name_of_whoever_started_it() {
    let app = TestApp::new().await;
    let network = behind_by(&app, &["2026-10"]).await;
    app.set_clock("2026-11-02T08:00:00Z");
    let at: NetworkId = network.id.parse().expect("an id");
    let person = PersonId::generate(app.services().world());
    let grants = vec![Grant { role: Role::Coordinator, at: Place::Network(at) }];
    let coordinator = app.client(Caller::Person { person, network: at, member: None, grants });
    coordinator.ask(SETTLE, json!({ "input": { "through": "2026-10" } })).await;
    app.run_jobs().await;
    let asked = "query($id: ID!) { network(id: $id) { auditLog { roaming(first: 1) { nodes { actor action roles } } } } }";
    let administrator = app.staff_of(Role::NetworkAdministrator, &network);
    let log = administrator.ask(asked, json!({ "id": network.id })).await;
    let record = &log["network"]["auditLog"]["roaming"]["nodes"][0];
    assert_eq!(record["actor"], person.to_string());
    assert_eq!(record["roles"], json!(["coordinator"]));
    app.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_job_is_not_found() {
    let app = TestApp::new().await;
    let (network, other) = (app.network("n").await, app.network("m").await);
    app.drain().await;
    let started = app
        .coordinator(&network)
        .ask(SETTLE, json!({ "input": { "through": "2026-10" } }))
        .await["settleMonths"]["job"]["id"]
        .clone();
    let id = json!({ "id": started });
    for somebody in [app.coordinator(&network), app.coordinator(&other), app.system()] {
        assert_eq!(somebody.refused(JOB, id.clone()).await, "NOT_FOUND");
        let watched = somebody.first_event(PROGRESS, id.clone()).await;
        assert_eq!(watched["errors"][0]["extensions"]["code"], "NOT_FOUND", "{watched}");
    }
    assert_eq!(app.anonymous().refused(JOB, id).await, "UNAUTHENTICATED");
    let elsewhere = json!({ "input": { "networkId": network.id, "through": "2026-10" } });
    assert_eq!(app.coordinator(&other).refused(SETTLE, elsewhere).await, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_lacks_a_rate_fails_with_its_code() {
    let rates = "on,currency,per_eur\n2026-11-30,CZK,24.2\n";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rates.csv");
    std::fs::write(&file, rates).expect("written");
    let app = TestApp::configured(|config| config.roaming.rates_file = Some(file)).await;
    let network = app.network("n").await;
    let home = app.hub(&network, "home").await;
    let zloty = json!({ "currency": "PLN", "timeZone": "Europe/Warsaw", "language": "pl" });
    let host = app.hub_with(&network, "host", zloty).await;
    app.tariff(&host, "12.00").await;
    let guest = app.roaming_member(&home, "Alena").await;
    app.check_in(&host, &guest).await;
    app.pass_minutes(60);
    app.check_out(&host, &guest).await;
    app.drain().await;
    app.set_clock("2026-12-01T08:00:00Z");
    let coordinator = app.coordinator(&network);
    let input = json!({ "input": { "through": "2026-11" } });
    let started = coordinator.ask(SETTLE, input).await["settleMonths"]["job"]["id"].clone();
    app.run_jobs().await;
    let failed = coordinator.ask(JOB, json!({ "id": started })).await["job"].clone();
    assert_eq!((&failed["state"], &failed["code"]), (&json!("FAILED"), &json!("RATE_MISSING")), "{failed}");
    assert!(failed["message"].as_str().is_some_and(|why| why.contains("PLN")), "{failed}");
}
