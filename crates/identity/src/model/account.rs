//! An account: a person's means of signing in.
//!
//! Always true: an e-mail has one account in a network; an invited person cannot sign in yet; an active account has a
//! password, a sign-in link, or both; a suspended account keeps them but cannot use them.

use jiff::Timestamp;
use kernel::{EmailAddress, Language, NetworkId, PersonId};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The owner.
    pub person: PersonId,
    /// The network.
    pub network: NetworkId,
    /// The e-mail for signing in: personal data.
    pub email: EmailAddress,
    /// The language of mail to the person.
    pub language: Language,
    /// When its owner proved that they read their mail, if they did.
    pub email_verified_at: Option<Timestamp>,
    /// The state.
    pub state: AccountState,
}

/// The state of an account.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// The person has a code but cannot sign in yet.
    Invited,
    /// The person can sign in.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// The person is suspended.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
}
