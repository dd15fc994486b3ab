//! Money: whole minor units of one currency.
//!
//! Always true: arithmetic never mixes currencies; overflow is an error and never wraps; exactly one function of the
//! application rounds, half to even, once per line ([`round_half_even`]).

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

/// An ISO 4217 currency.
///
/// Parsed from input ([`FromStr`]), it is a currency in use today: no metal, fund, test code or replaced currency. Read
/// from stored data ([`Currency::recorded`], serde), it may have gone out of use since.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The euro, the usual clearing currency of a network.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    /// Returns the three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Parses the currency of a row or an event: any code that ISO 4217 has or had.
    ///
    /// # Errors
    /// Fails if the text is not such a code.
    pub fn recorded(code: &str) -> Result<Self, MoneyError> {
        let found = iso_currency::Currency::from_code(code).map(Self);
        found.ok_or_else(|| MoneyError::UnknownCurrency(code.into()))
    }

    /// Returns whether the currency is in use today.
    fn is_in_use(self) -> bool {
        !self.0.is_special() && !self.0.is_fund() && self.0.is_superseded().is_none()
    }

    /// Returns the number of decimal places of the minor unit; 2 for most currencies.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}
impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        let currency = Self::recorded(code)?;
        if currency.is_in_use() { Ok(currency) } else { Err(MoneyError::NotInUse(currency)) }
    }
}
impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::recorded(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The errors of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not an ISO 4217 code.
    #[error("{0:?} is not a currency code of ISO 4217")]
    UnknownCurrency(String),
    /// The code is a metal, a fund, a test code, or a currency that another has replaced.
    #[error("nobody pays in {0} (any more)")]
    NotInUse(Currency),
    /// The two amounts have different currencies.
    #[error("{0} and {1} cannot be added")]
    CurrencyMismatch(Currency, Currency),
    /// The amount does not fit.
    #[error("the amount is too large")]
    Overflow,
    /// The amount has more decimal places than the currency.
    #[error("{0} has more decimal places than {1} has")]
    TooPrecise(Decimal, Currency),
}

/// An amount: minor units (cents, haléře, grosze, kopiyky) of one currency. An amount in input is at most
/// [`Money::MOST_MINOR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Money {
    /// Minor units; negative for debts and credits.
    pub minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// The largest amount in input: the largest integer every client holds exactly, ninety trillion crowns.
    pub const MOST_MINOR: i64 = (1 << 53) - 1;

    /// Makes an amount of minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Returns zero in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Parses an exact amount of major units (`12.50`).
    ///
    /// # Errors
    /// Fails if the amount has more decimal places than the currency, or is too large.
    pub fn from_major(major: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let minor = scaled(major, currency)?;
        if !minor.fract().is_zero() {
            return Err(MoneyError::TooPrecise(major, currency));
        }
        let fitting = minor.to_i64().filter(|minor| (-Self::MOST_MINOR..=Self::MOST_MINOR).contains(minor));
        Ok(Self::new(fitting.ok_or(MoneyError::Overflow)?, currency))
    }

    /// Rounds an amount of major units to the minor unit: the only place where a price becomes money.
    ///
    /// # Errors
    /// Fails if the amount is too large.
    pub fn from_major_rounded(major: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        Ok(Self::new(round_half_even(scaled(major, currency)?)?, currency))
    }

    /// Returns the exact amount in major units.
    pub fn major(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    /// Adds two amounts of one currency.
    ///
    /// # Errors
    /// Fails if the currencies differ or the sum is too large.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// Negates the amount.
    ///
    /// # Errors
    /// Fails if the result is too large.
    pub fn negated(self) -> Result<Self, MoneyError> {
        Ok(Self::new(self.minor.checked_neg().ok_or(MoneyError::Overflow)?, self.currency))
    }

    /// Subtracts another amount of the same currency.
    ///
    /// # Errors
    /// Fails if the currencies differ or the result is too large.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(other.negated()?)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.major(), self.currency)
    }
}

fn scaled(major: Decimal, currency: Currency) -> Result<Decimal, MoneyError> {
    major.checked_mul(Decimal::from(10_i64.pow(currency.decimals()))).ok_or(MoneyError::Overflow)
}

/// Rounds to a whole number of minor units, halves to the even neighbour (R9). The only rounding of the application.
///
/// # Errors
/// Fails if the result does not fit into 64 bits.
pub fn round_half_even(value: Decimal) -> Result<i64, MoneyError> {
    value
        .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)
        .to_i64()
        .ok_or(MoneyError::Overflow)
}

/// Returns a share of an amount in basis points (1/100 of a percent), rounded once.
///
/// # Errors
/// Fails if the result is too large.
pub fn basis_points(amount: Money, points: u32) -> Result<Money, MoneyError> {
    let share = Decimal::from(amount.minor)
        .checked_mul(Decimal::new(i64::from(points), 4))
        .ok_or(MoneyError::Overflow)?;
    Ok(Money::new(round_half_even(share)?, amount.currency))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn czk() -> Currency {
        "CZK".parse().expect("CZK is a currency")
    }

    #[test]
    fn halves_round_to_the_even_neighbour() {
        let rounded = |text: &str| round_half_even(text.parse().expect("a decimal"));
        assert_eq!(rounded("0.5"), Ok(0));
        assert_eq!(rounded("1.5"), Ok(2));
        assert_eq!(rounded("-2.5"), Ok(-2));
        assert_eq!(rounded("2.51"), Ok(3));
    }

    #[test]
    fn an_exact_amount_does_not_take_half_a_haler() {
        assert!(Money::from_major("12.505".parse().expect("a decimal"), czk()).is_err());
        assert_eq!(Money::from_major("12.5".parse().expect("a decimal"), czk()), Ok(Money::new(1250, czk())));
    }

    #[test]
    fn a_currency_that_is_none_or_no_more_does_not_come_in_but_can_be_read_where_it_was_written() {
        for code in ["XXX", "XTS", "XAU", "XAG", "XDR", "HRK", "BGN", "CLF", "CHW"] {
            assert!(matches!(code.parse::<Currency>(), Err(MoneyError::NotInUse(_))), "{code}");
            assert_eq!(Currency::recorded(code).map(Currency::code), Ok(code));
        }
        for code in ["CZK", "PLN", "UAH", "EUR", "HUF", "IDR", "JPY", "KWD"] {
            assert_eq!(code.parse::<Currency>().map(Currency::code), Ok(code));
        }
        for code in ["", "czk", "CZ", "CZKK", "DEM", "ČZK", " CZK"] {
            assert!(matches!(code.parse::<Currency>(), Err(MoneyError::UnknownCurrency(_))), "{code}");
        }
    }

    #[test]
    fn an_amount_that_clients_cannot_hold_exactly_does_not_come_in() {
        let most = Decimal::new(Money::MOST_MINOR, 2);
        assert_eq!(Money::from_major(most, czk()), Ok(Money::new(Money::MOST_MINOR, czk())));
        assert_eq!(Money::from_major(most + Decimal::new(1, 2), czk()), Err(MoneyError::Overflow));
    }

    #[test]
    fn a_sum_too_large_is_refused_not_wrapped() {
        assert_eq!(Money::new(i64::MAX, czk()).plus(Money::new(1, czk())), Err(MoneyError::Overflow));
    }

    proptest! {
        #[test]
        fn currencies_never_mix(a in any::<i64>(), b in any::<i64>()) {
            prop_assert!(Money::new(a, czk()).plus(Money::new(b, Currency::EUR)).is_err());
        }

        #[test]
        fn what_is_added_can_be_taken_away(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
            let (a, b) = (Money::new(a, czk()), Money::new(b, czk()));
            prop_assert_eq!(a.plus(b).and_then(|sum| sum.minus(b)), Ok(a));
        }

        #[test]
        fn a_share_is_never_more_than_the_whole(minor in 0_i64..1_000_000_000_000, points in 0_u32..=10_000) {
            let share = basis_points(Money::new(minor, czk()), points).expect("in range");
            prop_assert!((0..=minor).contains(&share.minor));
        }
    }
}
