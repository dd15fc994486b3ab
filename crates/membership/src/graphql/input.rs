//! What mutations are given. The same structures are read from onboarding files, so a file *is* a mutation's input.

use async_graphql::{Error, ID, InputObject};
use graph::{Category, Given, coded, parse_id};
use jiff::Timestamp;
use kernel::{EmailAddress, NetworkId, OpContext, PersonName, Slug, TextError, parse_decimal};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::{
    Address, DeviceKind, Direction, EnrollMember, FoundNetwork, HubKind, IssueChip, MembershipError,
    NewDevice, NewPlan, NewResource, NewSpace, OnboardHub, Position, Reported, ResourceKind, Source,
    SpaceKind, Who,
};

/// A network to be.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundNetworkInput {
    /// The name in addresses: small letters, digits, dashes.
    pub slug: String,
    /// The name for people.
    pub name: String,
    /// The ISO 4217 currency in which hubs of different currencies clear.
    pub clearing_currency: String,
    /// The IANA time zone of the network's months.
    pub time_zone: String,
    /// What the home hub keeps of a roaming charge, in basis points (1/100 of a percent).
    pub home_commission_bp: u32,
    /// What the network keeps of a roaming charge, in basis points.
    pub network_commission_bp: u32,
    /// Whether it is for trying things out: an installation that calls itself a production does not serve it.
    #[serde(skip)]
    pub demonstration: Option<bool>,
}

impl TryFrom<FoundNetworkInput> for FoundNetwork {
    type Error = MembershipError;
    fn try_from(input: FoundNetworkInput) -> Result<Self, MembershipError> {
        Ok(Self {
            slug: input.slug,
            name: input.name,
            clearing_currency: input
                .clearing_currency
                .parse()
                .map_err(|error| MembershipError::invalid("clearingCurrency", error))?,
            time_zone: input.time_zone.parse()?,
            home_commission_bp: input.home_commission_bp,
            network_commission_bp: input.network_commission_bp,
            demonstration: input.demonstration.unwrap_or_default(),
        })
    }
}

/// A hub to be.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnboardHubInput {
    /// The network to join; the caller's own when not said.
    #[serde(skip)]
    pub network_id: Option<ID>,
    /// The name in addresses: small letters, digits, dashes; unique in the installation.
    pub slug: String,
    /// The name for people, in the hub's language.
    pub name: String,
    /// The body that signs contracts.
    pub legal_name: String,
    /// Its tax number.
    pub tax_number: String,
    /// What sort of place it is.
    pub kind: HubKind,
    /// The language of the place: en, cs, pl or uk.
    pub language: String,
    /// The IANA time zone in which its days and months are cut.
    pub time_zone: String,
    /// The ISO 4217 currency it charges in.
    pub currency: String,
    /// Opening hours in the OpenStreetMap syntax, such as `Mo-Fr 08:00-20:00; Sa 09:00-13:00; PH off`.
    pub opening_hours: String,
    /// How many people live around it.
    pub catchment_population: u32,
    /// How many people fit in at once. Nobody more is let in.
    pub capacity: u32,
    /// Whether more are let in all the same, and the capacity only shows how full it is. No, when not said.
    #[graphql(default)]
    #[serde(default)]
    pub capacity_is_soft: bool,
    /// Where it stands.
    pub address: AddressInput,
    /// Where it stands on the map.
    pub position: PositionInput,
    /// The rooms.
    #[graphql(default)]
    #[serde(default)]
    pub spaces: Vec<SpaceInput>,
    /// What it sells by the month.
    #[graphql(default)]
    #[serde(default)]
    pub plans: Vec<PlanInput>,
    /// Its readers, kiosks and doors.
    #[graphql(default)]
    #[serde(default)]
    pub devices: Vec<DeviceInput>,
}

/// A postal address.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressInput {
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
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionInput {
    /// Degrees north, as a decimal.
    pub latitude: String,
    /// Degrees east, as a decimal.
    pub longitude: String,
}

/// A room to be.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceInput {
    /// The name in the hub's papers, unique there.
    pub code: String,
    /// The name for people.
    pub name: String,
    /// What it is for.
    pub kind: SpaceKind,
    /// How many people fit in.
    pub capacity: u32,
    /// What stands in it.
    #[graphql(default)]
    #[serde(default)]
    pub resources: Vec<ResourceInput>,
}

/// A desk, computer or printer to be.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceInput {
    /// The name in the hub's papers, unique there.
    pub code: String,
    /// The name for people.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
}

/// A plan to be.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanInput {
    /// The name in the hub's papers, unique there.
    pub code: String,
    /// The name for people.
    pub name: String,
    /// The fee of a month in major units of the hub's currency, as a decimal.
    pub monthly_fee: String,
    /// Minutes of presence the fee includes.
    pub included_minutes: u32,
    /// Whether a roaming pass may go with it.
    pub roaming: bool,
    /// Who may have it; empty means everybody.
    #[graphql(default)]
    #[serde(default)]
    pub categories: Vec<Category>,
}

/// A device to be.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceInput {
    /// The name in the device's own log, unique in the hub.
    pub code: String,
    /// What it is.
    pub kind: DeviceKind,
}

fn decimal(field: &str, text: &str) -> Result<Decimal, MembershipError> {
    parse_decimal(text).map_err(|error| MembershipError::invalid(field, error))
}

impl OnboardHubInput {
    /// The command, for a network.
    pub(super) fn command(self, network: NetworkId) -> Result<OnboardHub, MembershipError> {
        let plan = |(place, it): (usize, PlanInput)| {
            let monthly_fee = decimal(&format!("plans[{place}].monthlyFee"), &it.monthly_fee)?;
            let PlanInput { code, name, included_minutes, roaming, categories, .. } = it;
            let categories = categories.into_iter().map(Into::into).collect();
            Ok(NewPlan { code, name, monthly_fee, included_minutes, roaming, categories })
        };
        Ok(OnboardHub {
            network,
            slug: self.slug,
            name: self.name,
            legal_name: self.legal_name,
            tax_number: self.tax_number,
            kind: self.kind,
            language: self.language,
            time_zone: self.time_zone.parse()?,
            currency: self.currency.parse()?,
            opening_hours: self.opening_hours,
            catchment_population: self.catchment_population,
            capacity: self.capacity,
            capacity_is_soft: self.capacity_is_soft,
            address: Address {
                street: self.address.street,
                city: self.address.city,
                postal_code: self.address.postal_code,
                country: self.address.country,
            },
            position: Position {
                latitude: decimal("position.latitude", &self.position.latitude)?,
                longitude: decimal("position.longitude", &self.position.longitude)?,
            },
            spaces: self.spaces.into_iter().map(NewSpace::from).collect(),
            plans: self.plans.into_iter().enumerate().map(plan).collect::<Result<_, MembershipError>>()?,
            devices: self.devices.into_iter().map(|it| NewDevice { code: it.code, kind: it.kind }).collect(),
        })
    }
}

impl From<SpaceInput> for NewSpace {
    fn from(input: SpaceInput) -> Self {
        let resource = |it: ResourceInput| NewResource { code: it.code, name: it.name, kind: it.kind };
        Self {
            code: input.code,
            name: input.name,
            kind: input.kind,
            capacity: input.capacity,
            resources: input.resources.into_iter().map(resource).collect(),
        }
    }
}

/// Who becomes a member.
#[derive(InputObject, Debug, Clone)]
pub struct EnrollMemberInput {
    /// The home hub.
    pub hub_id: ID,
    /// Their name.
    pub name: String,
    /// Their e-mail; one person has one in a network.
    pub email: String,
    /// The language they read: en, cs, pl or uk.
    pub language: String,
    /// What they are to the hub; selects prices.
    pub category: Category,
    /// The code of the plan they take.
    pub plan: Option<String>,
    /// Since when; now when not said, never in the future.
    pub joined_at: Option<Given<Timestamp>>,
}

impl EnrollMemberInput {
    pub(super) fn command(self) -> Result<EnrollMember, Error> {
        Ok(EnrollMember {
            hub: parse_id(&self.hub_id, "hubId")?,
            name: PersonName::parse(&self.name).map_err(invalid_text("name"))?,
            email: EmailAddress::parse(&self.email).map_err(invalid_text("email"))?,
            language: self.language,
            category: self.category.into(),
            plan: self.plan.as_deref().map(Slug::parse).transpose().map_err(invalid_text("plan"))?,
            joined_at: Given::optional(self.joined_at, "joinedAt")?,
        })
    }
}

/// How a text that breaks its rule is answered.
fn invalid_text(field: &'static str) -> impl Fn(TextError) -> Error {
    move |error| coded(MembershipError::invalid(field, error))
}

/// Which chip for whom.
#[derive(InputObject, Debug, Clone)]
pub struct IssueChipInput {
    /// The member.
    pub member_id: ID,
    /// The number a reader sees: 4 to 10 whole bytes, two hexadecimal digits each.
    pub number: String,
    /// Since when it works; now when not said, never in the future.
    pub issued_at: Option<Given<Timestamp>>,
}

impl IssueChipInput {
    pub(super) fn command(self) -> Result<IssueChip, Error> {
        let number = self
            .number
            .parse()
            .map_err(|error: crate::ChipNumberError| coded(MembershipError::from(error)))?;
        Ok(IssueChip {
            member: parse_id(&self.member_id, "memberId")?,
            number,
            issued_at: Given::optional(self.issued_at, "issuedAt")?,
        })
    }
}

/// One check-in or check-out. Name the chip, or, as staff, the member.
#[derive(InputObject, Debug, Clone)]
pub struct TouchInput {
    /// The hub.
    pub hub_id: ID,
    /// The chip's number as the reader sees it.
    pub chip: Option<String>,
    /// The member, when the staff checks them in or out by hand.
    pub member_id: Option<ID>,
    /// The reporter's own id of this touch, at most 64 bytes. The same id again answers as before and changes
    /// nothing; without one, the `Idempotency-Key` header serves.
    pub event_id: Option<String>,
    /// When it happened; now when not said. At most seven days ago.
    pub at: Option<Given<Timestamp>>,
}

impl TouchInput {
    pub(super) fn reported(self, op: &OpContext, direction: Direction) -> Result<Reported, Error> {
        let (who, source) = match (self.chip, self.member_id) {
            (Some(chip), None) => {
                let number = chip.parse().map_err(|error| coded(MembershipError::invalid("chip", error)))?;
                (Who::Chip(number), Source::Chip)
            }
            (None, Some(member)) => (Who::Member(parse_id(&member, "memberId")?), Source::Operator),
            _ => return Err(coded(MembershipError::invalid("chip", "either a chip or a member"))),
        };
        let by_key = || op.idempotency_key().map(|key| format!("key:{key}"));
        let event_id =
            self.event_id.or_else(by_key).unwrap_or_else(|| op.new_id::<kernel::TouchId>().to_string());
        let at = Given::optional(self.at, "at")?;
        Ok(Reported { event_id, at, who, direction, source })
    }
}

/// Which chip to revoke.
#[derive(InputObject, Debug, Clone)]
pub struct RevokeChipInput {
    /// The chip's id.
    pub chip_id: ID,
}

/// Whom to erase.
#[derive(InputObject, Debug, Clone)]
pub struct EraseMemberInput {
    /// The member.
    pub member_id: ID,
}

/// A device's log, or a piece of it.
#[derive(InputObject, Debug, Clone)]
pub struct UploadDeviceLogInput {
    /// The hub.
    pub hub_id: ID,
    /// The device's code in that hub.
    pub device: String,
    /// Its lines, at most 500 at once, in any order.
    pub lines: Vec<LogLineInput>,
}

/// One line of a device's log.
#[derive(InputObject, Debug, Clone)]
pub struct LogLineInput {
    /// The device's own id of the touch, at most 64 bytes.
    pub event_id: String,
    /// When, by the device's clock.
    pub at: Given<Timestamp>,
    /// The chip's number.
    pub credential: String,
    /// Which way.
    pub direction: Direction,
}

impl LogLineInput {
    /// The touch of this line; refused alone, so that one bad line does not hold up the rest.
    pub(super) fn reported(self) -> Result<Reported, MembershipError> {
        crate::app::check_event_id(&self.event_id)?;
        let number =
            self.credential.parse().map_err(|error| MembershipError::invalid("credential", error))?;
        let at = self.at.read().map_err(|error| MembershipError::invalid("at", error))?;
        let (event_id, direction) = (self.event_id, self.direction);
        Ok(Reported { event_id, at: Some(at), who: Who::Chip(number), direction, source: Source::Chip })
    }
}
