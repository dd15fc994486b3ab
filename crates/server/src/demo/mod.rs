//! Loads the demo network through the graph: onboarding files, enrolments, device logs, month closes.
//!
//! Always true: no row is written directly. The loader moves the application's clock from one action to the next, so
//! half a year passes as in reality, and months are settled when they are over. An interrupted loading continues where
//! it stopped: each action has an idempotency key and is marked when it is done (see `demo_progress`). Waiting events
//! are not carried on before the first action that is not done, because the clock must not be earlier than theirs.

pub(crate) mod accounts;
pub(crate) mod progress;

use std::{collections::HashMap, sync::Arc, time::Duration};

use demo_data::{Demo, Event, Person, Upload};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{Clock, ManualClock, Month, NetworkId, OsEntropy, World};
use serde_json::{Value as Json, json};

use crate::{
    App, DemoState, DeviceLog, FrontDoor, GraphError, Onboarding,
    demo::progress::{Progress, Step},
};

const SEED: u64 = 2026;
/// A month is settled on the third day of the next one: most late logs are in by then.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(2 * 24 + 10);
/// How many uploads may wait in the outbox before the relay catches up.
const UPLOADS_BETWEEN_DRAINS: usize = 8;
/// After these numbers of uploads the databases update their statistics, as their tables have grown by a lot.
const STOCK_TAKEN_AFTER: [usize; 4] = [8, 32, 128, 512];

/// The clock of the loading application, set by the loader for each action.
#[derive(Debug, Clone)]
pub struct DemoClock(Arc<ManualClock>);

impl DemoClock {
    /// Creates a clock and a world that uses it.
    pub fn new() -> (Self, World) {
        let clock = Arc::new(ManualClock::at(kernel::SystemClock.now()));
        let world = World::new(clock.clone(), Arc::new(OsEntropy));
        (Self(clock), world)
    }

    fn set(&self, at: Timestamp) {
        self.0.set(at);
    }
}

/// How much of the demo network exists.
///
/// # Errors
/// Fails if the graph refuses or the database is away.
pub async fn state(app: &App) -> Result<DemoState, GraphError> {
    if let Some(until) = Progress::of(app)?.begun().await? {
        return Ok(DemoState::Interrupted(until));
    }
    let data =
        FrontDoor::as_system(app.clone()).ask("{ hubs(first: 1) { edges { cursor } } }", json!({})).await?;
    let has_hubs = data["hubs"]["edges"].as_array().is_some_and(|edges| !edges.is_empty());
    Ok(if has_hubs { DemoState::Loaded } else { DemoState::Empty })
}

/// Marks the demo network as complete, accounts included.
///
/// # Errors
/// Fails if the graph refuses or the database is away.
pub async fn finish(app: &App) -> Result<(), GraphError> {
    let asked = "{ network { id } }";
    let data = FrontDoor::as_system(app.clone()).ask(asked, json!({})).await?;
    let network = word(&data["network"]["id"]).parse().map_err(lost)?;
    Progress::of(app)?.end(network).await
}

/// The result of a loading, for display.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// People enrolled.
    pub people: usize,
    /// Device events taken in.
    pub touches: u64,
    /// Device events denied: unknown and lost chips.
    pub denied: u64,
    /// Months settled.
    pub months: usize,
}

enum DemoAction<'d> {
    Enrol(&'d Person),
    GivePass(&'d Person),
    LoseChip(&'d str),
    Upload(&'d Upload),
    Settle(Month),
}

/// Loads the demo network of the half year before `until` into an empty application, or continues an interrupted
/// loading for that day. Calls `progress` after each action with the number of done actions and of all actions. The
/// network is complete only after [`finish`].
///
/// # Errors
/// Fails with the graph's first refusal.
pub async fn load(
    app: &App,
    clock: &DemoClock,
    until: Date,
    mut progress: impl FnMut(usize, usize),
) -> Result<Loaded, GraphError> {
    let demo = tokio::task::spawn_blocking(move || demo_data::generate(SEED, until)).await.map_err(lost)?;
    let now = kernel::SystemClock.now();
    let marks = Progress::of(app)?;
    let mut is_going_on = marks.begun().await?.is_some();
    marks.begin(until).await?;
    clock.set(demo.window.founded_at());
    let mut loader = Loader {
        door: FrontDoor::as_system(app.clone()),
        marks,
        network: None,
        hubs: HashMap::new(),
        members: HashMap::new(),
        chips: HashMap::new(),
        uploads: 0,
        loaded: Loaded::default(),
    };
    let network = loader.found().await?;
    is_going_on = is_going_on && loader.marks.find(network, 0).await?.is_some();
    loader.onboard(!is_going_on).await?;
    let actions = actions(&demo);
    for (place, (at, action)) in actions.iter().enumerate() {
        clock.set(*at);
        let done = if is_going_on { loader.marks.find(network, place).await? } else { None };
        is_going_on = done.is_some();
        if let Some(step) = done {
            loader.recall(action, step).await?;
        } else {
            let step = loader.perform(action, place).await?;
            loader.marks.done(network, place, step).await?;
        }
        progress(place + 1, actions.len());
    }
    clock.set(now);
    loader.announce(&demo_data::events(), until, actions.len()).await?;
    loader.pause_a_library(until).await?;
    drain(app).await?;
    move_marks(app).await?;
    Ok(loader.loaded)
}

/// Makes every receiver compare its inbox with the emitted events, one after the other, so that the first start of the
/// server need not do it for half a year at once.
async fn move_marks(app: &App) -> Result<(), GraphError> {
    for handler in app.handlers() {
        let mut suspects = platform_bus::Suspects::new();
        platform_bus::close_gaps(handler.as_ref(), app.databases(), &mut suspects).await.map_err(lost)?;
    }
    Ok(())
}

/// All actions, in order of time.
fn actions(demo: &Demo) -> Vec<(Timestamp, DemoAction<'_>)> {
    let mut actions: Vec<(Timestamp, DemoAction<'_>)> = Vec::new();
    for person in &demo.people {
        actions.push((person.joined_at, DemoAction::Enrol(person)));
        actions.extend(person.roaming_from.map(|at| (at, DemoAction::GivePass(person))));
        actions.extend(person.lost_chips.iter().map(|lost| (lost.lost_at, DemoAction::LoseChip(&lost.chip))));
    }
    actions.extend(demo.uploads.iter().map(|upload| (upload.at, DemoAction::Upload(upload))));
    let mut month = Month::of(demo.window.from);
    while month.next().first_day() < demo.window.until {
        let over =
            month.next().first_day().to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |at| at.timestamp());
        actions.push((over + SETTLED_AFTER, DemoAction::Settle(month)));
        month = month.next();
    }
    actions.sort_by_key(|(at, _)| *at);
    actions
}

struct Loader {
    door: FrontDoor,
    marks: Progress,
    network: Option<NetworkId>,
    hubs: HashMap<String, String>,
    members: HashMap<String, String>,
    chips: HashMap<String, String>,
    uploads: usize,
    loaded: Loaded,
}

impl Loader {
    async fn found(&mut self) -> Result<NetworkId, GraphError> {
        let id = self.put("network", demo_data::NETWORK).await?;
        let network = id.parse().map_err(lost)?;
        self.network = Some(network);
        Ok(network)
    }

    /// Brings the hubs in; drains first if `drains`, unless actions were done before.
    async fn onboard(&mut self, drains: bool) -> Result<(), GraphError> {
        if drains {
            drain(self.door.app()).await?;
        }
        for (slug, text) in demo_data::hub_files() {
            let door = self.door.clone();
            let draining = async {
                if drains {
                    drain_soon(door.app()).await;
                }
            };
            let (onboarded, ()) = tokio::join!(self.put(slug, text), draining);
            onboarded?;
            if drains {
                drain(self.door.app()).await?;
            }
        }
        Ok(())
    }

    /// Onboards a file and returns the id of its network or hub.
    async fn put(&mut self, slug: &str, text: &str) -> Result<String, GraphError> {
        let refused = |error: crate::OnboardingError| GraphError::new("INVALID_INPUT", error);
        let file = Onboarding::parse(&format!("{slug}.toml"), text).map_err(refused)?.for_demonstration();
        let onboarded = file.put(slug, &self.under(&format!("onboard-{slug}"))).await.map_err(refused)?;
        self.hubs.insert(onboarded.slug, onboarded.id.clone());
        Ok(onboarded.id)
    }

    /// The graph client for a mutation that may have been done before it was marked.
    fn under(&self, key: &str) -> FrontDoor {
        self.door.with_idempotency_key(&format!("demo-{key}"))
    }

    /// Restores the effect of an action that is already done.
    async fn recall(&mut self, action: &DemoAction<'_>, step: Step) -> Result<(), GraphError> {
        match action {
            DemoAction::Enrol(person) => self.enrol(person).await?,
            DemoAction::Upload(_) => self.uploads += 1,
            DemoAction::Settle(_) => self.loaded.months += 1,
            DemoAction::GivePass(_) | DemoAction::LoseChip(_) => {}
        }
        self.count(step);
        Ok(())
    }

    fn count(&mut self, step: Step) {
        self.loaded.touches += step.taken;
        self.loaded.denied += step.denied;
    }

    async fn perform(&mut self, action: &DemoAction<'_>, place: usize) -> Result<Step, GraphError> {
        match action {
            DemoAction::Enrol(person) => self.enrol(person).await?,
            DemoAction::GivePass(person) => self.give_pass(person).await?,
            DemoAction::LoseChip(chip) => self.revoke(chip).await?,
            DemoAction::Upload(upload) => {
                let step = self.upload(upload).await?;
                self.count(step);
                self.uploads += 1;
                if STOCK_TAKEN_AFTER.contains(&self.uploads) {
                    self.take_stock().await;
                }
                if place.is_multiple_of(UPLOADS_BETWEEN_DRAINS) {
                    drain(self.door.app()).await?;
                }
                return Ok(step);
            }
            DemoAction::Settle(month) => self.settle_month(*month).await?,
        }
        Ok(Step::default())
    }

    async fn enrol(&mut self, person: &Person) -> Result<(), GraphError> {
        const ENROL: &str =
            "mutation($input: EnrollMemberInput!) { enrollMember(input: $input) { member { id } } }";
        const CHIP: &str = "mutation($input: IssueChipInput!) { issueChip(input: $input) { chip { id } } }";
        let input = json!({
            "hubId": self.hub(person.home), "name": person.name, "email": person.email, "language": person.language,
            "category": person.category.to_uppercase(), "plan": person.plan,
        });
        let data = self.under(&person.email).ask(ENROL, json!({ "input": input })).await?;
        let member = word(&data["enrollMember"]["member"]["id"]);
        for chip in person.chips.iter().chain(person.lost_chips.iter().map(|lost| &lost.chip)) {
            if self.chips.contains_key(chip) {
                continue;
            }
            let input = json!({ "input": { "memberId": member, "number": chip } });
            let data = self.under(chip).ask(CHIP, input).await?;
            self.chips.insert(chip.clone(), word(&data["issueChip"]["chip"]["id"]));
        }
        self.members.insert(person.email.clone(), member);
        self.loaded.people += 1;
        Ok(())
    }

    async fn give_pass(&mut self, person: &Person) -> Result<(), GraphError> {
        const PASS: &str =
            "mutation($input: IssueRoamingPassInput!) { issueRoamingPass(input: $input) { pass { id } } }";
        drain(self.door.app()).await?;
        let member = self.members.get(&person.email).cloned().unwrap_or_default();
        self.under(&person.email).ask(PASS, json!({ "input": { "memberId": member } })).await?;
        drain(self.door.app()).await
    }

    async fn revoke(&mut self, chip: &str) -> Result<(), GraphError> {
        const REVOKE: &str =
            "mutation($id: ID!) { revokeChip(input: { chipId: $id }) { chip { revokedAt } } }";
        let id = self.chips.get(chip).cloned().unwrap_or_default();
        self.under(chip).ask(REVOKE, json!({ "id": id })).await?;
        Ok(())
    }

    async fn upload(&mut self, upload: &Upload) -> Result<Step, GraphError> {
        let log = DeviceLog::parse(&upload.to_csv());
        let replayed = log.replay(&self.door, &self.hub(upload.hub), |_| {}).await;
        if let Some(refusal) = replayed.stopped {
            return Err(refusal);
        }
        if let Some(bad) = replayed.refused.first() {
            return Err(GraphError::new("INVALID_INPUT", format!("line {}: {}", bad.line, bad.reason)));
        }
        let denied = u64::try_from(replayed.denied.len()).map_err(lost)?;
        Ok(Step { taken: replayed.taken, denied })
    }

    /// Without it loading takes longer, with the same result.
    async fn take_stock(&self) {
        for db in self.door.app().databases() {
            if let Err(error) = db.take_stock().await {
                tracing::warn!(%error, "the tables could not be counted");
            }
        }
    }

    async fn settle_month(&mut self, month: Month) -> Result<(), GraphError> {
        const CLOSE: &str = "mutation($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } } }";
        drain(self.door.app()).await?;
        let input = json!({ "networkId": self.network, "month": month });
        self.under(&month.to_string()).ask(CLOSE, json!({ "input": input })).await?;
        self.loaded.months += 1;
        Ok(())
    }

    async fn announce(
        &mut self,
        events: &[Event],
        today: Date,
        first_place: usize,
    ) -> Result<(), GraphError> {
        const PUBLISH: &str =
            "mutation($input: PublishEventInput!) { publishEvent(input: $input) { event { id } } }";
        drain(self.door.app()).await?;
        let Some(network) = self.network else { return Ok(()) };
        for (place, event) in (first_place..).zip(events) {
            if self.marks.find(network, place).await?.is_some() {
                continue;
            }
            let zone = self.zone_of(&event.hub).await?;
            let day = today.checked_add(event.days_from_today.days()).map_err(lost)?;
            let starts_at = day.to_datetime(event.start).to_zoned(zone).map_err(lost)?.timestamp();
            if starts_at <= self.door.app().world().now() {
                continue;
            }
            let ends_at = starts_at + SignedDuration::from_mins(event.duration_minutes.into());
            let input = json!({
                "hubId": self.hub(&event.hub), "title": event.title, "summary": event.summary,
                "kind": format!("{:?}", event.kind).to_uppercase(), "language": event.language,
                "startsAt": starts_at, "endsAt": ends_at, "capacity": event.capacity,
            });
            self.under(&format!("event-{place}")).ask(PUBLISH, json!({ "input": input })).await?;
            self.marks.done(network, place, Step::default()).await?;
        }
        Ok(())
    }

    /// Brings in a library that is being rebuilt: from a template, live, and paused. It has no members.
    async fn pause_a_library(&self, today: Date) -> Result<(), GraphError> {
        const START: &str = "mutation($input: StartHubInput!) { startHub(input: $input) { hub { id } } }";
        const DESCRIBE: &str = "mutation($input: ChangeHubInput!) { changeHub(input: $input) { version } }";
        const OPEN: &str = "mutation($input: OpenHubInput!) { openHub(input: $input) { version } }";
        const PAUSE: &str = "mutation($input: PauseHubInput!) { pauseHub(input: $input) { version } }";
        let started = json!({ "input": {
            "networkId": self.network, "slug": "lipnice", "name": "Knihovna Lipnice", "kind": "LIBRARY",
            "language": "cs", "timeZone": "Europe/Prague", "currency": "CZK", "country": "CZ", "capacity": 30,
            "fromTemplate": true,
        } });
        let door = self.under("lipnice");
        let hub = word(&door.ask(START, started).await?["startHub"]["hub"]["id"]);
        let reopens_on = today.checked_add(90.days()).map_err(lost)?;
        for (document, version, more) in [
            (
                DESCRIBE,
                1,
                json!({
                    "legalName": "Městys Lipnice", "taxNumber": "CZ00000006",
                    "address": { "street": "Náměstí 5", "city": "Lipnice nad Sázavou", "postalCode": "582 32", "country": "CZ" },
                    "position": { "latitude": "49.6146", "longitude": "15.4131" },
                    "contact": { "email": "lipnice@hubnet.example" },
                }),
            ),
            (OPEN, 2, json!({})),
            (PAUSE, 3, json!({ "note": "Přestavujeme. Vrátíme se na jaře.", "reopensOn": reopens_on })),
        ] {
            let mut input = json!({ "hubId": hub, "expectedVersion": version });
            if let (Some(input), Some(more)) = (input.as_object_mut(), more.as_object()) {
                input.extend(more.clone());
            }
            door.ask(document, json!({ "input": input })).await?;
        }
        Ok(())
    }

    async fn zone_of(&self, slug: &str) -> Result<TimeZone, GraphError> {
        let asked = "query($slug: String!) { hub(slug: $slug) { timeZone } }";
        let data = self.door.ask(asked, json!({ "slug": slug })).await?;
        TimeZone::get(&word(&data["hub"]["timeZone"])).map_err(lost)
    }

    fn hub(&self, slug: &str) -> String {
        self.hubs.get(slug).cloned().unwrap_or_default()
    }
}

/// Carries events on while other work waits for them.
async fn drain_soon(app: &App) {
    for _few in 0..3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let _what_is_left_goes_later = drain(app).await;
    }
}

/// Carries every event on until none waits.
async fn drain(app: &App) -> Result<(), GraphError> {
    app.drain().await.map_err(lost)
}

fn word(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn lost(error: impl std::fmt::Display) -> GraphError {
    GraphError::new("INTERNAL", error)
}
