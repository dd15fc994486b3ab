//! Hub: the tenant, one location.
//!
//! Always true: its slug is unique in the whole installation, its network, currency and zone never change, and its
//! description is public once it is live. Every change raises its version by one, and what was true under an earlier
//! version is kept. A draft, a paused and a closed hub admit nobody: their timetable has a closure.

use jiff::{Timestamp, civil::Date};
use kernel::{Currency, DeviceId, HubId, NetworkId, PlanId, Position, ResourceId, SpaceId, Zone};
use platform_calendar::DatedHours;

use crate::{MembershipError, timetable::Timetable};

/// One location with its own legal identity.
#[derive(Debug, Clone)]
pub struct Hub {
    /// The stable id.
    pub id: HubId,
    /// The network it belongs to.
    pub network: NetworkId,
    /// The slug used in URLs.
    pub slug: String,
    /// The display name, in the hub's language.
    pub name: String,
    /// The legal entity that signs contracts.
    pub legal_name: String,
    /// The tax number.
    pub tax_number: String,
    /// The kind of hub.
    pub kind: HubKind,
    /// The language of the hub, ISO 639-1.
    pub language: String,
    /// The time zone that bounds the hub's days and months.
    pub time_zone: Zone,
    /// The currency the hub charges in.
    pub currency: Currency,
    /// When it is open, as it is written.
    pub timetable: Timetable,
    /// The same, evaluated at its place.
    pub opening_hours: DatedHours,
    /// The number of people in the catchment area.
    pub catchment_population: u32,
    /// The number of people who fit in at once.
    pub capacity: u32,
    /// Whether people are let in beyond the capacity and only counted.
    pub capacity_is_soft: bool,
    /// The postal address.
    pub address: Address,
    /// The position on the map.
    pub position: Position,
    /// The time of onboarding.
    pub onboarded_at: Timestamp,
    /// Increases by one with every change.
    pub version: i64,
    /// The rest of its description.
    pub details: HubDetails,
}

/// The part of a hub's description that nothing else depends on, and its state.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HubDetails {
    /// Where the hub is in its life.
    #[serde(default)]
    pub state: HubState,
    /// How the public reaches the hub.
    #[serde(default)]
    pub contact: Contact,
    /// The languages spoken there, ISO 639-1.
    #[serde(default)]
    pub languages: Vec<String>,
    /// What helps people to get in and to stay.
    #[serde(default)]
    pub accessibility: Accessibility,
    /// What is there to be used.
    #[serde(default)]
    pub equipment: Vec<Equipment>,
    /// The retired devices, whose touches no longer count.
    #[serde(default)]
    pub retired_devices: Vec<RetiredDevice>,
}

/// Where a hub is in its life.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum HubState {
    /// It is being described; only those who run it see it.
    Draft,
    /// It is in the directory and admits people in its hours.
    #[default]
    Live,
    /// It admits nobody for a while.
    Paused {
        /// The beginning of the pause.
        since: Timestamp,
        /// The day on which the hours count again by themselves, if it is known.
        reopens_on: Option<Date>,
        /// What the public reads.
        note: Option<String>,
    },
    /// It admits nobody any more.
    Closed {
        /// The end.
        since: Timestamp,
        /// What the public reads.
        note: Option<String>,
    },
}

impl HubState {
    /// The state as a word, in the database and in events.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Paused { .. } => "paused",
            Self::Closed { .. } => "closed",
        }
    }

    /// A draft goes live.
    pub(crate) fn open(self) -> Result<Self, MembershipError> {
        match self {
            Self::Draft => Ok(Self::Live),
            Self::Live | Self::Paused { .. } | Self::Closed { .. } => {
                Err(MembershipError::State("the hub is no draft"))
            }
        }
    }

    /// A live hub pauses; a paused one changes its note and its day.
    pub(crate) fn pause(
        self,
        since: Timestamp,
        reopens_on: Option<Date>,
        note: Option<String>,
    ) -> Result<Self, MembershipError> {
        match self {
            Self::Live => Ok(Self::Paused { since, reopens_on, note }),
            Self::Paused { .. } => Err(MembershipError::State("the hub is paused already")),
            Self::Draft | Self::Closed { .. } => Err(MembershipError::State("the hub is not live")),
        }
    }

    /// Any hub closes, once.
    pub(crate) fn close(self, since: Timestamp, note: Option<String>) -> Result<Self, MembershipError> {
        match self {
            Self::Draft | Self::Live | Self::Paused { .. } => Ok(Self::Closed { since, note }),
            Self::Closed { .. } => Err(MembershipError::State("the hub is closed already")),
        }
    }

    /// A paused or closed hub goes live again.
    pub(crate) fn reopen(self) -> Result<Self, MembershipError> {
        match self {
            Self::Paused { .. } | Self::Closed { .. } => Ok(Self::Live),
            Self::Draft | Self::Live => Err(MembershipError::State("the hub is neither paused nor closed")),
        }
    }
}

/// How the public reaches a hub.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Contact {
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The web site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// What helps people to get in and to stay.
#[expect(clippy::struct_excessive_bools, reason = "five facts that do not depend on each other")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Accessibility {
    /// A lift.
    pub lift: bool,
    /// No step between the street and the rooms.
    pub step_free: bool,
    /// An induction loop for hearing aids.
    pub induction_loop: bool,
    /// A quiet room.
    pub quiet_room: bool,
    /// An accessible toilet.
    pub accessible_toilet: bool,
}

impl Accessibility {
    /// Returns whether it has all that is wanted.
    pub(crate) fn has(self, wanted: Self) -> bool {
        let meets = |has: bool, wants: bool| has || !wants;
        meets(self.lift, wanted.lift)
            && meets(self.step_free, wanted.step_free)
            && meets(self.induction_loop, wanted.induction_loop)
            && meets(self.quiet_room, wanted.quiet_room)
            && meets(self.accessible_toilet, wanted.accessible_toilet)
    }
}

/// Something that is there to be used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Equipment {
    /// Its code, such as `projector` or `3d-printer`.
    pub code: String,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A device whose touches no longer count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RetiredDevice {
    /// The device.
    pub device: DeviceId,
    /// The time from which they do not.
    pub at: Timestamp,
}

/// Why a space or a resource is not used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OutOfUse {
    /// The first day.
    pub from: Date,
    /// The day on which it is used again; `None` if it was taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What people read.
    pub reason: String,
}

impl OutOfUse {
    /// Returns whether a day is among them.
    pub(crate) fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

impl Hub {
    /// Returns whether only those who run it see it.
    pub fn is_draft(&self) -> bool {
        self.details.state == HubState::Draft
    }

    /// Returns the state at an instant: a pause ends on the day on which the hub reopens.
    pub fn state_at(&self, now: Timestamp) -> HubState {
        match &self.details.state {
            HubState::Paused { reopens_on: Some(day), .. } if self.time_zone.start_of(*day) <= now => {
                HubState::Live
            }
            state => state.clone(),
        }
    }

    /// Evaluates the timetable again, after it or the place has changed.
    pub(crate) fn evaluate_hours(&mut self) -> Result<(), MembershipError> {
        self.opening_hours = self.timetable.compile(&self.time_zone, &self.address.country, self.position)?;
        Ok(())
    }

    /// Returns whether a reporter was retired when it reported a touch.
    pub(crate) fn is_retired(&self, reporter: &str, at: Timestamp) -> bool {
        let retired = &self.details.retired_devices;
        retired.iter().any(|it| it.at <= at && it.device.to_string() == reporter)
    }

    /// Returns the maximum number of people inside (R24).
    pub(crate) fn hard_capacity(&self) -> i64 {
        if self.capacity_is_soft { i64::MAX } else { self.capacity.into() }
    }
}

/// The kind of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubKind {
    /// Shared offices.
    Coworking,
    /// A library.
    Library,
    /// A community centre.
    Community,
    /// A social enterprise.
    SocialEnterprise,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postal_code: String,
    /// Country, ISO 3166 alpha-2.
    pub country: String,
}

/// A space of a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// The stable id.
    pub id: SpaceId,
    /// The hub's own code for it.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The purpose of the space.
    pub kind: SpaceKind,
    /// The number of people who fit in.
    pub capacity: u32,
    /// Why it is not used, and when.
    pub out_of_use: Option<OutOfUse>,
    /// The resources in the space.
    pub resources: Vec<Resource>,
}

/// The purpose of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpaceKind {
    /// A reception.
    Reception,
    /// A café.
    Cafe,
    /// An open space with shared desks.
    OpenSpace,
    /// A private office.
    Office,
    /// A meeting room.
    MeetingRoom,
    /// A lecture hall.
    LectureHall,
    /// A workshop.
    Workshop,
    /// A room with public computers.
    ComputerRoom,
}

/// A resource in a space that one person uses at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The stable id.
    pub id: ResourceId,
    /// The hub's own code for it.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The kind of resource.
    pub kind: ResourceKind,
    /// Why it is not used, and when.
    pub out_of_use: Option<OutOfUse>,
}

/// The kind of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// A desk.
    Desk,
    /// A computer.
    Computer,
    /// A printer.
    Printer,
    /// A whole room.
    Room,
}

/// A monthly plan that a hub sells.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The stable id.
    pub id: PlanId,
    /// The hub's own code for it.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The monthly fee, in minor units of the hub's currency.
    pub monthly_fee_minor: i64,
    /// The minutes of presence included in the fee.
    pub included_minutes: u32,
    /// Whether the plan allows a roaming pass.
    pub roaming: bool,
    /// The categories that may take the plan; empty means all.
    pub categories: Vec<crate::Category>,
}

impl Plan {
    /// Returns whether members of a category may take the plan.
    pub(crate) fn is_for(&self, category: crate::Category) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }
}

/// A reader, kiosk or door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The stable id.
    pub id: DeviceId,
    /// The code that the device writes in its log.
    pub code: String,
    /// The kind of device.
    pub kind: DeviceKind,
    /// When it was retired; its touches count until then.
    pub retired_at: Option<Timestamp>,
}

/// The kind of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A chip reader.
    Reader,
    /// A touch-screen kiosk.
    Kiosk,
    /// A door.
    Door,
}
