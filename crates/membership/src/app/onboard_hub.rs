//! Onboards a hub: the place, its spaces and resources, opening hours, plans and devices, all at once or not at all.

use std::collections::HashSet;

use jiff::civil::Date;
use kernel::{CloudEvent, Currency, HubId, InvalidInput, Money, NetworkId, OpContext, Permission, Zone};
use platform_calendar::{DatedHours, NightCutShort, OpeningHours};
use platform_db::{Idempotent, Reach};
use rust_decimal::Decimal;

use super::{check_language, hub::keep_version, line, slug};
use crate::{
    Address, Category, Device, DeviceKind, Hub, HubDetails, HubKind, Membership, MembershipError, Plan,
    Position, Resource, ResourceKind, Space, SpaceKind, Timetable, audit, events,
    store::{self, hub_change::Place},
};

/// The input for onboarding a hub.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OnboardHub {
    /// The network it joins.
    pub network: NetworkId,
    /// The slug used in URLs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The legal entity that signs contracts.
    pub legal_name: String,
    /// The tax number.
    pub tax_number: String,
    /// The kind of hub.
    pub kind: HubKind,
    /// The language of the hub.
    pub language: String,
    /// The time zone of the hub.
    pub time_zone: Zone,
    /// The currency the hub charges in.
    pub currency: Currency,
    /// The opening hours, in the OpenStreetMap syntax.
    pub opening_hours: String,
    /// The number of people in the catchment area.
    pub catchment_population: u32,
    /// The number of people who fit in at once.
    pub capacity: u32,
    /// Whether people are let in beyond the capacity.
    pub capacity_is_soft: bool,
    /// The postal address.
    pub address: Address,
    /// The position on the map.
    pub position: Position,
    /// The spaces.
    pub spaces: Vec<NewSpace>,
    /// The monthly plans the hub sells.
    pub plans: Vec<NewPlan>,
    /// The readers, kiosks and doors.
    pub devices: Vec<NewDevice>,
}

/// A space to create.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewSpace {
    /// The hub's own code for it.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The purpose of the space.
    pub kind: SpaceKind,
    /// The number of people who fit in.
    pub capacity: u32,
    /// The resources in the space.
    pub resources: Vec<NewResource>,
}

/// A desk, computer or printer to create.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewResource {
    /// The hub's own code for it.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The kind of resource.
    pub kind: ResourceKind,
}

/// A plan to create.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewPlan {
    /// The hub's own code for it.
    pub code: String,
    /// The display name.
    pub name: String,
    /// The monthly fee in major units.
    pub monthly_fee: Decimal,
    /// The minutes of presence included in the fee.
    pub included_minutes: u32,
    /// Whether the plan allows a roaming pass.
    pub roaming: bool,
    /// The categories that may take the plan; empty means all.
    pub categories: Vec<Category>,
}

/// A device to create.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewDevice {
    /// The code that the device writes in its log.
    pub code: String,
    /// The kind of device.
    pub kind: DeviceKind,
}

impl Membership {
    /// Onboards a hub into a network. Emits `hub_onboarded`.
    ///
    /// # Errors
    /// Fails with `INVALID_INPUT` naming the field, or with `CONFLICT` if the slug is taken. Nothing is written then.
    #[tracing::instrument(name = "membership.onboard_hub", skip_all)]
    pub async fn onboard_hub(&self, op: &OpContext, cmd: OnboardHub) -> Result<HubId, MembershipError> {
        op.require_in_network(Permission::OnboardHub, cmd.network)?;
        let tx = match self.db.idempotent(op, Reach::Network(cmd.network), "onboardHub", &cmd).await? {
            Idempotent::Replayed(hub) => return Ok(hub),
            Idempotent::New(tx) => tx,
        };
        let described = describe(op, cmd)?;
        let hub = described.hub;
        if store::network::find(&tx, &[hub.network]).await?.is_empty() {
            return Err(MembershipError::NotFound("network"));
        }
        store::hub::insert(&tx, &hub).await.map_err(|error| MembershipError::or_exists(error, "hub"))?;
        store::hub::save_spaces(&tx, &hub, &described.spaces).await?;
        store::hub::insert_plans(&tx, &hub, &described.plans).await?;
        store::hub::save_devices(&tx, &hub, &described.devices).await?;
        let place = Place { hub, spaces: described.spaces, devices: described.devices };
        let facts = keep_version(&tx, &place, op.now()).await?;
        let hub = place.hub;
        tx.emit(CloudEvent::new(&events::HubOnboarded(facts), hub.network, Some(hub.id), op.world())?)
            .await?;
        tx.audit(op, audit::hub_onboarded(&hub)).await?;
        tx.commit_with_outcome(&hub.id).await?;
        self.forget_hub(hub.id).await;
        Ok(hub.id)
    }
}

impl Membership {
    /// Returns the nights of a year that end earlier than the rule of their evening states, because the rule of the next
    /// day replaces them: under the usual hours of today, or under those of a later day. Public, like opening hours.
    ///
    /// # Errors
    /// Fails with `NOT_FOUND` if the hub does not exist.
    pub async fn nights_cut_short(
        &self,
        op: &OpContext,
        hub: HubId,
        from: Option<Date>,
    ) -> Result<Vec<NightCutShort>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        let found = store::hub::find(&tx, &[hub]).await?.pop();
        let hub = found.ok_or(MembershipError::NotFound("hub"))?;
        Ok(hub.opening_hours.nights_cut_short(from.unwrap_or_else(|| hub.time_zone.day_of(op.now()))))
    }
}

struct Described {
    hub: Hub,
    spaces: Vec<Space>,
    plans: Vec<Plan>,
    devices: Vec<Device>,
}

/// Validates every field before anything is written.
fn describe(op: &OpContext, cmd: OnboardHub) -> Result<Described, MembershipError> {
    let slug = slug("slug", &cmd.slug)?;
    let (name, legal_name) = (line("name", &cmd.name)?, line("legalName", &cmd.legal_name)?);
    let tax_number = line("taxNumber", &cmd.tax_number)?;
    check_language(&cmd.language)?;
    let address = place(&cmd)?;
    let opening_hours =
        OpeningHours::parse(&cmd.opening_hours, cmd.time_zone.clone(), &address.country, cmd.position)?;
    opening_hours.require_evaluated()?;
    let spaces = new_spaces(op, &cmd.spaces)?;
    let plans = new_plans(op, &cmd.plans, cmd.currency)?;
    let devices = new_devices(op, &cmd.devices)?;
    let hub = Hub {
        id: op.new_id::<HubId>(),
        network: cmd.network,
        slug,
        name,
        legal_name,
        tax_number,
        kind: cmd.kind,
        language: cmd.language,
        time_zone: cmd.time_zone,
        currency: cmd.currency,
        timetable: Timetable::of(cmd.opening_hours),
        opening_hours: DatedHours::from(opening_hours),
        catchment_population: cmd.catchment_population,
        capacity: cmd.capacity,
        capacity_is_soft: cmd.capacity_is_soft,
        address,
        position: cmd.position,
        onboarded_at: op.now(),
        version: 1,
        details: HubDetails::default(),
    };
    Ok(Described { hub, spaces, plans, devices })
}

/// Validates the numbers of a hub and normalises its address.
fn place(cmd: &OnboardHub) -> Result<Address, MembershipError> {
    check_capacity(cmd.capacity)?;
    check_count("catchmentPopulation", cmd.catchment_population)?;
    let address = check_address(&cmd.address)?;
    check_position(cmd.position)?;
    Ok(address)
}

/// Normalises an address.
pub(super) fn check_address(address: &Address) -> Result<Address, MembershipError> {
    check_country("address.country", &address.country)?;
    Ok(Address {
        street: line("address.street", &address.street)?,
        city: line("address.city", &address.city)?,
        postal_code: line("address.postalCode", &address.postal_code)?,
        country: address.country.clone(),
    })
}

pub(super) fn check_country(field: &str, country: &str) -> Result<(), MembershipError> {
    if country.parse::<iso_country::Country>().is_err() || country.is_empty() {
        return Err(MembershipError::invalid(
            field,
            "a country's two capital letters of ISO 3166, such as CZ or GB",
        ));
    }
    Ok(())
}

pub(super) fn check_position(position: Position) -> Result<(), MembershipError> {
    let within = |degrees: Decimal, most: i64| degrees.abs() <= Decimal::from(most);
    if !within(position.latitude, 90) || !within(position.longitude, 180) {
        return Err(MembershipError::invalid(
            "position",
            "degrees: latitude within ±90, longitude within ±180",
        ));
    }
    Ok(())
}

/// Checks that so many people can be in a room or a hub.
pub(super) fn check_capacity(capacity: u32) -> Result<(), MembershipError> {
    let fits = (1..=100_000).contains(&capacity);
    if fits { Ok(()) } else { Err(MembershipError::invalid("capacity", "1 to 100000 people")) }
}

/// Checks a space that is added to a hub.
pub(super) fn new_space(op: &OpContext, space: &NewSpace) -> Result<Space, MembershipError> {
    let spaces = new_spaces(op, std::slice::from_ref(space)).map_err(|error| match error {
        MembershipError::Invalid(InvalidInput { field, rule }) => {
            MembershipError::invalid(field.replacen("spaces[0]", "space", 1), rule)
        }
        other => other,
    })?;
    spaces.into_iter().next().ok_or(MembershipError::NotFound("space"))
}

/// Checks a resource that is added to a space.
pub(super) fn new_resource(op: &OpContext, new: &NewResource) -> Result<Resource, MembershipError> {
    let (code, name) = (slug("code", &new.code)?, line("name", &new.name)?);
    Ok(Resource { id: op.new_id(), code, name, kind: new.kind, out_of_use: None })
}

pub(super) fn new_spaces(op: &OpContext, spaces: &[NewSpace]) -> Result<Vec<Space>, MembershipError> {
    let at = |place: usize| format!("spaces[{place}]");
    let space_codes =
        codes(spaces.iter().enumerate().map(|(place, space)| (at(place), space.code.as_str())))?;
    let resource_codes = codes(spaces.iter().enumerate().flat_map(|(place, space)| {
        let resources = space.resources.iter().enumerate();
        resources.map(move |(number, it)| (format!("{}.resources[{number}]", at(place)), it.code.as_str()))
    }))?;
    let mut resource_codes = resource_codes.into_iter();
    spaces
        .iter()
        .zip(space_codes)
        .enumerate()
        .map(|(place, (space, code))| {
            let name = line(&format!("{}.name", at(place)), &space.name)?;
            if !(1..=100_000).contains(&space.capacity) {
                return Err(MembershipError::invalid(
                    format!("{}.capacity", at(place)),
                    "1 to 100000 people",
                ));
            }
            let resources = space.resources.iter().zip(&mut resource_codes).enumerate();
            let resources = resources
                .map(|(number, (new, code))| {
                    let name = line(&format!("{}.resources[{number}].name", at(place)), &new.name)?;
                    Ok(Resource { id: op.new_id(), code, name, kind: new.kind, out_of_use: None })
                })
                .collect::<Result<_, MembershipError>>()?;
            let (kind, capacity) = (space.kind, space.capacity);
            Ok(Space { id: op.new_id(), code, name, kind, capacity, out_of_use: None, resources })
        })
        .collect()
}

pub(super) fn new_plans(
    op: &OpContext,
    plans: &[NewPlan],
    currency: Currency,
) -> Result<Vec<Plan>, MembershipError> {
    let at = |place: usize| format!("plans[{place}]");
    let codes = codes(plans.iter().enumerate().map(|(place, plan)| (at(place), plan.code.as_str())))?;
    plans
        .iter()
        .zip(codes)
        .enumerate()
        .map(|(place, (plan, code))| {
            let name = line(&format!("{}.name", at(place)), &plan.name)?;
            check_count(&format!("{}.includedMinutes", at(place)), plan.included_minutes)?;
            let invalid_fee =
                |rule: String| MembershipError::invalid(format!("{}.monthlyFee", at(place)), rule);
            let fee = Money::from_major(plan.monthly_fee, currency)
                .map_err(|error| invalid_fee(error.to_string()))?;
            if fee.minor < 0 {
                return Err(invalid_fee("not negative".into()));
            }
            Ok(Plan {
                id: op.new_id(),
                code,
                name,
                monthly_fee_minor: fee.minor,
                included_minutes: plan.included_minutes,
                roaming: plan.roaming,
                categories: plan.categories.clone(),
            })
        })
        .collect()
}

fn new_devices(op: &OpContext, devices: &[NewDevice]) -> Result<Vec<Device>, MembershipError> {
    let codes =
        codes(devices.iter().enumerate().map(|(place, it)| (format!("devices[{place}]"), it.code.as_str())))?;
    let device = |(new, code): (&NewDevice, String)| Device {
        id: op.new_id(),
        code,
        kind: new.kind,
        retired_at: None,
    };
    Ok(devices.iter().zip(codes).map(device).collect())
}

/// Checks that clients can hold the number in an `Int`.
pub(super) fn check_count(field: &str, count: u32) -> Result<(), MembershipError> {
    let fits = i32::try_from(count).is_ok();
    if fits { Ok(()) } else { Err(MembershipError::invalid(field, format!("at most {}", i32::MAX))) }
}

/// Checks that codes are slugs and unique. Each comes with the path of the object it names.
fn codes<'c>(texts: impl Iterator<Item = (String, &'c str)>) -> Result<Vec<String>, MembershipError> {
    let mut seen = HashSet::new();
    let code = |(path, text): (String, &str)| {
        let field = format!("{path}.code");
        let code = slug(&field, text)?;
        if seen.insert(code.clone()) {
            Ok(code)
        } else {
            Err(MembershipError::invalid(field, format!("the code {code:?} stands twice")))
        }
    };
    texts.map(code).collect()
}
