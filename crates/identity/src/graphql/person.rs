//! A person's account in the graph, for those who suspend and reinstate people.

use async_graphql::{Enum, ID, SimpleObject};
use graph::to_id;

use crate::{Account, AccountState};

/// The state of an account.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// The person is invited and cannot sign in yet.
    Invited,
    /// The person can sign in.
    Active,
    /// The person is suspended.
    Suspended,
}

/// The account of a person after a change.
#[derive(SimpleObject, Debug)]
pub struct PersonPayload {
    /// The id of the person.
    person_id: ID,
    /// The state of the account.
    status: AccountStatus,
}

impl From<Account> for PersonPayload {
    fn from(account: Account) -> Self {
        let status = match account.state {
            AccountState::Invited => AccountStatus::Invited,
            AccountState::Active { .. } => AccountStatus::Active,
            AccountState::Suspended { .. } => AccountStatus::Suspended,
        };
        Self { person_id: to_id(account.person), status }
    }
}
