//! The process's own metrics beside requests: waiting events, lagging receivers, database load.
//!
//! Always true: labels come from small closed sets and name no person and no tenant. Reading costs a few statements
//! every fifteen seconds, however often `/metrics` is requested. A value that cannot be read keeps its last state, and
//! the age of the last reading shows it. docs/OPERATING.md explains each metric and when to raise an alarm.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use kernel::JobState;
use opentelemetry::{
    KeyValue, global,
    metrics::{Gauge, Meter},
};
use platform_bus::{dead_letters, postponed_events, waiting_events};
use platform_db::DbError;
use platform_jobs::{Kind, count_queued, list_schedules};
use tokio::sync::watch;

use crate::{App, background::pause, installation::Build};

const READ_EVERY: Duration = Duration::from_secs(15);

/// Records which build runs, once.
pub(crate) fn note_build(build: Build) {
    let gauge =
        gauge(&global::meter("hubnet"), "hubnet.build.info", "", "Always 1; the labels say what runs");
    gauge.record(1, &[KeyValue::new("version", build.version), KeyValue::new("commit", build.commit)]);
}

/// When each recurring task last succeeded.
#[derive(Clone)]
pub(crate) struct TaskFigures(Gauge<u64>);

impl TaskFigures {
    pub(crate) fn new() -> Self {
        let description = "When a recurring piece of work last succeeded, in seconds since 1970";
        Self(gauge(&global::meter("hubnet"), "hubnet.task.last_success", "s", description))
    }

    /// Records that `task` succeeded now.
    pub(crate) fn succeeded(&self, task: &'static str, app: &App) {
        self.0.record(positive(app.world().now().as_second()), &[KeyValue::new("task", task)]);
    }

    /// When jobs of the recurring kinds were last done, in whichever process: of a kind in several databases, the one that
    /// is furthest behind.
    async fn read_schedules(&self, app: &App) -> Result<(), DbError> {
        let mut behind: BTreeMap<String, Timestamp> = BTreeMap::new();
        for worker in app.workers() {
            for schedule in list_schedules(worker.db()).await? {
                let Some(succeeded) = schedule.succeeded else { continue };
                let last = behind.entry(schedule.kind).or_insert(succeeded);
                *last = succeeded.min(*last);
            }
        }
        for (kind, succeeded) in behind {
            self.0.record(positive(succeeded.as_second()), &[KeyValue::new("task", kind)]);
        }
        Ok(())
    }
}

struct Figures {
    outbox_events: Gauge<u64>,
    outbox_age: Gauge<u64>,
    dead_letters: Gauge<u64>,
    postponed: Gauge<u64>,
    postponed_age: Gauge<u64>,
    queue: Gauge<u64>,
    connections: Gauge<u64>,
    mail: Gauge<u64>,
    mail_age: Gauge<u64>,
    mail_given_up: Gauge<u64>,
    mail_bounced: Gauge<u64>,
    mail_undeliverable: Gauge<u64>,
    jobs: [(JobState, Gauge<u64>); 3],
    jobs_age: Gauge<u64>,
}

impl Figures {
    fn new() -> Self {
        let meter = global::meter("hubnet");
        let gauge = |name, unit, description| gauge(&meter, name, unit, description);
        Self {
            outbox_events: gauge("hubnet.outbox.events", "", "Events that wait to be published"),
            outbox_age: gauge("hubnet.outbox.age", "s", "How long the first of them has waited"),
            dead_letters: gauge("hubnet.dead_letters", "", "Events a receiver refused for good"),
            postponed: gauge("hubnet.postponed.events", "", "Events that wait for what they build on"),
            postponed_age: gauge("hubnet.postponed.age", "s", "How long the first of them has waited"),
            queue: gauge(
                "hubnet.queue.messages",
                "",
                "Messages in a receiver's queue; a message holds one event or several",
            ),
            connections: gauge("hubnet.db.connections", "", "Connections to the database, by state"),
            mail: gauge("hubnet.mail.waiting", "", "Messages that wait to be sent"),
            mail_age: gauge("hubnet.mail.age", "s", "How long the first of them has waited"),
            mail_given_up: gauge("hubnet.mail.given_up", "", "Messages that were tried for a day in vain"),
            mail_bounced: gauge(
                "hubnet.mail.bounced",
                "",
                "Messages of the last month that were refused for good",
            ),
            mail_undeliverable: gauge("hubnet.mail.undeliverable", "", "Addresses that were refused lately"),
            jobs: [
                (
                    JobState::Waiting,
                    gauge("hubnet.jobs.waiting", "", "Jobs that wait, also for a later time"),
                ),
                (JobState::Running, gauge("hubnet.jobs.running", "", "Jobs that a process works on")),
                (JobState::Failed, gauge("hubnet.jobs.failed", "", "Jobs given up after the last attempt")),
            ],
            jobs_age: gauge("hubnet.jobs.age", "s", "For how long the first waiting job has been due"),
        }
    }

    async fn read(&self, app: &App) -> Result<(), DbError> {
        let now = app.world().now();
        for (service, db) in app.named_databases() {
            let label = [KeyValue::new("database", service)];
            let connections = db.connections();
            for (state, some) in [("used", connections.used), ("idle", connections.idle)] {
                let labels = [KeyValue::new("database", service), KeyValue::new("state", state)];
                self.connections.record(some, &labels);
            }
            let (events, first) = waiting_events(db).await?;
            self.outbox_events.record(positive(events), &label);
            let age = first.map_or(0, |first| now.duration_since(first).as_secs());
            self.outbox_age.record(positive(age), &label);
        }
        for handler in app.handlers() {
            let label = [KeyValue::new("consumer", handler.consumer())];
            let (events, waited) = postponed_events(handler.db(), handler.consumer()).await?;
            self.postponed.record(positive(events), &label);
            self.postponed_age.record(waited.as_secs(), &label);
            self.dead_letters.record(positive(dead_letters(handler.db(), handler.consumer()).await?), &label);
        }
        if let Some(identity) = app.identity() {
            let mail = identity.count_mail().await?;
            self.mail.record(positive(mail.waiting), &[]);
            self.mail_given_up.record(positive(mail.given_up), &[]);
            self.mail_bounced.record(positive(mail.bounced), &[]);
            self.mail_undeliverable.record(positive(mail.undeliverable), &[]);
            let age = mail.since.map_or(0, |since| now.duration_since(since).as_secs());
            self.mail_age.record(positive(age), &[]);
        }
        self.read_jobs(app, now).await
    }

    /// Counts jobs by kind over all databases of the process, those of which there are none, too.
    async fn read_jobs(&self, app: &App, now: Timestamp) -> Result<(), DbError> {
        let (mut kinds, mut counts) = (BTreeSet::new(), Vec::new());
        for worker in app.workers() {
            kinds.extend(worker.kinds().iter().map(Kind::name));
            counts.extend(count_queued(worker.db()).await?);
        }
        for kind in kinds {
            let label = [KeyValue::new("kind", kind)];
            let of_kind = || counts.iter().filter(|count| count.kind == kind);
            for (state, gauge) in &self.jobs {
                let jobs = of_kind().filter(|count| count.state == *state).map(|count| count.jobs).sum();
                gauge.record(positive(jobs), &label);
            }
            let waiting = of_kind().filter(|count| count.state == JobState::Waiting);
            let age = waiting.map(|count| now.duration_since(count.first_due).as_secs()).max();
            self.jobs_age.record(positive(age.unwrap_or_default()), &label);
        }
        Ok(())
    }

    async fn read_queues(&self, app: &App) {
        let Some(amqp) = app.amqp() else { return };
        match amqp.count_waiting().await {
            Ok(queues) => {
                for (consumer, messages) in queues {
                    self.queue.record(messages.into(), &[KeyValue::new("consumer", consumer)]);
                }
            }
            Err(error) => tracing::debug!(%error, "the queues' lengths are not known"),
        }
    }
}

/// Reads the metrics periodically until `stop` turns true.
pub(crate) async fn keep(app: App, tasks: TaskFigures, mut stop: watch::Receiver<bool>) {
    let figures = Figures::new();
    while !*stop.borrow() {
        match figures.read(&app).await {
            Ok(()) => tasks.succeeded("figures", &app),
            Err(error) => tracing::debug!(%error, "the figures keep their last values"),
        }
        if let Err(error) = tasks.read_schedules(&app).await {
            tracing::debug!(%error, "when jobs were last done is not known");
        }
        figures.read_queues(&app).await;
        pause(READ_EVERY, &mut stop).await;
    }
}

fn gauge(meter: &Meter, name: &'static str, unit: &'static str, description: &'static str) -> Gauge<u64> {
    meter.u64_gauge(name).with_unit(unit).with_description(description).build()
}

fn positive(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
