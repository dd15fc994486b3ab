//! Rates: the daily exchange rates of the euro, read from a file.
//!
//! Always true: an amount is converted only through two rates of this table, each the latest published on or before
//! the wanted day and not older than allowed; a missing rate is an error, never guessed.

use std::collections::{BTreeMap, HashMap};

use jiff::{ToSpan, civil::Date};
use kernel::{Currency, Money, MoneyError, Month, parse_decimal};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The rate of the euro in a currency on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedRate {
    /// The currency.
    pub currency: Currency,
    /// The day of publication.
    pub on: Date,
    /// Units of the currency for one euro; above zero.
    pub per_eur: Decimal,
}

impl DatedRate {
    /// Converts an amount of this rate's currency to another's, rounded once.
    ///
    /// # Errors
    /// Fails if the amount is of a third currency, or too large.
    pub fn convert(&self, amount: Money, to: &Self) -> Result<Money, MoneyError> {
        if amount.currency != self.currency {
            return Err(MoneyError::CurrencyMismatch(amount.currency, self.currency));
        }
        if self.currency == to.currency {
            return Ok(amount);
        }
        let exact = amount
            .major()
            .checked_mul(to.per_eur)
            .and_then(|product| product.checked_div(self.per_eur))
            .ok_or(MoneyError::Overflow)?;
        Money::from_major_rounded(exact, to.currency)
    }
}

/// The file of rates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// A line is not `on,currency,per_eur`.
    #[error("the rates file cannot be read")]
    Malformed(#[from] csv::Error),
    /// A value on a line is not valid.
    #[error("line {line} of the rates file: {rule}")]
    Invalid {
        /// The line number; the heading is line 1.
        line: usize,
        /// The problem with the value.
        rule: String,
    },
}

/// All published rates.
#[derive(Debug, Clone)]
pub struct Rates {
    by_currency: HashMap<Currency, BTreeMap<Date, Decimal>>,
    oldest_days: u16,
}

/// Why no rate of a currency can be used for a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRate {
    /// No rate was published on or before the day.
    Missing,
    /// The latest rate is too old.
    Stale(DatedRate),
}

impl Default for Rates {
    fn default() -> Self {
        Self { by_currency: HashMap::new(), oldest_days: Self::OLDEST_DAYS }
    }
}

#[derive(Deserialize)]
struct Line {
    on: String,
    currency: String,
    per_eur: String,
}

impl Rates {
    /// The default maximum age of a rate in days: the longest interval without a rate around holidays.
    pub const OLDEST_DAYS: u16 = 7;

    /// Returns the same rates, limited to those published at most so many days before the wanted one.
    #[must_use]
    pub fn at_most_old(self, oldest_days: u16) -> Self {
        Self { oldest_days, ..self }
    }

    /// Returns the rate by which a currency is exchanged on a day.
    ///
    /// # Errors
    /// Fails if no rate exists, or the latest is too old.
    pub fn for_day(&self, currency: Currency, day: Date) -> Result<DatedRate, NoRate> {
        let rate = self.on_or_before(currency, day).ok_or(NoRate::Missing)?;
        let oldest = day.checked_sub(i32::from(self.oldest_days).days()).unwrap_or(Date::MIN);
        if rate.on < oldest { Err(NoRate::Stale(rate)) } else { Ok(rate) }
    }

    /// Parses a CSV text with the heading `on,currency,per_eur`.
    ///
    /// # Errors
    /// See [`RatesError`]; it names the line.
    pub fn parse(csv_text: &str) -> Result<Self, RatesError> {
        let mut rates = Self::default();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv_text.as_bytes());
        for (index, line) in reader.deserialize().enumerate() {
            let rate = read(&line?).map_err(|rule| RatesError::Invalid { line: index + 2, rule })?;
            rates.by_currency.entry(rate.currency).or_default().insert(rate.on, rate.per_eur);
        }
        Ok(rates)
    }

    /// Returns the latest rate of a currency published on or before a day. The euro needs none: its rate is always
    /// one.
    pub fn on_or_before(&self, currency: Currency, day: Date) -> Option<DatedRate> {
        if currency == Currency::EUR {
            return Some(DatedRate { currency, on: day, per_eur: Decimal::ONE });
        }
        let (on, per_eur) = self.by_currency.get(&currency)?.range(..=day).next_back()?;
        Some(DatedRate { currency, on: *on, per_eur: *per_eur })
    }
}

fn read(line: &Line) -> Result<DatedRate, String> {
    let on: Date = line.on.parse().map_err(|error: jiff::Error| error.to_string())?;
    if !Month::has_in_reach(on) || on.to_string() != line.on {
        return Err(format!("{:?} is not a day such as 2026-10-31", line.on));
    }
    let currency: Currency = line.currency.parse().map_err(|error: MoneyError| error.to_string())?;
    let per_eur = parse_decimal(&line.per_eur).map_err(|error| format!("per_eur {error}"))?;
    if per_eur <= Decimal::ZERO {
        return Err(format!("per_eur must be above 0, not {per_eur}"));
    }
    if currency == Currency::EUR && per_eur != Decimal::ONE {
        return Err(format!("a euro is a euro, not {per_eur}"));
    }
    Ok(DatedRate { currency, on, per_eur })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "on,currency,per_eur\n2026-10-01,CZK,24.305\n2026-10-15,CZK,24.400\n2026-10-01,PLN,4.2390\n";

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn the_latest_rate_on_or_before_the_day_counts() {
        let rates = Rates::parse(FILE).expect("a good file");
        let czk = |on| rates.on_or_before(currency("CZK"), day(on)).map(|rate| rate.per_eur.to_string());
        assert_eq!(czk("2026-10-14"), Some("24.305".into()));
        assert_eq!(czk("2026-10-15"), Some("24.400".into()));
        assert_eq!(czk("2026-09-30"), None);
        assert_eq!(rates.on_or_before(currency("UAH"), day("2026-10-14")), None);
    }

    #[test]
    fn a_rate_older_than_allowed_is_stale_and_none_at_all_is_missing() {
        let rates = Rates::parse(FILE).expect("a good file");
        let czk = |on| rates.for_day(currency("CZK"), day(on)).map(|rate| rate.on.to_string());
        let stale =
            DatedRate { currency: currency("CZK"), on: day("2026-10-15"), per_eur: Decimal::new(24_400, 3) };
        assert_eq!(czk("2026-10-15"), Ok("2026-10-15".into()));
        assert_eq!(czk("2026-10-22"), Ok("2026-10-15".into()));
        assert_eq!(czk("2026-10-23"), Err(NoRate::Stale(stale)));
        assert_eq!(czk("2026-09-30"), Err(NoRate::Missing));
        assert!(rates.for_day(Currency::EUR, day("2030-01-01")).is_ok(), "a euro is always a euro");
        let patient = rates.clone().at_most_old(31);
        assert!(patient.for_day(currency("CZK"), day("2026-11-15")).is_ok());
        assert_eq!(Rates::default().for_day(currency("CZK"), day("2026-10-15")), Err(NoRate::Missing));
    }

    #[test]
    fn crowns_become_zlotys_through_the_euro_and_are_rounded_once() {
        let rates = Rates::parse(FILE).expect("a good file");
        let rate = |code| rates.on_or_before(currency(code), day("2026-10-31")).expect("a rate");
        let crowns = Money::new(10_000, currency("CZK"));
        assert_eq!(rate("CZK").convert(crowns, &rate("PLN")), Ok(Money::new(1737, currency("PLN"))));
        assert!(rate("PLN").convert(crowns, &rate("CZK")).is_err());
    }

    #[test]
    fn a_bad_line_is_named() {
        for bad in [
            "2026-13-01,CZK,24",
            "2026-10-01,XXQ,24",
            "2026-10-01,XAU,24",
            "2026-10-01,HRK,7.5345",
            "0000-01-01,CZK,24",
            "20261001,CZK,24",
            "2026-10-01,CZK,24.",
            "2026-10-01,CZK,.24",
            "2026-10-01,CZK,+24",
            "2026-10-01,CZK,1_000",
            "2026-10-01,CZK,2e1",
            "2026-10-01,CZK,0",
            "2026-10-01,EUR,2",
            "2026-10-01,CZK,x",
        ] {
            let error = Rates::parse(&format!("{FILE}{bad}\n")).expect_err(bad);
            assert!(error.to_string().starts_with("line 5 "), "{error}");
        }
        assert!(Rates::parse("on,currency\n2026-10-01,CZK\n").is_err());
    }
}
