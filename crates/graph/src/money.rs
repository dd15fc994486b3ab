//! Money in the graph: whole minor units beside a currency code, never a float.

use async_graphql::SimpleObject;

use crate::{Date, SafeInt};

/// An amount of money.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct Money {
    /// Minor units: haléře, grosze, kopiyky, cents.
    pub minor: SafeInt,
    /// ISO 4217 code.
    pub currency: String,
    /// The amount in major units with its currency, for reading: `12.50 CZK`.
    pub display: String,
}

impl From<kernel::Money> for Money {
    fn from(money: kernel::Money) -> Self {
        Self { minor: money.minor.into(), currency: money.currency.to_string(), display: money.to_string() }
    }
}

/// An exchange rate as it was used.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
#[graphql(shareable)]
pub struct Rate {
    /// ISO 4217 code.
    pub currency: String,
    /// How much of the currency one unit of the clearing currency buys, as a decimal.
    pub per_unit: String,
    /// The day the rate was published: the latest on or before the last day of the month.
    pub on: Date,
}
