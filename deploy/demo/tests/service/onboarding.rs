//! The documented format of the onboarding file; an unknown key is an error.

use chrono::NaiveDateTime;
use demo_data::hub_files;
use opening_hours::localization::Country;
use opening_hours::{Context, OpeningHours};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Onboarding {
    pub(crate) network: String,
    pub(crate) hub: Hub,
    pub(crate) spaces: Vec<Space>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) guest_tariff: GuestTariff,
    pub(crate) devices: Vec<Device>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hub {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) legal_name: String,
    pub(crate) tax_number: String,
    pub(crate) kind: String,
    pub(crate) language: String,
    pub(crate) time_zone: String,
    pub(crate) currency: String,
    pub(crate) opening_hours: String,
    pub(crate) catchment_population: u32,
    pub(crate) capacity: usize,
    pub(crate) address: Address,
    pub(crate) position: Position,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    pub(crate) street: String,
    pub(crate) city: String,
    pub(crate) postal_code: String,
    pub(crate) country: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Position {
    pub(crate) latitude: String,
    pub(crate) longitude: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Space {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) capacity: usize,
    #[serde(default)]
    pub(crate) resources: Vec<Resource>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resource {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) monthly_fee: String,
    pub(crate) included_minutes: u32,
    pub(crate) roaming: bool,
    pub(crate) categories: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuestTariff {
    pub(crate) name: String,
    pub(crate) price_per_hour: String,
    pub(crate) grace_minutes: u32,
    pub(crate) billing_step_seconds: u32,
    pub(crate) minimum_per_day: String,
    pub(crate) maximum_per_day: String,
    #[serde(default)]
    pub(crate) elements: Vec<TariffElement>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TariffElement {
    #[serde(default)]
    pub(crate) weekdays: Vec<String>,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    #[serde(default)]
    pub(crate) categories: Vec<String>,
    pub(crate) price_per_hour: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Device {
    pub(crate) code: String,
    pub(crate) kind: String,
}

pub(crate) fn onboardings() -> Vec<Onboarding> {
    let read = |(slug, text): (&str, &str)| {
        toml::from_str(text).unwrap_or_else(|problem| panic!("hubs/{slug}.toml: {problem}"))
    };
    hub_files().into_iter().map(read).collect()
}

pub(crate) fn onboarding(slug: &str) -> Onboarding {
    onboardings().into_iter().find(|it| it.hub.slug == slug).expect("the hub has a file")
}

impl Hub {
    /// Returns whether the hub is open at a local time, with the public holidays of its country.
    pub(crate) fn is_open(&self) -> impl Fn(NaiveDateTime) -> bool + use<> {
        let country: Country = self.address.country.parse().expect("a country code");
        let context = Context::default().with_holidays(country.holidays());
        let hours: OpeningHours = self.opening_hours.parse().expect("OpenStreetMap opening hours");
        let hours = hours.with_context(context);
        move |at| hours.is_open(at)
    }
}
