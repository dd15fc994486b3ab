//! The life of a hub: a draft begins, goes live, pauses, closes and opens again.
//!
//! Always true: a hub that is not live admits nobody, from the instant of the change, in every process; open visits end
//! at that instant. Its members, its figures and what it owes stay.

use jiff::{Timestamp, civil::Date};
use kernel::{CloudEvent, Currency, HubId, NetworkId, OpContext, Permission, Position, Zone};
use platform_db::{Idempotent, Reach};
use serde::Serialize;

use super::change::{HubChange, Kind, Target, keep_version};
use crate::{
    Address, Hub, HubDetails, HubKind, Membership, MembershipError, Plan, Timetable,
    app::{check_language, line, onboard_hub, slug},
    audit,
    events::{HubChanged, HubFacts},
    hub::{Contact, HubState},
    store::{self, hub_change::Place},
    templates::Template,
};

/// The hours of a draft until it has some.
const NO_HOURS: &str = "off";
/// The most versions that a history shows.
const MOST_VERSIONS: u32 = 100;

/// The draft of a hub.
#[derive(Debug, Clone, Serialize)]
pub struct StartHub {
    /// The network it will join.
    pub network: NetworkId,
    /// The slug used in URLs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The kind of hub.
    pub kind: HubKind,
    /// The language of the hub.
    pub language: String,
    /// The time zone of the hub.
    pub time_zone: Zone,
    /// The currency the hub charges in.
    pub currency: Currency,
    /// The country, ISO 3166 alpha-2.
    pub country: String,
    /// The number of people who fit in at once.
    pub capacity: u32,
    /// Whether to begin with what a hub of its kind usually has.
    pub from_template: bool,
}

/// Something that a hub needs, or wants, before it goes live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
pub enum Task {
    /// Its address and position.
    Place,
    /// The legal entity and its tax number.
    LegalEntity,
    /// Its opening hours.
    OpeningHours,
    /// At least one space.
    Spaces,
    /// How the public reaches it.
    Contact,
    /// Desks, computers, printers.
    Resources,
    /// What it sells by the month.
    Plans,
    /// Readers, kiosks or doors.
    Devices,
}

/// A line of the list of what is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChecklistItem {
    /// What is to be done.
    pub task: Task,
    /// Whether it is done.
    pub is_done: bool,
    /// Whether the hub cannot go live without it.
    pub is_required: bool,
    /// The mutation that does it.
    pub hint: &'static str,
}

/// A hub as it was under one version.
#[derive(Debug, Clone)]
pub struct HubVersion {
    /// The version.
    pub version: i64,
    /// The time from which it was true.
    pub valid_from: Timestamp,
    /// What was true.
    pub facts: HubFacts,
}

const fn kind(operation: &'static str, permission: Permission) -> Kind {
    Kind { operation, permission }
}

impl Membership {
    /// Starts the draft of a hub. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` naming the field, or with `CONFLICT` if the slug is taken.
    #[tracing::instrument(name = "membership.start_hub", skip_all)]
    pub async fn start_hub(&self, op: &OpContext, cmd: StartHub) -> Result<HubId, MembershipError> {
        op.require_in_network(Permission::OnboardHub, cmd.network)?;
        let tx = match self.db.idempotent(op, Reach::Network(cmd.network), "startHub", &cmd).await? {
            Idempotent::Replayed(hub) => return Ok(hub),
            Idempotent::New(tx) => tx,
        };
        let (place, plans) = draft(op, cmd)?;
        let hub = &place.hub;
        if store::network::find(&tx, &[hub.network]).await?.is_empty() {
            return Err(MembershipError::NotFound("network"));
        }
        store::hub::insert(&tx, hub).await.map_err(|error| MembershipError::or_exists(error, "hub"))?;
        store::hub::save_spaces(&tx, hub, &place.spaces).await?;
        store::hub::insert_plans(&tx, hub, &plans).await?;
        let facts = keep_version(&tx, &place, op.now()).await?;
        tx.emit(CloudEvent::new(&HubChanged(facts), hub.network, Some(hub.id), op.world())?).await?;
        tx.audit(op, audit::hub_started(hub)).await?;
        tx.commit_with_outcome(&hub.id).await?;
        Ok(hub.id)
    }

    /// Takes a draft live. Emits `hub_onboarded`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` and a list of what is missing, with `CONFLICT` if the hub is no draft, or with
    /// `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.open_hub", skip_all)]
    pub async fn open_hub(&self, op: &OpContext, target: Target) -> Result<HubChange, MembershipError> {
        let now = op.now();
        self.change(op, kind("openHub", Permission::ManageHub), target, &(), |place| {
            let missing: Vec<String> = checklist(place, 0)
                .into_iter()
                .filter(|item| item.is_required && !item.is_done)
                .map(|item| item.task.word().to_owned())
                .collect();
            let state = place.hub.details.state.clone().open()?;
            if !missing.is_empty() {
                return Err(MembershipError::invalid(
                    "hubId",
                    format!("still missing: {}", missing.join(", ")),
                ));
            }
            live(place, state, now)
        })
        .await
    }

    /// Pauses a hub: from now on it admits nobody, until a day or until it is reopened; open visits end now. Emits
    /// `hub_changed` and `visit_ended`.
    ///
    /// # Errors
    /// Fails with `CONFLICT` if the hub is not live, `INVALID_INPUT` for a day that is not ahead, or with
    /// `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.pause_hub", skip_all)]
    pub async fn pause_hub(
        &self,
        op: &OpContext,
        target: Target,
        reopens_on: Option<Date>,
        note: Option<String>,
    ) -> Result<HubChange, MembershipError> {
        let note = note.map(|note| line("note", &note)).transpose()?;
        let cmd = (reopens_on, note.clone());
        let now = op.now();
        let paused = self
            .change(op, kind("pauseHub", Permission::ManageHub), target, &cmd, |place| {
                let hub = &place.hub;
                if reopens_on.is_some_and(|day| day <= hub.time_zone.day_of(now)) {
                    return Err(MembershipError::invalid("reopensOn", "after today"));
                }
                let until = reopens_on.map(|day| hub.time_zone.start_of(day));
                let state = hub.state_at(now).pause(now, reopens_on, note)?;
                shut(place, state, now, until)
            })
            .await?;
        self.close_visits_at(op, paused.hub).await;
        Ok(paused)
    }

    /// Closes a hub for good: it admits nobody any more; open visits end now. Its members and figures stay. Emits
    /// `hub_closed` and `visit_ended`.
    ///
    /// # Errors
    /// Fails with `CONFLICT` if the hub is closed already, or with `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.close_hub", skip_all)]
    pub async fn close_hub(
        &self,
        op: &OpContext,
        target: Target,
        note: Option<String>,
    ) -> Result<HubChange, MembershipError> {
        let note = note.map(|note| line("note", &note)).transpose()?;
        let now = op.now();
        let closed = self
            .change(op, kind("closeHub", Permission::ManageHub), target, &note.clone(), |place| {
                let state = place.hub.state_at(now).close(now, note)?;
                shut(place, state, now, None)
            })
            .await?;
        self.close_visits_at(op, closed.hub).await;
        Ok(closed)
    }

    /// Opens a paused or closed hub again. Emits `hub_changed`.
    ///
    /// # Errors
    /// Fails with `CONFLICT` if the hub is neither paused nor closed, or with `VERSION_CONFLICT`.
    #[tracing::instrument(name = "membership.reopen_hub", skip_all)]
    pub async fn reopen_hub(&self, op: &OpContext, target: Target) -> Result<HubChange, MembershipError> {
        let now = op.now();
        self.change(op, kind("reopenHub", Permission::ManageHub), target, &(), |place| {
            let state = place.hub.details.state.clone().reopen()?;
            live(place, state, now)
        })
        .await
    }

    /// Ends the visits that the hub's closing has ended. What is left undone is done by the job within a minute.
    async fn close_visits_at(&self, op: &OpContext, hub: HubId) {
        let closed = async {
            let network = self.hub(hub).await?.network;
            self.close_forgotten_visits_in(op, network).await
        };
        if let Err(error) = closed.await {
            tracing::warn!(%error, hub.id = %hub, "open visits of the hub end with the next run of the job");
        }
    }

    /// Returns what a hub needs before it goes live, for those who manage it.
    ///
    /// # Errors
    /// See [`kernel::AuthError`].
    pub async fn checklist(&self, op: &OpContext, hub: HubId) -> Result<Vec<ChecklistItem>, MembershipError> {
        let hub = self.hub(hub).await?;
        op.require_at_hub(Permission::ManageHub, hub.id, hub.network)?;
        let tx = self.db.read(Reach::Hub(hub.network, hub.id)).await?;
        let spaces = store::hub::spaces(&tx, &[hub.id]).await?.remove(&hub.id).unwrap_or_default();
        let devices = store::hub::devices(&tx, hub.network, hub.id).await?;
        let plans = store::hub::plans(&tx, &[hub.id]).await?.remove(&hub.id).unwrap_or_default();
        Ok(checklist(&Place { hub: Hub::clone(&hub), spaces, devices }, plans.len()))
    }

    /// Returns the versions of a hub, the latest first, for those who manage it.
    ///
    /// # Errors
    /// See [`kernel::AuthError`].
    pub async fn hub_history(&self, op: &OpContext, hub: HubId) -> Result<Vec<HubVersion>, MembershipError> {
        let hub = self.hub(hub).await?;
        op.require_at_hub(Permission::ManageHub, hub.id, hub.network)?;
        let tx = self.db.read(Reach::Hub(hub.network, hub.id)).await?;
        let versions = store::hub_change::versions(&tx, hub.network, hub.id, MOST_VERSIONS).await?;
        let read = |row: store::hub_change::Past| {
            let facts = serde_json::from_str(&row.facts)
                .map_err(|error| platform_db::DbError::inconsistent("hub_history", error))?;
            Ok(HubVersion { version: row.version, valid_from: row.valid_from, facts })
        };
        versions.into_iter().map(read).collect()
    }
}

fn shut(
    place: &mut Place,
    state: HubState,
    now: Timestamp,
    until: Option<Timestamp>,
) -> Result<Vec<&'static str>, MembershipError> {
    place.hub.details.state = state;
    place.hub.timetable.shut(now, until);
    place.hub.evaluate_hours()?;
    Ok(vec!["state"])
}

fn live(place: &mut Place, state: HubState, now: Timestamp) -> Result<Vec<&'static str>, MembershipError> {
    place.hub.details.state = state;
    place.hub.timetable.open_again(now);
    place.hub.evaluate_hours()?;
    Ok(vec!["state"])
}

impl Task {
    const fn word(self) -> &'static str {
        match self {
            Self::Place => "PLACE",
            Self::LegalEntity => "LEGAL_ENTITY",
            Self::OpeningHours => "OPENING_HOURS",
            Self::Spaces => "SPACES",
            Self::Contact => "CONTACT",
            Self::Resources => "RESOURCES",
            Self::Plans => "PLANS",
            Self::Devices => "DEVICES",
        }
    }
}

fn checklist(place: &Place, plans: usize) -> Vec<ChecklistItem> {
    let Place { hub, spaces, devices } = place;
    let has_place = !hub.address.street.is_empty() && hub.position != Position::default();
    let has_hours = hub.timetable.usual != NO_HOURS || !hub.timetable.later.is_empty();
    let item = |task, is_done, is_required, hint| ChecklistItem { task, is_done, is_required, hint };
    vec![
        item(Task::Place, has_place, true, "changeHub"),
        item(Task::LegalEntity, !hub.legal_name.is_empty() && !hub.tax_number.is_empty(), true, "changeHub"),
        item(Task::OpeningHours, has_hours, true, "changeOpeningHours"),
        item(Task::Spaces, !spaces.is_empty(), true, "addSpace"),
        item(Task::Contact, hub.details.contact != Contact::default(), false, "changeHub"),
        item(Task::Resources, spaces.iter().any(|space| !space.resources.is_empty()), false, "addResource"),
        item(Task::Plans, plans > 0, false, "onboardHub"),
        item(Task::Devices, !devices.is_empty(), false, "addDevice"),
    ]
}

/// Makes a draft that admits nobody.
fn draft(op: &OpContext, cmd: StartHub) -> Result<(Place, Vec<Plan>), MembershipError> {
    let slug = slug("slug", &cmd.slug)?;
    let name = line("name", &cmd.name)?;
    check_language(&cmd.language)?;
    onboard_hub::check_capacity(cmd.capacity)?;
    onboard_hub::check_country("country", &cmd.country)?;
    let template = if cmd.from_template { Template::of(cmd.kind)? } else { Template::default() };
    let language = cmd.language.parse().unwrap_or_default();
    let mut timetable = Timetable::of(template.opening_hours.clone().unwrap_or_else(|| NO_HOURS.into()));
    timetable.shut(op.now(), None);
    let position = Position::default();
    let details = HubDetails {
        state: HubState::Draft,
        accessibility: template.accessibility,
        equipment: template.equipment.clone(),
        ..HubDetails::default()
    };
    let hub = Hub {
        id: op.new_id::<HubId>(),
        network: cmd.network,
        slug,
        name,
        legal_name: String::new(),
        tax_number: String::new(),
        kind: cmd.kind,
        language: cmd.language,
        opening_hours: timetable.compile(&cmd.time_zone, &cmd.country, position)?,
        timetable,
        time_zone: cmd.time_zone,
        currency: cmd.currency,
        catchment_population: 0,
        capacity: cmd.capacity,
        capacity_is_soft: false,
        address: Address { country: cmd.country, ..Address::default() },
        position,
        onboarded_at: op.now(),
        version: 1,
        details,
    };
    let spaces = onboard_hub::new_spaces(op, &template.spaces(language))?;
    let plans = onboard_hub::new_plans(op, &template.plans(language), hub.currency)?;
    Ok((Place { hub, spaces, devices: Vec::new() }, plans))
}
