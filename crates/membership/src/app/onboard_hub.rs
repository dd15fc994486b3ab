//! Onboarding a hub: the place, its spaces and resources, opening hours, plans and devices, all at once or not at all.

use std::collections::HashSet;

use kernel::{CloudEvent, Currency, HubId, Money, NetworkId, OpContext, Permission, Zone};
use platform_db::{Idempotent, Reach};
use rust_decimal::Decimal;

use super::{check_language, line, slug};
use crate::{
    Address, Category, Device, DeviceKind, Hub, HubKind, Membership, MembershipError, NightCutShort,
    OpeningHours, Plan, Position, Resource, ResourceKind, Space, SpaceKind, audit, events, store,
};

/// A hub as its operators describe it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct OnboardHub {
    /// The network it joins.
    pub network: NetworkId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// The body that signs contracts.
    pub legal_name: String,
    /// Its tax number.
    pub tax_number: String,
    /// What sort of place it is.
    pub kind: HubKind,
    /// Its language.
    pub language: String,
    /// Its zone.
    pub time_zone: Zone,
    /// What it charges in.
    pub currency: Currency,
    /// When it is open, in the OpenStreetMap syntax.
    pub opening_hours: String,
    /// How many people live around it.
    pub catchment_population: u32,
    /// How many people fit in at once.
    pub capacity: u32,
    /// Whether more are let in all the same.
    pub capacity_is_soft: bool,
    /// Where it stands.
    pub address: Address,
    /// Where it stands on the map.
    pub position: Position,
    /// Its rooms.
    pub spaces: Vec<NewSpace>,
    /// What it sells.
    pub plans: Vec<NewPlan>,
    /// Its readers, kiosks and doors.
    pub devices: Vec<NewDevice>,
}

/// A room to be.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewSpace {
    /// Its name in the hub's papers.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub kind: SpaceKind,
    /// How many people fit in.
    pub capacity: u32,
    /// What stands in it.
    pub resources: Vec<NewResource>,
}

/// A desk, computer or printer to be.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewResource {
    /// Its name in the hub's papers.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
}

/// A plan to be.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewPlan {
    /// Its name in the hub's papers.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// The fee of a month in major units.
    pub monthly_fee: Decimal,
    /// Minutes the fee includes.
    pub included_minutes: u32,
    /// Whether a roaming pass may go with it.
    pub roaming: bool,
    /// Who may have it; empty means everybody.
    pub categories: Vec<Category>,
}

/// A device to be.
#[derive(Debug, Clone, serde::Serialize)]
pub struct NewDevice {
    /// Its name in its own log.
    pub code: String,
    /// What it is.
    pub kind: DeviceKind,
}

impl Membership {
    /// Brings a hub into a network. Emits `hub_onboarded`.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming the field; `CONFLICT` when the slug is taken; nothing is written then.
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
        store::hub::insert_spaces(&tx, &hub, &described.spaces).await?;
        store::hub::insert_plans(&tx, &hub, &described.plans).await?;
        store::hub::insert_devices(&tx, &hub, &described.devices).await?;
        let fact = events::HubOnboarded::of(&hub, &described.devices);
        tx.emit(CloudEvent::new(&fact, hub.network, Some(hub.id), op.world())?).await?;
        tx.audit(op, audit::hub_onboarded(&hub)).await?;
        tx.commit_with_outcome(&hub.id).await?;
        self.hub_lists.invalidate_all();
        Ok(hub.id)
    }
}

impl Membership {
    /// The nights of the coming year that end before the rule of their evening says, because the rule of the next day
    /// replaces them. Public, as opening hours are.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn nights_cut_short(
        &self,
        op: &OpContext,
        hub: HubId,
    ) -> Result<Vec<NightCutShort>, MembershipError> {
        let tx = self.db.read(Reach::Directory).await?;
        let found = store::hub::find(&tx, &[hub]).await?.pop();
        let hub = found.ok_or(MembershipError::NotFound("hub"))?;
        Ok(hub.opening_hours.nights_cut_short(hub.time_zone.day_of(op.now())))
    }
}

struct Described {
    hub: Hub,
    spaces: Vec<Space>,
    plans: Vec<Plan>,
    devices: Vec<Device>,
}

/// Checks every field before anything is written.
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
        opening_hours,
        catchment_population: cmd.catchment_population,
        capacity: cmd.capacity,
        capacity_is_soft: cmd.capacity_is_soft,
        address,
        position: cmd.position,
        onboarded_at: op.now(),
    };
    Ok(Described { hub, spaces, plans, devices })
}

/// Checks what a place says in numbers, and brings its address to its one form.
fn place(cmd: &OnboardHub) -> Result<Address, MembershipError> {
    if !(1..=100_000).contains(&cmd.capacity) {
        return Err(MembershipError::invalid("capacity", "1 to 100000 people"));
    }
    check_count("catchmentPopulation", cmd.catchment_population)?;
    let address = Address {
        street: line("address.street", &cmd.address.street)?,
        city: line("address.city", &cmd.address.city)?,
        postal_code: line("address.postalCode", &cmd.address.postal_code)?,
        country: cmd.address.country.clone(),
    };
    if cmd.address.country.parse::<iso_country::Country>().is_err() || cmd.address.country.is_empty() {
        return Err(MembershipError::invalid(
            "address.country",
            "a country's two capital letters of ISO 3166, such as CZ or GB",
        ));
    }
    let within = |degrees: Decimal, most: i64| degrees.abs() <= Decimal::from(most);
    if !within(cmd.position.latitude, 90) || !within(cmd.position.longitude, 180) {
        return Err(MembershipError::invalid(
            "position",
            "degrees: latitude within ±90, longitude within ±180",
        ));
    }
    Ok(address)
}

fn new_spaces(op: &OpContext, spaces: &[NewSpace]) -> Result<Vec<Space>, MembershipError> {
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
                    Ok(Resource { id: op.new_id(), code, name, kind: new.kind })
                })
                .collect::<Result<_, MembershipError>>()?;
            Ok(Space { id: op.new_id(), code, name, kind: space.kind, capacity: space.capacity, resources })
        })
        .collect()
}

fn new_plans(op: &OpContext, plans: &[NewPlan], currency: Currency) -> Result<Vec<Plan>, MembershipError> {
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
    let device = |(new, code): (&NewDevice, String)| Device { id: op.new_id(), code, kind: new.kind };
    Ok(devices.iter().zip(codes).map(device).collect())
}

/// What clients hold in an `Int`.
fn check_count(field: &str, count: u32) -> Result<(), MembershipError> {
    let fits = i32::try_from(count).is_ok();
    if fits { Ok(()) } else { Err(MembershipError::invalid(field, format!("at most {}", i32::MAX))) }
}

/// Codes are slugs, and each stands once. Each comes with the path of what it names.
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
