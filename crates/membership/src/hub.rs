//! Hub: the tenant, one location. Always true: its slug is unique in the whole installation, its currency and zone
//! never change, and its description is public.

use jiff::Timestamp;
use kernel::{Currency, DeviceId, HubId, NetworkId, PlanId, Position, ResourceId, SpaceId, Zone};
use platform_calendar::OpeningHours;

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
    /// The opening hours.
    pub opening_hours: OpeningHours,
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
}

impl Hub {
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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
pub struct Resource {
    /// The stable id.
    pub id: ResourceId,
    /// The hub's own code for it.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The kind of resource.
    pub kind: ResourceKind,
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

/// A reader, kiosk or door.
#[derive(Debug, Clone)]
pub struct Device {
    /// The stable id.
    pub id: DeviceId,
    /// The code that the device writes in its log.
    pub code: String,
    /// The kind of device.
    pub kind: DeviceKind,
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
