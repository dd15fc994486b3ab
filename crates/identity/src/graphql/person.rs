//! A person's account in the graph, for those who keep people out and let them in.

use async_graphql::{Enum, ID, SimpleObject};
use graph::to_id;

use crate::{Account, AccountState};

/// Where an account stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// The person has a code and no way in yet.
    Invited,
    /// The person can sign in.
    Active,
    /// The person is kept out.
    Suspended,
}

/// What became of a person's account.
#[derive(SimpleObject, Debug)]
pub struct PersonPayload {
    /// Who.
    person_id: ID,
    /// Where the account stands now.
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
