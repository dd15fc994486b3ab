//! Terms: the prices of a tariff, validated field by field.
//!
//! Always true of [`Terms`]: prices are not negative, the billing step is at least a second, every window lies inside
//! one day, the minimum of a day is not above its maximum, and all money is of one currency, the hub's.

use std::{fmt, str::FromStr};

use jiff::civil::{Date, Weekday as JiffWeekday};
use kernel::{Currency, InvalidInput, Label, Money, parse_decimal};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Category;

/// The maximum number of elements of a tariff.
pub const MOST_ELEMENTS: usize = 50;
const MOST_GRACE_MINUTES: u32 = 1_440;
const LONGEST_STEP_SECONDS: u32 = 86_400;
const HIGHEST_PRICE: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);
const MOST_DECIMALS: u32 = 6;

/// Unchecked terms. Prices and amounts are decimals of major units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TermsDraft {
    /// The name that guests see.
    pub name: String,
    /// The hourly price where no element applies.
    pub price_per_hour: String,
    /// The number of free minutes at the start of a visit.
    pub grace_minutes: i64,
    /// The billing step in seconds.
    pub billing_step_seconds: i64,
    /// The minimum price of a day with a charge.
    pub minimum_per_day: Option<String>,
    /// The maximum price of a day.
    pub maximum_per_day: Option<String>,
    /// Exceptions from the price; the first that matches applies.
    pub elements: Vec<ElementDraft>,
}

/// An unchecked element.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ElementDraft {
    /// The weekdays it applies to; empty means all.
    pub weekdays: Vec<Weekday>,
    /// The local start time, `09:00`; requires `until`.
    pub from: Option<String>,
    /// The local end time, `13:00`, at the latest `24:00`.
    pub until: Option<String>,
    /// The member categories it applies to; empty means all.
    pub categories: Vec<Category>,
    /// The hourly price.
    pub price_per_hour: String,
}

/// Checked terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The name that guests see.
    pub name: Label<100>,
    /// The hourly price where no element applies, in major units.
    pub price_per_hour: Decimal,
    /// The number of free minutes at the start of a visit.
    pub grace_minutes: u32,
    /// The billing step in seconds.
    pub billing_step_seconds: u32,
    /// The minimum price of a day with a charge.
    pub minimum_per_day: Money,
    /// The maximum price of a day.
    pub maximum_per_day: Option<Money>,
    /// Exceptions from the price; the first that matches applies.
    pub elements: Vec<Element>,
}

/// An exception from a tariff's hourly price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// The weekdays it applies to; empty means all.
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    /// The window of the day; `None` means all day.
    #[serde(default)]
    pub window: Option<Window>,
    /// The member categories it applies to; empty means all.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// The hourly price, in major units.
    pub price_per_hour: Decimal,
}

/// A window of every day's local time, `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The start (inclusive).
    pub from: WallTime,
    /// The end (exclusive).
    pub until: WallTime,
}

/// A local time at a hub, to the minute: `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WallTime {
    minute_of_day: u16,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Terms {
    /// Validates a draft for a hub that charges in a currency.
    ///
    /// # Errors
    /// Returns the first field that breaks a rule, by its name.
    pub fn check(draft: &TermsDraft, currency: Currency) -> Result<Self, InvalidInput> {
        let minimum_per_day =
            amount("minimumPerDay", draft.minimum_per_day.as_deref().unwrap_or("0"), currency)?;
        let maximum = draft.maximum_per_day.as_deref();
        let maximum_per_day = maximum.map(|text| amount("maximumPerDay", text, currency)).transpose()?;
        if maximum_per_day.is_some_and(|maximum| maximum.minor < minimum_per_day.minor) {
            return Err(invalid("maximumPerDay", "must not be below minimumPerDay"));
        }
        if draft.elements.len() > MOST_ELEMENTS {
            return Err(invalid("elements", format!("must be at most {MOST_ELEMENTS}")));
        }
        let elements =
            draft.elements.iter().enumerate().map(|(index, element)| Element::check(index, element));
        Ok(Self {
            name: Label::parse(&draft.name).map_err(|error| invalid("name", error))?,
            price_per_hour: price("pricePerHour", &draft.price_per_hour)?,
            grace_minutes: whole("graceMinutes", draft.grace_minutes, 0, MOST_GRACE_MINUTES)?,
            billing_step_seconds: whole(
                "billingStepSeconds",
                draft.billing_step_seconds,
                1,
                LONGEST_STEP_SECONDS,
            )?,
            minimum_per_day,
            maximum_per_day,
            elements: elements.collect::<Result<_, _>>()?,
        })
    }

    /// Returns the currency of all amounts.
    pub fn currency(&self) -> Currency {
        self.minimum_per_day.currency
    }

    /// Returns the hourly price for a category at a local time: of the first element that matches, else the base
    /// price.
    pub fn price_at(&self, day: Date, at: WallTime, category: Category) -> Decimal {
        let fitting = self.elements.iter().find(|element| element.fits(day, at, category));
        fitting.map_or(self.price_per_hour, |element| element.price_per_hour)
    }
}

impl Element {
    fn check(index: usize, draft: &ElementDraft) -> Result<Self, InvalidInput> {
        let field = |name: &str| format!("elements[{index}].{name}");
        let window = match (&draft.from, &draft.until) {
            (None, None) => None,
            (Some(from), Some(until)) => {
                let read = |name, text: &str| {
                    text.parse().map_err(|error: NotAWallTime| invalid(field(name), error))
                };
                Some(Window { from: read("from", from)?, until: read("until", until)? })
            }
            (Some(_), None) => return Err(invalid(field("until"), "must be given with from")),
            (None, Some(_)) => return Err(invalid(field("from"), "must be given with until")),
        };
        if window.is_some_and(|window| window.from >= window.until) {
            return Err(invalid(field("until"), "must be after from, on the same day; 24:00 ends a day"));
        }
        let categories = draft.categories.clone();
        let price_per_hour = price(&field("pricePerHour"), &draft.price_per_hour)?;
        Ok(Self { weekdays: draft.weekdays.clone(), window, categories, price_per_hour })
    }

    fn fits(&self, day: Date, at: WallTime, category: Category) -> bool {
        let weekday = Weekday::from(day.weekday());
        (self.weekdays.is_empty() || self.weekdays.contains(&weekday))
            && self.window.is_none_or(|window| window.from <= at && at < window.until)
            && (self.categories.is_empty() || self.categories.contains(&category))
    }
}

impl WallTime {
    /// Makes a time from its minute of the day.
    pub(crate) fn from_minute(minute_of_day: u16) -> Option<Self> {
        (minute_of_day <= 1_440).then_some(Self { minute_of_day })
    }

    /// Returns the minutes since local midnight, 0 to 1440.
    pub fn minute_of_day(self) -> u16 {
        self.minute_of_day
    }
}

/// Not a wall time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time of day, such as 09:30")]
pub struct NotAWallTime(String);

impl FromStr for WallTime {
    type Err = NotAWallTime;
    fn from_str(text: &str) -> Result<Self, NotAWallTime> {
        let two_digits = |part: &str| {
            let all = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            all.then(|| part.parse::<u16>().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)))
            .filter(|(_, minute)| *minute < 60)
            .and_then(|(hour, minute)| Self::from_minute(hour * 60 + minute))
            .ok_or_else(|| NotAWallTime(text.into()))
    }
}
impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minute_of_day / 60, self.minute_of_day % 60)
    }
}
impl TryFrom<String> for WallTime {
    type Error = NotAWallTime;
    fn try_from(text: String) -> Result<Self, NotAWallTime> {
        text.parse()
    }
}
impl From<WallTime> for String {
    fn from(time: WallTime) -> Self {
        time.to_string()
    }
}

impl From<JiffWeekday> for Weekday {
    fn from(weekday: JiffWeekday) -> Self {
        match weekday {
            JiffWeekday::Monday => Self::Mon,
            JiffWeekday::Tuesday => Self::Tue,
            JiffWeekday::Wednesday => Self::Wed,
            JiffWeekday::Thursday => Self::Thu,
            JiffWeekday::Friday => Self::Fri,
            JiffWeekday::Saturday => Self::Sat,
            JiffWeekday::Sunday => Self::Sun,
        }
    }
}

fn invalid(field: impl Into<String>, rule: impl ToString) -> InvalidInput {
    InvalidInput::new(field.into(), rule)
}

fn whole(field: &str, value: i64, least: u32, most: u32) -> Result<u32, InvalidInput> {
    let fitting = u32::try_from(value).ok().filter(|value| (least..=most).contains(value));
    fitting.ok_or_else(|| invalid(field, format!("must be between {least} and {most}")))
}

fn price(field: &str, text: &str) -> Result<Decimal, InvalidInput> {
    let price = decimal(field, text)?;
    if price.normalize().scale() > MOST_DECIMALS {
        return Err(invalid(field, format!("must have at most {MOST_DECIMALS} decimal places")));
    }
    Ok(price)
}

fn amount(field: &str, text: &str, currency: Currency) -> Result<Money, InvalidInput> {
    Money::from_major(decimal(field, text)?, currency).map_err(|error| invalid(field, error))
}

fn decimal(field: &str, text: &str) -> Result<Decimal, InvalidInput> {
    let value = parse_decimal(text).map_err(|not_one| invalid(field, not_one))?;
    if value < Decimal::ZERO || value > HIGHEST_PRICE {
        return Err(invalid(field, format!("must be between 0 and {HIGHEST_PRICE}")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> TermsDraft {
        TermsDraft {
            name: "Guests".into(),
            price_per_hour: "60.00".into(),
            grace_minutes: 10,
            billing_step_seconds: 900,
            minimum_per_day: None,
            maximum_per_day: Some("350.00".into()),
            elements: vec![ElementDraft {
                weekdays: vec![Weekday::Sat],
                from: Some("09:00".into()),
                until: Some("13:00".into()),
                categories: vec![Category::Student],
                price_per_hour: "30".into(),
            }],
        }
    }

    fn refused(spoil: impl Fn(&mut TermsDraft)) -> String {
        let mut draft = draft();
        spoil(&mut draft);
        let czk = "CZK".parse().expect("a currency");
        Terms::check(&draft, czk).expect_err("the draft is bad").field.into_owned()
    }

    #[test]
    fn a_refusal_names_the_field() {
        assert_eq!(refused(|draft| draft.name = " ".into()), "name");
        assert_eq!(refused(|draft| draft.price_per_hour = "-1".into()), "pricePerHour");
        assert_eq!(refused(|draft| draft.price_per_hour = "a lot".into()), "pricePerHour");
        for unclear in ["1.", ".5", "+1", "1_000", "1e3", " 1", "1 ", "", "１２"] {
            assert_eq!(refused(|draft| draft.price_per_hour = unclear.into()), "pricePerHour", "{unclear:?}");
        }
        assert_eq!(refused(|draft| draft.minimum_per_day = Some("1.".into())), "minimumPerDay");
        assert_eq!(refused(|draft| draft.maximum_per_day = Some("+400".into())), "maximumPerDay");
        assert_eq!(refused(|draft| draft.price_per_hour = "0.0000001".into()), "pricePerHour");
        assert_eq!(refused(|draft| draft.grace_minutes = -1), "graceMinutes");
        assert_eq!(refused(|draft| draft.billing_step_seconds = 0), "billingStepSeconds");
        assert_eq!(refused(|draft| draft.billing_step_seconds = 86_401), "billingStepSeconds");
        assert_eq!(refused(|draft| draft.minimum_per_day = Some("1.005".into())), "minimumPerDay");
        assert_eq!(refused(|draft| draft.minimum_per_day = Some("351".into())), "maximumPerDay");
        assert_eq!(refused(|draft| draft.elements = vec![draft.elements[0].clone(); 51]), "elements");
        assert_eq!(refused(|draft| draft.elements[0].from = None), "elements[0].from");
        assert_eq!(refused(|draft| draft.elements[0].until = Some("25:00".into())), "elements[0].until");
        assert_eq!(refused(|draft| draft.elements[0].until = Some("09:00".into())), "elements[0].until");
        assert_eq!(
            refused(|draft| draft.elements[0].price_per_hour = "-0.01".into()),
            "elements[0].pricePerHour"
        );
    }

    #[test]
    fn the_first_element_that_fits_sets_the_price() {
        let terms = Terms::check(&draft(), "CZK".parse().expect("a currency")).expect("the draft is good");
        let saturday: Date = "2026-10-24".parse().expect("a date");
        let at = |text: &str| text.parse().expect("a wall time");
        let price = |day, time, category| terms.price_at(day, at(time), category).to_string();
        assert_eq!(price(saturday, "09:00", Category::Student), "30");
        assert_eq!(price(saturday, "13:00", Category::Student), "60.00");
        assert_eq!(price(saturday, "09:00", Category::Resident), "60.00");
        assert_eq!(price(saturday.tomorrow().expect("a date"), "09:00", Category::Student), "60.00");
    }

    #[test]
    fn a_wall_time_is_read_strictly() {
        assert_eq!("24:00".parse::<WallTime>().map(WallTime::minute_of_day), Ok(1_440));
        for bad in ["24:01", "9:00", "09:60", "0900", "", "+9:00", "09:00:00"] {
            assert!(bad.parse::<WallTime>().is_err(), "{bad}");
        }
    }
}
