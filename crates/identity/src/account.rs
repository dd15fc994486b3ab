//! An account: with what a person signs in. Always true: one e-mail has one account in a network; an invited person
//! has no way in yet; an active one has a password, a sign-in link, or both; a suspended one keeps theirs and gets nowhere
//! with it.

use jiff::Timestamp;
use kernel::{EmailAddress, Language, NetworkId, PersonId};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
    /// In which network.
    pub network: NetworkId,
    /// With which e-mail they sign in: personal data.
    pub email: EmailAddress,
    /// In which language they are written to.
    pub language: Language,
    /// When its owner showed that they read their mail, if they did.
    pub email_verified_at: Option<Timestamp>,
    /// Where it stands.
    pub state: AccountState,
}

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// The person has a code and no way in yet.
    Invited,
    /// The person can sign in.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// The person is kept out.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
}
