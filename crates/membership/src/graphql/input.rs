//! Inputs of mutations. Onboarding files are read into the same structures, so a file *is* a mutation's input.

use async_graphql::{Error, ID, InputObject};
use graph::{Category, Given, coded, parse_id};
use jiff::Timestamp;
use kernel::{EmailAddress, NetworkId, OpContext, PersonName, Slug, TextError, parse_decimal};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::{
    DeviceKind, Direction, EnrollMember, FoundNetwork, HubKind, IssueChip, MembershipError, NewDevice,
    NewPlan, NewResource, NewSpace, OnboardHub, Reported, ResourceKind, Source, SpaceKind, Who,
};

/// The network to found.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundNetworkInput {
    /// The slug used in URLs: lower-case letters, digits and dashes.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The ISO 4217 currency in which hubs of different currencies clear.
    pub clearing_currency: String,
    /// The IANA time zone that bounds the network's months.
    pub time_zone: String,
    /// The home hub's share of a roaming charge, in basis points (1/100 of a percent).
    pub home_commission_bp: u32,
    /// The network's share of a roaming charge, in basis points.
    pub network_commission_bp: u32,
    /// Whether this is a demonstration network: a production installation does not serve it.
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

/// The hub to onboard.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnboardHubInput {
    /// The network to join; by default the caller's own.
    #[serde(skip)]
    pub network_id: Option<ID>,
    /// The slug used in URLs: lower-case letters, digits and dashes; unique in the installation.
    pub slug: String,
    /// The display name, in the hub's language.
    pub name: String,
    /// The legal entity that signs contracts.
    pub legal_name: String,
    /// The tax number.
    pub tax_number: String,
    /// The kind of hub.
    pub kind: HubKind,
    /// The language of the hub: en, cs, pl or uk.
    pub language: String,
    /// The IANA time zone that bounds the hub's days and months.
    pub time_zone: String,
    /// The ISO 4217 currency the hub charges in.
    pub currency: String,
    /// The opening hours in the OpenStreetMap syntax, such as `Mo-Fr 08:00-20:00; Sa 09:00-13:00; PH off`.
    pub opening_hours: String,
    /// The number of people in the catchment area.
    pub catchment_population: u32,
    /// The number of people who fit in at once. Nobody is let in beyond it.
    pub capacity: u32,
    /// Whether people are let in beyond the capacity; the capacity then only shows how full the hub is. False by
    /// default.
    #[graphql(default)]
    #[serde(default)]
    pub capacity_is_soft: bool,
    /// The postal address.
    pub address: AddressInput,
    /// The position on the map.
    pub position: PositionInput,
    /// The spaces of the hub.
    #[graphql(default)]
    #[serde(default)]
    pub spaces: Vec<SpaceInput>,
    /// The monthly plans the hub sells.
    #[graphql(default)]
    #[serde(default)]
    pub plans: Vec<PlanInput>,
    /// The readers, kiosks and doors of the hub.
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

/// A space to create.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceInput {
    /// The hub's own code for it, unique within the hub.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The purpose of the space.
    pub kind: SpaceKind,
    /// The number of people who fit in.
    pub capacity: u32,
    /// The resources in the space.
    #[graphql(default)]
    #[serde(default)]
    pub resources: Vec<ResourceInput>,
}

/// A desk, computer or printer to create.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceInput {
    /// The hub's own code for it, unique within the hub.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The kind of resource.
    pub kind: ResourceKind,
}

/// A plan to create.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanInput {
    /// The hub's own code for it, unique within the hub.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The monthly fee in major units of the hub's currency, as a decimal.
    pub monthly_fee: String,
    /// The minutes of presence included in the fee.
    pub included_minutes: u32,
    /// Whether the plan allows a roaming pass.
    pub roaming: bool,
    /// The categories that may take the plan; empty means all.
    #[graphql(default)]
    #[serde(default)]
    pub categories: Vec<Category>,
}

/// A device to create.
#[derive(InputObject, Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceInput {
    /// The code that the device writes in its log, unique within the hub.
    pub code: String,
    /// The kind of device.
    pub kind: DeviceKind,
}

pub(super) fn decimal(field: &str, text: &str) -> Result<Decimal, MembershipError> {
    parse_decimal(text).map_err(|error| MembershipError::invalid(field, error))
}

impl OnboardHubInput {
    /// Converts the input to a command for a network.
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
            address: self.address.into(),
            position: self.position.read("position")?,
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

/// The person to enrol as a member.
#[derive(InputObject, Debug, Clone)]
pub struct EnrollMemberInput {
    /// The home hub.
    pub hub_id: ID,
    /// Their name.
    pub name: String,
    /// Their e-mail address; unique within a network. Seniors and children may have none; without one nobody is
    /// invited to sign in by mail.
    pub email: Option<String>,
    /// Their preferred language: en, cs, pl or uk.
    pub language: String,
    /// Their category at the hub; selects prices.
    pub category: Category,
    /// The code of the plan they take.
    pub plan: Option<String>,
    /// The start of the membership; now by default, never in the future.
    pub joined_at: Option<Given<Timestamp>>,
}

impl EnrollMemberInput {
    pub(super) fn command(self) -> Result<EnrollMember, Error> {
        Ok(EnrollMember {
            hub: parse_id(&self.hub_id, "hubId")?,
            name: PersonName::parse(&self.name).map_err(invalid_text("name"))?,
            email: self
                .email
                .as_deref()
                .map(EmailAddress::parse)
                .transpose()
                .map_err(invalid_text("email"))?,
            language: self.language,
            category: self.category.into(),
            plan: self.plan.as_deref().map(Slug::parse).transpose().map_err(invalid_text("plan"))?,
            joined_at: Given::optional(self.joined_at, "joinedAt")?,
        })
    }
}

/// Makes the error for a text that breaks its rule.
pub(super) fn invalid_text(field: &'static str) -> impl Fn(TextError) -> Error {
    move |error| coded(MembershipError::invalid(field, error))
}

/// The chip to issue.
#[derive(InputObject, Debug, Clone)]
pub struct IssueChipInput {
    /// The member.
    pub member_id: ID,
    /// The number that a reader reads: 4 to 10 whole bytes, two hexadecimal digits each.
    pub number: String,
    /// The time from which the chip works; now by default, never in the future.
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

/// One check-in or check-out. Names either the chip or, for staff, the member.
#[derive(InputObject, Debug, Clone)]
pub struct TouchInput {
    /// The hub.
    pub hub_id: ID,
    /// The chip's number as the reader reads it.
    pub chip: Option<String>,
    /// The member, if staff check them in or out by hand.
    pub member_id: Option<ID>,
    /// The reporter's own id of this touch, at most 64 bytes. The same id again returns the same result and changes
    /// nothing. Without an id, the `Idempotency-Key` header is used.
    pub event_id: Option<String>,
    /// The time of the touch; now by default. At most seven days ago.
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

/// The chip to revoke.
#[derive(InputObject, Debug, Clone)]
pub struct RevokeChipInput {
    /// The chip's id.
    pub chip_id: ID,
}

/// The member to erase.
#[derive(InputObject, Debug, Clone)]
pub struct EraseMemberInput {
    /// The member.
    pub member_id: ID,
}

/// A device's log, or a part of it.
#[derive(InputObject, Debug, Clone)]
pub struct UploadDeviceLogInput {
    /// The hub.
    pub hub_id: ID,
    /// The device's code in that hub.
    pub device: String,
    /// The lines of the log, at most 500 at once, in any order.
    pub lines: Vec<LogLineInput>,
}

/// One line of a device's log.
#[derive(InputObject, Debug, Clone)]
pub struct LogLineInput {
    /// The device's own id of the touch, at most 64 bytes.
    pub event_id: String,
    /// The time of the touch, by the device's clock.
    pub at: Given<Timestamp>,
    /// The chip's number.
    pub credential: String,
    /// The direction of the touch.
    pub direction: Direction,
}

impl LogLineInput {
    /// Converts the line to a touch. An invalid line is refused alone, so that it does not hold up the rest.
    pub(super) fn reported(self) -> Result<Reported, MembershipError> {
        crate::app::check_event_id(&self.event_id)?;
        let number =
            self.credential.parse().map_err(|error| MembershipError::invalid("credential", error))?;
        let at = self.at.read().map_err(|error| MembershipError::invalid("at", error))?;
        let (event_id, direction) = (self.event_id, self.direction);
        Ok(Reported { event_id, at: Some(at), who: Who::Chip(number), direction, source: Source::Chip })
    }
}
