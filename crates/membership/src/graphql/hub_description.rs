//! The parts of a hub's description in the graph.

use async_graphql::{Enum, SimpleObject};
use graph::{Date, DateTime};
use jiff::civil;

use crate::{ChecklistItem, DayHours, Hub, HubKind, HubState, HubVersion, Task};

/// Where a hub is in its life.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "HubState")]
pub enum State {
    /// It is being described; only those who run it see it.
    Draft,
    /// It is in the directory and admits people in its hours.
    Live,
    /// It admits nobody for a while.
    Paused,
    /// It admits nobody any more.
    Closed,
}

/// Where a hub is in its life, since when, and what the public reads about it.
#[derive(SimpleObject, Debug)]
pub struct HubStatus {
    /// The state.
    state: State,
    /// The beginning of a pause, or the end of the hub.
    since: Option<DateTime>,
    /// The day on which a paused hub opens again by itself.
    reopens_on: Option<Date>,
    /// What the public reads.
    note: Option<String>,
}

impl From<HubState> for HubStatus {
    fn from(state: HubState) -> Self {
        let plain = |state| Self { state, since: None, reopens_on: None, note: None };
        match state {
            HubState::Draft => plain(State::Draft),
            HubState::Live => plain(State::Live),
            HubState::Paused { since, reopens_on, note } => Self {
                state: State::Paused,
                since: Some(since.into()),
                reopens_on: reopens_on.map(Into::into),
                note,
            },
            HubState::Closed { since, note } => {
                Self { state: State::Closed, since: Some(since.into()), reopens_on: None, note }
            }
        }
    }
}

/// How the public reaches a hub.
#[derive(SimpleObject, Debug)]
pub struct Contact {
    /// The e-mail address.
    email: Option<String>,
    /// The telephone number.
    phone: Option<String>,
    /// The web site.
    website: Option<String>,
}

impl From<crate::Contact> for Contact {
    fn from(contact: crate::Contact) -> Self {
        let crate::Contact { email, phone, website } = contact;
        Self { email, phone, website }
    }
}

/// What helps people to get in and to stay.
#[derive(SimpleObject, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "five facts that do not depend on each other")]
pub struct Accessibility {
    /// A lift.
    lift: bool,
    /// No step between the street and the rooms.
    step_free: bool,
    /// An induction loop for hearing aids.
    induction_loop: bool,
    /// A quiet room.
    quiet_room: bool,
    /// An accessible toilet.
    accessible_toilet: bool,
}

impl From<crate::Accessibility> for Accessibility {
    fn from(facts: crate::Accessibility) -> Self {
        let crate::Accessibility { lift, step_free, induction_loop, quiet_room, accessible_toilet } = facts;
        Self { lift, step_free, induction_loop, quiet_room, accessible_toilet }
    }
}

/// Something that is there to be used.
#[derive(SimpleObject, Debug)]
pub struct Equipment {
    /// Its code, such as `projector`.
    code: String,
    /// What to know about it.
    note: Option<String>,
}

impl From<crate::Equipment> for Equipment {
    fn from(it: crate::Equipment) -> Self {
        Self { code: it.code, note: it.note }
    }
}

/// Why a space or resource is not used, and when.
#[derive(SimpleObject, Debug)]
pub struct OutOfUse {
    /// The first day.
    from: Date,
    /// The day on which it is used again; null if it was taken out.
    until: Option<Date>,
    /// What people read.
    reason: String,
}

impl From<crate::OutOfUse> for OutOfUse {
    fn from(out: crate::OutOfUse) -> Self {
        Self { from: out.from.into(), until: out.until.map(Into::into), reason: out.reason }
    }
}

/// Usual opening hours from a day on.
#[derive(SimpleObject, Debug)]
pub struct OpeningHoursVersion {
    /// The first day on which they count; null for those that have counted from the beginning.
    from: Option<Date>,
    /// The hours in the OpenStreetMap syntax.
    opening_hours: String,
}

/// A day that differs from the usual hours.
#[derive(SimpleObject, Debug)]
pub struct SpecialDay {
    /// The day.
    day: Date,
    /// Whether the hub does not open at all.
    is_closed: bool,
    /// The hours of that day, in the hub's local time; empty if it is closed.
    open: Vec<OpenTimes>,
    /// What the public reads.
    note: Option<String>,
}

/// From when until when a hub is open, in its local time.
#[derive(SimpleObject, Debug)]
pub struct OpenTimes {
    /// The beginning: `08:00`.
    from: String,
    /// The end: `12:30`; of the next day if it is not after the beginning.
    until: String,
}

/// All versions of the usual hours, the present one and those to come last.
pub(super) fn versions(hub: &Hub) -> Vec<OpeningHoursVersion> {
    let first = OpeningHoursVersion { from: None, opening_hours: hub.timetable.usual.clone() };
    let later = hub.timetable.later.iter();
    let later = later
        .map(|(from, text)| OpeningHoursVersion { from: Some((*from).into()), opening_hours: text.clone() });
    std::iter::once(first).chain(later).collect()
}

/// The special days from a day on, in order.
pub(super) fn special_days(hub: &Hub, from: civil::Date) -> Vec<SpecialDay> {
    let day = |(day, special): (&civil::Date, &crate::SpecialDay)| SpecialDay {
        day: (*day).into(),
        is_closed: special.hours == DayHours::Closed,
        open: open_times(hub, *day),
        note: special.note.clone(),
    };
    hub.timetable.days.range(from..).map(day).collect()
}

fn open_times(hub: &Hub, day: civil::Date) -> Vec<OpenTimes> {
    let clock = |at: civil::DateTime| format!("{:02}:{:02}", at.hour(), at.minute());
    let stretches = hub.opening_hours.stretches(day).into_iter();
    stretches.map(|it| OpenTimes { from: clock(it.from()), until: clock(it.until()) }).collect()
}

/// A line of the list of what is to be done before a hub goes live.
#[derive(SimpleObject, Debug)]
#[graphql(name = "ChecklistItem")]
pub struct Line {
    /// What is to be done.
    item: Task,
    /// Whether it is done.
    done: bool,
    /// Whether the hub cannot go live without it.
    required: bool,
    /// The mutation that does it.
    hint: &'static str,
}

impl From<ChecklistItem> for Line {
    fn from(line: ChecklistItem) -> Self {
        Self { item: line.task, done: line.is_done, required: line.is_required, hint: line.hint }
    }
}

/// A hub as it was under one version.
#[derive(SimpleObject, Debug)]
#[graphql(name = "HubVersion")]
pub struct PastVersion {
    /// The version.
    version: i32,
    /// The time from which it was true, until the next version.
    valid_from: DateTime,
    /// Where the hub was in its life.
    status: HubStatus,
    /// The display name.
    name: String,
    /// The legal entity.
    legal_name: String,
    /// The kind of hub.
    kind: HubKind,
    /// The capacity.
    capacity: u32,
    /// The usual opening hours of the day on which this version began.
    opening_hours: String,
    /// Street and number.
    street: String,
    /// Town.
    city: String,
    /// The codes of the spaces, in order, without those that were taken out.
    spaces: Vec<String>,
}

impl From<HubVersion> for PastVersion {
    fn from(past: HubVersion) -> Self {
        let facts = past.facts;
        let day = facts.time_zone.day_of(past.valid_from);
        let in_use =
            facts.spaces.iter().filter(|it| !it.out_of_use.as_ref().is_some_and(|out| out.covers(day)));
        Self {
            version: i32::try_from(past.version).unwrap_or(i32::MAX),
            valid_from: past.valid_from.into(),
            opening_hours: facts.opening_hours_on(day).to_owned(),
            spaces: in_use.map(|space| space.code.clone()).collect(),
            status: facts.state.into(),
            name: facts.name,
            legal_name: facts.legal_name,
            kind: facts.kind,
            capacity: facts.capacity,
            street: facts.address.street,
            city: facts.address.city,
        }
    }
}
