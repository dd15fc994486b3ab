//! A tariff in the graph.

use async_graphql::{ID, InputObject, SimpleObject};
use graph::{Category, DateTime, Money, to_id};

use crate::{Element, ElementDraft, Tariff, Weekday};

/// One version of a hub's guest tariff.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(name = "Tariff")]
pub struct TariffNode {
    /// The stable id of this version.
    pub id: ID,
    /// The version within the hub: 1, 2, 3 …
    pub version: u32,
    /// The name that guests see.
    pub name: String,
    /// The start of validity.
    pub valid_from: DateTime,
    /// The time of publication.
    pub published_at: DateTime,
    /// The hub's currency, in which all prices are stated.
    pub currency: String,
    /// The hourly price where no element applies, as a decimal of major units.
    pub price_per_hour: String,
    /// The number of free minutes at the start of a visit.
    pub grace_minutes: u32,
    /// The billing step in seconds; the time of each day is rounded up to it.
    pub billing_step_seconds: u32,
    /// The minimum price of a day with a charge.
    pub minimum_per_day: Money,
    /// The maximum price of a day; null if there is no limit.
    pub maximum_per_day: Option<Money>,
    /// Exceptions from the price; the first that matches applies.
    pub elements: Vec<TariffElementNode>,
}

/// An exception from a tariff's hourly price.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(name = "TariffElement")]
pub struct TariffElementNode {
    /// The weekdays it applies to; empty means all.
    pub weekdays: Vec<Weekday>,
    /// The local start time, such as `09:00`; null means all day.
    pub from: Option<String>,
    /// The local end time, such as `13:00`; null means all day.
    pub until: Option<String>,
    /// The member categories it applies to; empty means all.
    pub categories: Vec<Category>,
    /// The hourly price, as a decimal of major units.
    pub price_per_hour: String,
}

/// An exception from a tariff's hourly price.
#[derive(InputObject, Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffElementInput {
    /// The weekdays it applies to; empty means all.
    #[graphql(default)]
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    /// The local start time, such as `09:00`; requires `until`.
    pub from: Option<String>,
    /// The local end time on the same day, such as `13:00`; `24:00` at the latest.
    pub until: Option<String>,
    /// The member categories it applies to; empty means all.
    #[graphql(default)]
    #[serde(default)]
    pub categories: Vec<Category>,
    /// The hourly price, as a decimal of major units, such as `12.50`.
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
