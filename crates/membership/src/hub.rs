//! Hub: the tenant, one location. Always true: its slug is unique in the whole installation, its currency and zone
//! never change, and what describes it is public.

use jiff::Timestamp;
use kernel::{Currency, DeviceId, HubId, NetworkId, PlanId, ResourceId, SpaceId, Zone};
use rust_decimal::Decimal;

use crate::OpeningHours;

/// One location with its own legal identity.
#[derive(Debug, Clone)]
pub struct Hub {
    /// The stable id.
    pub id: HubId,
    /// The network it belongs to.
    pub network: NetworkId,
    /// The name in addresses.
    pub slug: String,
    /// The name for people, in the hub's language.
    pub name: String,
    /// The body that signs contracts.
    pub legal_name: String,
    /// Its tax number.
    pub tax_number: String,
    /// What sort of place it is.
    pub kind: HubKind,
    /// Language of the place, ISO 639-1.
    pub language: String,
    /// Its zone: days and months of the hub are cut here.
    pub time_zone: Zone,
    /// What it charges in.
    pub currency: Currency,
    /// When it is open.
    pub opening_hours: OpeningHours,
    /// How many people live around it.
    pub catchment_population: u32,
    /// How many people fit in at once.
    pub capacity: u32,
    /// Whether more are let in all the same, and only counted.
    pub capacity_is_soft: bool,
    /// Where it stands.
    pub address: Address,
    /// Where it stands on the map.
    pub position: Position,
    /// When it joined.
    pub onboarded_at: Timestamp,
}

impl Hub {
    /// How many people may be inside at most (R24).
    pub(crate) fn hard_capacity(&self) -> i64 {
        if self.capacity_is_soft { i64::MAX } else { self.capacity.into() }
    }
}

/// What sort of place a hub is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubKind {
    /// Shared offices.
    Coworking,
    /// A library.
    Library,
    /// A community house.
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

/// A point on the map, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Degrees north.
    pub latitude: Decimal,
    /// Degrees east.
    pub longitude: Decimal,
}

/// A room of a hub.
#[derive(Debug, Clone)]
pub struct Space {
    /// The stable id.
    pub id: SpaceId,
    /// Its name in the hub's own papers.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub kind: SpaceKind,
    /// How many people fit in.
    pub capacity: u32,
    /// What stands in it.
    pub resources: Vec<Resource>,
}

/// What a space is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpaceKind {
    /// Where people arrive.
    Reception,
    /// Coffee.
    Cafe,
    /// Shared desks.
    OpenSpace,
    /// A private office.
    Office,
    /// A room for meetings.
    MeetingRoom,
    /// A hall for lectures.
    LectureHall,
    /// A workshop.
    Workshop,
    /// Computers for everyone.
    ComputerRoom,
}

/// Something in a space that one person uses at a time.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The stable id.
    pub id: ResourceId,
    /// Its name in the hub's own papers.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
}

/// What a resource is.
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

/// What a hub sells by the month.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The stable id.
    pub id: PlanId,
    /// Its name in the hub's own papers.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// The fee of a month, in minor units of the hub's currency.
    pub monthly_fee_minor: i64,
    /// Minutes of presence the fee includes.
    pub included_minutes: u32,
    /// Whether a roaming pass may be given with it.
    pub roaming: bool,
    /// Who may have it; empty means everybody.
    pub categories: Vec<crate::Category>,
}

/// A reader, kiosk or door.
#[derive(Debug, Clone)]
pub struct Device {
    /// The stable id.
    pub id: DeviceId,
    /// Its name in its own log.
    pub code: String,
    /// What it is.
    pub kind: DeviceKind,
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A chip reader.
    Reader,
    /// A screen people touch.
    Kiosk,
    /// A door.
    Door,
}
