//! Rates: what a euro bought on a day, read from a file.
//!
//! Always true: amounts in different currencies meet only through two rates of this table, each the latest published
//! on or before the wanted day; a rate that is not there is missing, never guessed.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use kernel::{Currency, Money, MoneyError};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What one euro bought of a currency on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedRate {
    /// The currency.
    pub currency: Currency,
    /// The day the rate was published.
    pub on: Date,
    /// Units of the currency for one euro; above zero.
    pub per_eur: Decimal,
}

impl DatedRate {
    /// What an amount of this rate's currency is in another's, rounded once.
    ///
    /// # Errors
    /// The amount is of a third currency, or too large.
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

/// A file of rates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// A line is not `on,currency,per_eur`.
    #[error("the rates file cannot be read")]
    Malformed(#[from] csv::Error),
    /// A value on a line makes no sense.
    #[error("line {line} of the rates file: {rule}")]
    Invalid {
        /// The line, the heading being the first.
        line: usize,
        /// What is wrong with it.
        rule: String,
    },
}

/// All published rates.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    by_currency: HashMap<Currency, BTreeMap<Date, Decimal>>,
}

#[derive(Deserialize)]
struct Line {
    on: String,
    currency: String,
    per_eur: String,
}

impl Rates {
    /// Reads a CSV text with the heading `on,currency,per_eur`.
    ///
    /// # Errors
    /// See [`RatesError`]; the line is named.
    pub fn parse(csv_text: &str) -> Result<Self, RatesError> {
        let mut rates = Self::default();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv_text.as_bytes());
        for (index, line) in reader.deserialize().enumerate() {
            let rate = read(&line?).map_err(|rule| RatesError::Invalid { line: index + 2, rule })?;
            rates.by_currency.entry(rate.currency).or_default().insert(rate.on, rate.per_eur);
        }
        Ok(rates)
    }

    /// The latest rate of a currency published on or before a day. The euro needs none: it is one, always.
    pub fn on_or_before(&self, currency: Currency, day: Date) -> Option<DatedRate> {
        if currency == Currency::EUR {
            return Some(DatedRate { currency, on: day, per_eur: Decimal::ONE });
        }
        let (on, per_eur) = self.by_currency.get(&currency)?.range(..=day).next_back()?;
        Some(DatedRate { currency, on: *on, per_eur: *per_eur })
    }
}

fn read(line: &Line) -> Result<DatedRate, String> {
    let on = line.on.parse().map_err(|error: jiff::Error| error.to_string())?;
    let currency: Currency = line.currency.parse().map_err(|error: MoneyError| error.to_string())?;
    let per_eur = Decimal::from_str_exact(&line.per_eur).map_err(|error| error.to_string())?;
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
