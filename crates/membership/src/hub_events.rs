//! The events about a hub. Each states all of it, with a version that increases by one with every change.
//!
//! Always true: a consumer that keeps the facts of the highest version it has seen is right, in whatever order events
//! arrive and whichever of them it missed. No person is named; a contact is one of the hub.

use jiff::{Timestamp, civil::Date};
use kernel::{Currency, DeviceId, HubId, NetworkId, Position, Published, ResourceId, SpaceId, Zone};
use serde::{Deserialize, Serialize};

use crate::{
    Accessibility, Address, Contact, Device, DeviceKind, Equipment, Hub, HubKind, HubState, OutOfUse,
    Resource, ResourceKind, Space, SpaceKind, Timetable,
};

/// All of a hub at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubFacts {
    /// The hub.
    pub hub_id: HubId,
    /// Its network.
    pub network_id: NetworkId,
    /// Increases by one with every change of the hub.
    pub version: i64,
    /// The time of the change.
    pub valid_from: Timestamp,
    /// Where the hub is in its life.
    pub state: HubState,
    /// The slug used in URLs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The legal entity that signs contracts.
    pub legal_name: String,
    /// The tax number.
    pub tax_number: String,
    /// The kind of hub.
    pub kind: HubKind,
    /// The hub's own language.
    pub language: String,
    /// The languages spoken there.
    pub languages: Vec<String>,
    /// The hub's time zone.
    pub time_zone: Zone,
    /// The currency the hub charges in.
    pub currency: Currency,
    /// The usual hours before the first later version, in the OpenStreetMap syntax.
    pub opening_hours: String,
    /// Later versions, special days and closures.
    pub timetable: Timetable,
    /// The number of people in the catchment area.
    pub catchment_population: u32,
    /// The number of people who fit in.
    pub capacity: u32,
    /// Whether people are let in beyond the capacity.
    pub capacity_is_soft: bool,
    /// The postal address.
    pub address: Address,
    /// The position on the map.
    pub position: Position,
    /// How the public reaches the hub.
    pub contact: Contact,
    /// What helps people to get in and to stay.
    pub accessibility: Accessibility,
    /// What is there to be used.
    pub equipment: Vec<Equipment>,
    /// The spaces.
    pub spaces: Vec<SpaceFacts>,
    /// The readers, kiosks and doors, also those that were retired.
    pub devices: Vec<DeviceFacts>,
}

/// A space of a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceFacts {
    /// The space.
    pub space_id: SpaceId,
    /// The hub's own code for it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The purpose of the space.
    pub kind: SpaceKind,
    /// The number of people who fit in.
    pub capacity: u32,
    /// Why it is not used, and when; omitted if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_use: Option<OutOfUse>,
    /// The resources in it.
    pub resources: Vec<ResourceFacts>,
}

/// A resource in a space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceFacts {
    /// The resource.
    pub resource_id: ResourceId,
    /// The hub's own code for it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The kind of resource.
    pub kind: ResourceKind,
    /// Why it is not used, and when; omitted if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of_use: Option<OutOfUse>,
}

/// A device of a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceFacts {
    /// The device.
    pub device_id: DeviceId,
    /// The code that the device writes in its log.
    pub code: String,
    /// The kind of device.
    pub kind: DeviceKind,
    /// When it was retired; omitted while it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Timestamp>,
}

macro_rules! about_a_hub {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub HubFacts);

        impl Published for $name {
            const TYPE: &'static str = $kind;
            fn subject(&self) -> String { self.0.hub_id.to_string() }
        }
    )*};
}

about_a_hub! {
    /// A hub joined a network and is live.
    HubOnboarded = "membership.hub_onboarded.v2";
    /// A hub changed, or a draft began.
    HubChanged = "membership.hub_changed.v1";
    /// A hub closed for good.
    HubClosed = "membership.hub_closed.v1";
}

impl HubFacts {
    /// States a hub with everything that is in it, as it is from an instant on.
    pub fn of(hub: &Hub, spaces: &[Space], devices: &[Device], valid_from: Timestamp) -> Self {
        Self {
            hub_id: hub.id,
            network_id: hub.network,
            version: hub.version,
            valid_from,
            state: hub.details.state.clone(),
            slug: hub.slug.clone(),
            name: hub.name.clone(),
            legal_name: hub.legal_name.clone(),
            tax_number: hub.tax_number.clone(),
            kind: hub.kind,
            language: hub.language.clone(),
            languages: hub.details.languages.clone(),
            time_zone: hub.time_zone.clone(),
            currency: hub.currency,
            opening_hours: hub.timetable.usual.clone(),
            timetable: Timetable { usual: String::new(), ..hub.timetable.clone() },
            catchment_population: hub.catchment_population,
            capacity: hub.capacity,
            capacity_is_soft: hub.capacity_is_soft,
            address: hub.address.clone(),
            position: hub.position,
            contact: hub.details.contact.clone(),
            accessibility: hub.details.accessibility,
            equipment: hub.details.equipment.clone(),
            spaces: spaces.iter().map(SpaceFacts::from).collect(),
            devices: devices.iter().map(DeviceFacts::from).collect(),
        }
    }

    /// Returns the usual hours of a day, as they are written.
    pub fn opening_hours_on(&self, day: Date) -> &str {
        self.timetable.later.range(..=day).next_back().map_or(&self.opening_hours, |(_, text)| text)
    }
}

impl From<&Space> for SpaceFacts {
    fn from(space: &Space) -> Self {
        Self {
            space_id: space.id,
            code: space.code.clone(),
            name: space.name.clone(),
            kind: space.kind,
            capacity: space.capacity,
            out_of_use: space.out_of_use.clone(),
            resources: space.resources.iter().map(ResourceFacts::from).collect(),
        }
    }
}

impl From<&Resource> for ResourceFacts {
    fn from(resource: &Resource) -> Self {
        Self {
            resource_id: resource.id,
            code: resource.code.clone(),
            name: resource.name.clone(),
            kind: resource.kind,
            out_of_use: resource.out_of_use.clone(),
        }
    }
}

impl From<&Device> for DeviceFacts {
    fn from(device: &Device) -> Self {
        Self {
            device_id: device.id,
            code: device.code.clone(),
            kind: device.kind,
            retired_at: device.retired_at,
        }
    }
}
