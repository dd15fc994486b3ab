//! A tariff in the graph.

use async_graphql::{ID, InputObject, SimpleObject};
use graph::{Category, DateTime, Money, to_id};

use crate::{Element, ElementDraft, Tariff, Weekday};

/// One version of what a hub asks of guests.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(name = "Tariff")]
pub struct TariffNode {
    /// The stable id of this version.
    pub id: ID,
    /// 1, 2, 3 … within the hub.
    pub version: u32,
    /// What guests read.
    pub name: String,
    /// From when on it counts.
    pub valid_from: DateTime,
    /// When it was published.
    pub published_at: DateTime,
    /// The hub's currency, in which all its prices are.
    pub currency: String,
    /// The price of an hour where no element says otherwise, as a decimal of major units.
    pub price_per_hour: String,
    /// How many minutes at the beginning of a visit are free.
    pub grace_minutes: u32,
    /// Time is billed in steps of so many seconds, each day rounded up.
    pub billing_step_seconds: u32,
    /// What a day with anything to pay costs at least.
    pub minimum_per_day: Money,
    /// What a day costs at most; null if there is no limit.
    pub maximum_per_day: Option<Money>,
    /// Exceptions from the price; the first that fits counts.
    pub elements: Vec<TariffElementNode>,
}

/// An exception from a tariff's price.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(name = "TariffElement")]
pub struct TariffElementNode {
    /// On these weekdays; empty for any.
    pub weekdays: Vec<Weekday>,
    /// From this local time, as 09:00; null for all day.
    pub from: Option<String>,
    /// Until this local time, as 13:00; null for all day.
    pub until: Option<String>,
    /// For members of these categories; empty for everybody.
    pub categories: Vec<Category>,
    /// The price of an hour, as a decimal of major units.
    pub price_per_hour: String,
}

/// An exception from a tariff's price.
#[derive(InputObject, Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffElementInput {
    /// On these weekdays; none for any.
    #[graphql(default)]
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    /// From this local time, as 09:00; together with `until`.
    pub from: Option<String>,
    /// Until this local time, as 13:00, at the latest 24:00; on the same day.
    pub until: Option<String>,
    /// For members of these categories; none for everybody.
    #[graphql(default)]
    #[serde(default)]
    pub categories: Vec<Category>,
    /// The price of an hour, as a decimal of major units, 12.50.
    pub price_per_hour: String,
}

impl From<Tariff> for TariffNode {
    fn from(tariff: Tariff) -> Self {
        let terms = tariff.terms;
        Self {
            id: to_id(tariff.id),
            version: tariff.version,
            currency: terms.currency().to_string(),
            name: terms.name.into(),
            valid_from: tariff.valid_from.into(),
            published_at: tariff.published_at.into(),
            price_per_hour: terms.price_per_hour.to_string(),
            grace_minutes: terms.grace_minutes,
            billing_step_seconds: terms.billing_step_seconds,
            minimum_per_day: terms.minimum_per_day.into(),
            maximum_per_day: terms.maximum_per_day.map(Money::from),
            elements: terms.elements.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Element> for TariffElementNode {
    fn from(element: Element) -> Self {
        Self {
            weekdays: element.weekdays,
            from: element.window.map(|window| window.from.to_string()),
            until: element.window.map(|window| window.until.to_string()),
            categories: element.categories.into_iter().map(Into::into).collect(),
            price_per_hour: element.price_per_hour.to_string(),
        }
    }
}

impl From<TariffElementInput> for ElementDraft {
    fn from(input: TariffElementInput) -> Self {
        Self {
            weekdays: input.weekdays,
            from: input.from,
            until: input.until,
            categories: input.categories.into_iter().map(Into::into).collect(),
            price_per_hour: input.price_per_hour,
        }
    }
}
