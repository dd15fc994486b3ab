//! Ledger: who owes whom, in double entry.
//!
//! Always true:
//! - R10: a transaction sums to zero in every currency; [`Transaction::balanced`] is the only way to make one, and
//!   the database also rejects any other.
//! - Entries are only ever added.
//!
//! A positive entry is money that the owner of the account receives, a negative one money that the owner gives.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{
    ChargeId, Currency, HubId, Id, Money, MoneyError, Month, NetworkId, SettlementId, TransactionId, World,
};
use uuid::Uuid;

use crate::Charge;

/// An account of a network's ledger, one for each currency used in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What a hub has earned and owes, not yet settled; in the currencies of the hosts.
    Open(HubId),
    /// What a hub receives or pays after settlement; in its own currency.
    Settled(HubId),
    /// The network's commission.
    Commission,
    /// The counter-account of currency exchange: amounts given and taken.
    Exchange,
}

impl Account {
    /// Returns the word stored in the database.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Settled(_) => "settled",
            Self::Commission => "commission",
            Self::Exchange => "exchange",
        }
    }

    /// Returns the owner: the hub or the network.
    pub(crate) fn owner(self, network: NetworkId) -> Uuid {
        match self {
            Self::Open(hub) | Self::Settled(hub) => hub.into(),
            Self::Commission | Self::Exchange => network.into(),
        }
    }
}

/// One line of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// The amount received; negative for an amount given.
    pub amount: Money,
}

/// The cause of a transaction; each cause is posted once (R11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A charge or a credit.
    Charge(ChargeId),
    /// The close of a month.
    Settlement(SettlementId),
}

/// Entries that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The stable id.
    pub id: TransactionId,
    /// The cause.
    pub cause: Cause,
    /// The month it belongs to.
    pub period: Month,
    /// The time of posting.
    pub posted_at: Timestamp,
    entries: Vec<Entry>,
}

/// The entries do not form a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The entries do not sum to zero.
    #[error("the entries in {0} sum to {1} minor units instead of zero")]
    Unbalanced(Currency, i64),
    /// A sum is too large.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Transaction {
    /// Makes a transaction of entries: one per account and currency, none of them zero. Returns `None` if no entry is
    /// left.
    ///
    /// # Errors
    /// Fails if the entries do not sum to zero in every currency.
    pub fn balanced(
        cause: Cause,
        period: Month,
        entries: &[Entry],
        world: &World,
    ) -> Result<Option<Self>, LedgerError> {
        let entries = merged(entries)?;
        for (currency, sum) in sums(&entries)? {
            if sum != 0 {
                return Err(LedgerError::Unbalanced(currency, sum));
            }
        }
        let (id, posted_at) = (TransactionId::generate(world), world.now());
        Ok((!entries.is_empty()).then_some(Self { id, cause, period, posted_at, entries }))
    }

    /// Returns the transaction of a charge or a credit: the home hub owes the host the gross amount. A free visit has
    /// none.
    ///
    /// # Errors
    /// Fails if the amount is too large to negate.
    pub fn of_charge(charge: &Charge, world: &World) -> Result<Option<Self>, LedgerError> {
        let entries = [
            Entry { account: Account::Open(charge.home_hub), amount: charge.amount.negated()? },
            Entry { account: Account::Open(charge.hub), amount: charge.amount },
        ];
        Self::balanced(Cause::Charge(charge.id), charge.period, &entries, world)
    }

    /// Returns the entries, in the order of their accounts.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

fn merged(entries: &[Entry]) -> Result<Vec<Entry>, MoneyError> {
    let mut by_account: BTreeMap<(Account, Currency), Money> = BTreeMap::new();
    for entry in entries {
        let sum = by_account
            .entry((entry.account, entry.amount.currency))
            .or_insert(Money::zero(entry.amount.currency));
        *sum = sum.plus(entry.amount)?;
    }
    let merged = by_account.into_iter().map(|((account, _), amount)| Entry { account, amount });
    Ok(merged.filter(|entry| entry.amount.minor != 0).collect())
}

fn sums(entries: &[Entry]) -> Result<BTreeMap<Currency, i64>, MoneyError> {
    let mut sums = BTreeMap::new();
    for entry in entries {
        let sum: &mut i64 = sums.entry(entry.amount.currency).or_default();
        *sum = sum.checked_add(entry.amount.minor).ok_or(MoneyError::Overflow)?;
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_do_not_sum_to_zero_in_every_currency_are_no_transaction() {
        let world = World::for_test(1);
        let pln: Currency = "PLN".parse().expect("a currency");
        let entry =
            |minor, currency| Entry { account: Account::Exchange, amount: Money::new(minor, currency) };
        let hub = Entry { account: Account::Open(HubId::generate(&world)), amount: Money::new(-5, pln) };
        let cause = Cause::Charge(ChargeId::generate(&world));
        let month = "2026-10".parse().expect("a month");
        let post = |entries: &[Entry]| Transaction::balanced(cause, month, entries, &world);
        assert_eq!(post(&[entry(5, Currency::EUR), hub]), Err(LedgerError::Unbalanced(Currency::EUR, 5)));
        assert!(post(&[entry(5, pln), hub]).is_ok_and(|posted| posted.is_some()));
        assert_eq!(post(&[entry(5, pln), entry(-5, pln)]), Ok(None));
    }
}
