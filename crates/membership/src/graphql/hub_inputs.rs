//! Inputs of the mutations that change a hub.

use async_graphql::{Error, ID, InputObject};
use graph::{Given, coded, parse_id};
use jiff::civil::{Date, Time};
use kernel::{NetworkId, ResourceId, SpaceId};
use serde::Deserialize;

use super::{
    input::{AddressInput, PositionInput, SpaceInput, decimal},
    refuse,
};
use crate::{
    Accessibility, AddResource, AddSpace, Address, ChangeHours, ChangeHub, ChangeResource, ChangeSpace,
    Contact, DayHours, DeviceKind, Equipment, HubKind, MembershipError, NewDevice, NewDeviceCode,
    NewResource, Position, ResourceKind, SpaceKind, SpecialHours, StartHub, TakeOut, Target, Thing,
};

/// Makes the fields and the reading of the hub that an input changes.
macro_rules! targets {
    ($($name:ident),*) => {$(
        impl $name {
            pub(super) fn target(&self) -> Result<Target, Error> {
                Ok(Target { hub: parse_id(&self.hub_id, "hubId")?, expected: self.expected_version.into() })
            }
        }
    )*};
}

targets!(
    ChangeHubInput,
    ChangeOpeningHoursInput,
    WithdrawOpeningHoursInput,
    CloseHubOnInput,
    OpenHubOnInput,
    WithdrawSpecialHoursInput,
    AddSpaceInput,
    ChangeSpaceInput,
    AddResourceInput,
    ChangeResourceInput,
    TakeOutOfUseInput,
    PutBackIntoUseInput,
    AddDeviceInput,
    RenameDeviceInput,
    RetireDeviceInput,
    PauseHubInput,
    CloseHubInput,
    ReopenHubInput,
    OpenHubInput
);

/// The parts of a hub's description to change; what is left out stays.
#[derive(InputObject, Debug, Clone)]
pub struct ChangeHubInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The display name, in the hub's language.
    pub name: Option<String>,
    /// The legal entity that signs contracts.
    pub legal_name: Option<String>,
    /// The tax number.
    pub tax_number: Option<String>,
    /// The kind of hub.
    pub kind: Option<HubKind>,
    /// The language of the hub: en, cs, pl or uk.
    pub language: Option<String>,
    /// The languages spoken there, ISO 639-1.
    pub languages: Option<Vec<String>>,
    /// The number of people in the catchment area.
    pub catchment_population: Option<u32>,
    /// The number of people who fit in at once. Who is inside stays, even if they are more.
    pub capacity: Option<u32>,
    /// Whether people are let in beyond the capacity.
    pub capacity_is_soft: Option<bool>,
    /// The postal address.
    pub address: Option<AddressInput>,
    /// The position on the map.
    pub position: Option<PositionInput>,
    /// How the public reaches the hub, as a whole.
    pub contact: Option<ContactInput>,
    /// What helps people to get in and to stay, as a whole.
    pub accessibility: Option<AccessibilityInput>,
    /// What is there to be used, as a whole.
    pub equipment: Option<Vec<EquipmentInput>>,
}

/// How the public reaches a hub.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactInput {
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The web site.
    pub website: Option<String>,
}

/// What helps people to get in and to stay; what is left out is not there, or, in a search, not asked for.
#[derive(InputObject, Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "five facts that do not depend on each other")]
pub struct AccessibilityInput {
    /// A lift.
    #[graphql(default)]
    pub lift: bool,
    /// No step between the street and the rooms.
    #[graphql(default)]
    pub step_free: bool,
    /// An induction loop for hearing aids.
    #[graphql(default)]
    pub induction_loop: bool,
    /// A quiet room.
    #[graphql(default)]
    pub quiet_room: bool,
    /// An accessible toilet.
    #[graphql(default)]
    pub accessible_toilet: bool,
}

/// Something that is there to be used.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EquipmentInput {
    /// Its code: lower-case letters, digits and dashes, such as `projector`.
    pub code: String,
    /// What to know about it.
    pub note: Option<String>,
}

impl From<AccessibilityInput> for Accessibility {
    fn from(input: AccessibilityInput) -> Self {
        let AccessibilityInput { lift, step_free, induction_loop, quiet_room, accessible_toilet } = input;
        Self { lift, step_free, induction_loop, quiet_room, accessible_toilet }
    }
}

impl PositionInput {
    pub(super) fn read(&self, field: &str) -> Result<Position, MembershipError> {
        Ok(Position {
            latitude: decimal(&format!("{field}.latitude"), &self.latitude)?,
            longitude: decimal(&format!("{field}.longitude"), &self.longitude)?,
        })
    }
}

impl From<AddressInput> for Address {
    fn from(input: AddressInput) -> Self {
        let AddressInput { street, city, postal_code, country } = input;
        Self { street, city, postal_code, country }
    }
}

impl ChangeHubInput {
    pub(super) fn command(self) -> Result<ChangeHub, Error> {
        let contact = |it: ContactInput| Contact { email: it.email, phone: it.phone, website: it.website };
        let equipment = |it: EquipmentInput| Equipment { code: it.code, note: it.note };
        Ok(ChangeHub {
            name: self.name,
            legal_name: self.legal_name,
            tax_number: self.tax_number,
            kind: self.kind,
            language: self.language,
            languages: self.languages,
            catchment_population: self.catchment_population,
            capacity: self.capacity,
            capacity_is_soft: self.capacity_is_soft,
            address: self.address.map(Into::into),
            position: self.position.map(|it| it.read("position")).transpose().map_err(refuse)?,
            contact: self.contact.map(contact),
            accessibility: self.accessibility.map(Into::into),
            equipment: self.equipment.map(|all| all.into_iter().map(equipment).collect()),
        })
    }
}

/// New usual hours.
#[derive(InputObject, Debug, Clone)]
pub struct ChangeOpeningHoursInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The opening hours in the OpenStreetMap syntax.
    pub opening_hours: String,
    /// The first day on which they count: today or later.
    pub from: Given<Date>,
}

impl ChangeOpeningHoursInput {
    pub(super) fn command(self) -> Result<ChangeHours, Error> {
        Ok(ChangeHours { opening_hours: self.opening_hours, from: self.from.of("from")? })
    }
}

/// The usual hours to take back.
#[derive(InputObject, Debug, Clone)]
pub struct WithdrawOpeningHoursInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The first day of these hours, after today.
    pub from: Given<Date>,
}

/// The days on which a hub does not open.
#[derive(InputObject, Debug, Clone)]
pub struct CloseHubOnInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The first day: today or later.
    pub from: Given<Date>,
    /// The last day; the first one by default.
    pub through: Option<Given<Date>>,
    /// What the public reads.
    pub note: Option<String>,
}

/// The days on which a hub is open at other times.
#[derive(InputObject, Debug, Clone)]
pub struct OpenHubOnInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The first day: today or later.
    pub from: Given<Date>,
    /// The last day; the first one by default.
    pub through: Option<Given<Date>>,
    /// The closing time, such as `22:00`, if the hub opens as usual; not with `open`.
    pub until: Option<String>,
    /// The times at which it is open instead of the usual ones.
    pub open: Option<Vec<OpenTimesInput>>,
    /// What the public reads.
    pub note: Option<String>,
}

/// From when until when a hub is open.
#[derive(InputObject, Debug, Clone)]
pub struct OpenTimesInput {
    /// The beginning, such as `08:00`.
    pub from: String,
    /// The end, such as `12:30`; of the next day if it is not after the beginning.
    pub until: String,
}

fn time(field: &str, text: &str) -> Result<Time, Error> {
    let fits = text.len() == 5 && text.is_char_boundary(2);
    let read = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|sign| sign.is_ascii_digit());
        if !digits(hour) || !digits(minute) {
            return None;
        }
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    };
    let time = fits.then(|| read(text)).flatten();
    time.ok_or_else(|| coded(MembershipError::invalid(field, "a time of the day, such as 22:00")))
}

fn range(from: Given<Date>, through: Option<Given<Date>>) -> Result<(Date, Date), Error> {
    let from = from.of("from")?;
    Ok((from, Given::optional(through, "through")?.unwrap_or(from)))
}

impl CloseHubOnInput {
    pub(super) fn command(self) -> Result<SpecialHours, Error> {
        let (from, through) = range(self.from, self.through)?;
        Ok(SpecialHours { from, through, hours: DayHours::Closed, note: self.note })
    }
}

impl OpenHubOnInput {
    pub(super) fn command(self) -> Result<SpecialHours, Error> {
        let (from, through) = range(self.from, self.through)?;
        let hours = match (self.until, self.open) {
            (Some(until), None) => DayHours::Until(time("until", &until)?),
            (None, Some(open)) => DayHours::Open(
                open.iter()
                    .enumerate()
                    .map(|(place, it)| {
                        let at = |field: &str| format!("open[{place}].{field}");
                        Ok((time(&at("from"), &it.from)?, time(&at("until"), &it.until)?))
                    })
                    .collect::<Result<_, Error>>()?,
            ),
            _ => return Err(coded(MembershipError::invalid("until", "either until or open"))),
        };
        Ok(SpecialHours { from, through, hours, note: self.note })
    }
}

/// The special days to take back.
#[derive(InputObject, Debug, Clone)]
pub struct WithdrawSpecialHoursInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The first day: today or later.
    pub from: Given<Date>,
    /// The last day; the first one by default.
    pub through: Option<Given<Date>>,
}

impl WithdrawSpecialHoursInput {
    pub(super) fn days(self) -> Result<(Date, Date), Error> {
        range(self.from, self.through)
    }
}

/// The space to add.
#[derive(InputObject, Debug, Clone)]
pub struct AddSpaceInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The space, with its resources.
    pub space: SpaceInput,
}

impl AddSpaceInput {
    pub(super) fn command(self) -> AddSpace {
        self.space.into()
    }
}

/// The parts of a space to change; what is left out stays.
#[derive(InputObject, Debug, Clone)]
pub struct ChangeSpaceInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The space.
    pub space_id: ID,
    /// The display name.
    pub name: Option<String>,
    /// The purpose of the space.
    pub kind: Option<SpaceKind>,
    /// The number of people who fit in.
    pub capacity: Option<u32>,
}

impl ChangeSpaceInput {
    pub(super) fn command(self) -> Result<ChangeSpace, Error> {
        let space = parse_id(&self.space_id, "spaceId")?;
        Ok(ChangeSpace { space, name: self.name, kind: self.kind, capacity: self.capacity })
    }
}

/// The resource to add.
#[derive(InputObject, Debug, Clone)]
pub struct AddResourceInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The space it stands in.
    pub space_id: ID,
    /// The hub's own code for it, unique within the hub.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The kind of resource.
    pub kind: ResourceKind,
}

impl AddResourceInput {
    pub(super) fn command(self) -> Result<AddResource, Error> {
        let resource = NewResource { code: self.code, name: self.name, kind: self.kind };
        Ok(AddResource { space: parse_id(&self.space_id, "spaceId")?, resource })
    }
}

/// The parts of a resource to change; what is left out stays.
#[derive(InputObject, Debug, Clone)]
pub struct ChangeResourceInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The resource.
    pub resource_id: ID,
    /// The display name.
    pub name: Option<String>,
    /// The kind of resource.
    pub kind: Option<ResourceKind>,
}

impl ChangeResourceInput {
    pub(super) fn command(self) -> Result<ChangeResource, Error> {
        let resource = parse_id(&self.resource_id, "resourceId")?;
        Ok(ChangeResource { resource, name: self.name, kind: self.kind })
    }
}

/// What is not used: a space or a resource.
#[derive(InputObject, Debug, Clone)]
pub struct TakeOutOfUseInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The space, with everything in it; not with `resourceId`.
    pub space_id: Option<ID>,
    /// The resource; not with `spaceId`.
    pub resource_id: Option<ID>,
    /// The first day; today by default.
    pub from: Option<Given<Date>>,
    /// The day on which it is used again, if it is out of order; without it, it is taken out.
    pub until: Option<Given<Date>>,
    /// What people read.
    pub reason: String,
}

impl TakeOutOfUseInput {
    pub(super) fn command(self) -> Result<TakeOut, Error> {
        Ok(TakeOut {
            thing: thing(self.space_id.as_ref(), self.resource_id.as_ref())?,
            from: Given::optional(self.from, "from")?,
            until: Given::optional(self.until, "until")?,
            reason: self.reason,
        })
    }
}

/// What is used again: a space or a resource.
#[derive(InputObject, Debug, Clone)]
pub struct PutBackIntoUseInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The space; not with `resourceId`.
    pub space_id: Option<ID>,
    /// The resource; not with `spaceId`.
    pub resource_id: Option<ID>,
}

impl PutBackIntoUseInput {
    pub(super) fn thing(&self) -> Result<Thing, Error> {
        thing(self.space_id.as_ref(), self.resource_id.as_ref())
    }
}

fn thing(space: Option<&ID>, resource: Option<&ID>) -> Result<Thing, Error> {
    match (space, resource) {
        (Some(space), None) => Ok(Thing::Space(parse_id::<SpaceId>(space, "spaceId")?)),
        (None, Some(resource)) => Ok(Thing::Resource(parse_id::<ResourceId>(resource, "resourceId")?)),
        _ => Err(coded(MembershipError::invalid("spaceId", "either a space or a resource"))),
    }
}

/// The device to add.
#[derive(InputObject, Debug, Clone)]
pub struct AddDeviceInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The code that the device writes in its log, unique within the hub.
    pub code: String,
    /// The kind of device.
    pub kind: DeviceKind,
}

impl AddDeviceInput {
    pub(super) fn command(self) -> NewDevice {
        NewDevice { code: self.code, kind: self.kind }
    }
}

/// The device to rename.
#[derive(InputObject, Debug, Clone)]
pub struct RenameDeviceInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The device.
    pub device_id: ID,
    /// The code that the device writes in its log, unique within the hub.
    pub code: String,
}

impl RenameDeviceInput {
    pub(super) fn command(self) -> Result<NewDeviceCode, Error> {
        Ok(NewDeviceCode { device: parse_id(&self.device_id, "deviceId")?, code: self.code })
    }
}

/// The device to retire.
#[derive(InputObject, Debug, Clone)]
pub struct RetireDeviceInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The device.
    pub device_id: ID,
}

/// The hub to pause.
#[derive(InputObject, Debug, Clone)]
pub struct PauseHubInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// The day on which the hub opens again by itself, after today; without it, somebody reopens it.
    pub reopens_on: Option<Given<Date>>,
    /// What the public reads.
    pub note: Option<String>,
}

/// The hub to close.
#[derive(InputObject, Debug, Clone)]
pub struct CloseHubInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
    /// What the public reads.
    pub note: Option<String>,
}

/// The hub to open again.
#[derive(InputObject, Debug, Clone)]
pub struct ReopenHubInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
}

/// The draft to take live.
#[derive(InputObject, Debug, Clone)]
pub struct OpenHubInput {
    /// The hub.
    pub hub_id: ID,
    /// The version that the caller has seen; another one is refused with `VERSION_CONFLICT`.
    pub expected_version: i32,
}

/// The draft to start.
#[derive(InputObject, Debug, Clone)]
pub struct StartHubInput {
    /// The network to join; by default the caller's own.
    pub network_id: Option<ID>,
    /// The slug used in URLs: lower-case letters, digits and dashes; unique in the installation.
    pub slug: String,
    /// The display name, in the hub's language.
    pub name: String,
    /// The kind of hub.
    pub kind: HubKind,
    /// The language of the hub: en, cs, pl or uk.
    pub language: String,
    /// The IANA time zone that bounds the hub's days and months.
    pub time_zone: String,
    /// The ISO 4217 currency the hub charges in.
    pub currency: String,
    /// Country, ISO 3166 alpha-2.
    pub country: String,
    /// The number of people who fit in at once.
    pub capacity: u32,
    /// Whether to begin with the hours, spaces, resources and plans that a hub of its kind usually has. False by default.
    #[graphql(default)]
    pub from_template: bool,
}

impl StartHubInput {
    pub(super) fn command(self, network: NetworkId) -> Result<StartHub, MembershipError> {
        Ok(StartHub {
            network,
            slug: self.slug,
            name: self.name,
            kind: self.kind,
            language: self.language,
            time_zone: self.time_zone.parse()?,
            currency: self.currency.parse()?,
            country: self.country,
            capacity: self.capacity,
            from_template: self.from_template,
        })
    }
}

/// A point and a distance from it.
#[derive(InputObject, Debug, Clone)]
pub struct NearInput {
    /// Degrees north, as a decimal.
    pub latitude: String,
    /// Degrees east, as a decimal.
    pub longitude: String,
    /// The farthest distance; without it, all hubs, nearest first.
    pub within_km: Option<u32>,
}

impl NearInput {
    pub(super) fn read(&self) -> Result<(Position, Option<u32>), MembershipError> {
        let position = Position {
            latitude: decimal("near.latitude", &self.latitude)?,
            longitude: decimal("near.longitude", &self.longitude)?,
        };
        Ok((position, self.within_km))
    }
}
