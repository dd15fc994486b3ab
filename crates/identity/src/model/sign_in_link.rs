//! A sign-in link connects an account at a provider to a person here. A handover is a sign-in on its way from a
//! provider to the requesting app.
//!
//! Always true: an account at a provider is one person of a network; a handover works once, for a minute, for the
//! holder of its challenge's verifier, and states who a person is at the provider, not here.

use jiff::{SignedDuration, Timestamp};
use kernel::{EmailAddress, NetworkId, PersonId, SignInLinkId};
use secrecy::SecretString;

use crate::single_sign_on::CodeChallenge;

/// The lifetime of a handover.
pub(crate) const HANDOVER_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// A connection of an account at a provider to a person here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// The stable id.
    pub id: SignInLinkId,
    /// The person.
    pub person: PersonId,
    /// The network.
    pub network: NetworkId,
    /// The provider's issuer.
    pub issuer: String,
    /// The subject at the provider: personal data.
    pub subject: String,
    /// When it was made.
    pub linked_at: Timestamp,
    /// When it was last used to sign in.
    pub used_at: Timestamp,
}

/// A sign-in link, for its owner.
#[derive(Clone, Debug)]
pub struct NamedLink {
    /// The link.
    pub link: SignInLink,
    /// The provider's display name here; its issuer, if it is no longer configured.
    pub provider: String,
}

/// A provider, for the people who may sign in by it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct OfferedProvider {
    /// Its short name in addresses.
    pub key: String,
    /// The text of the button.
    pub name: String,
    /// The address that begins the sign-in, with `return_to` and `code_challenge`.
    pub start: String,
}

/// The identity that a provider vouches for, as handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handover {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) code_challenge: CodeChallenge,
    pub(crate) secret_hash: String,
    pub(crate) expires_at: Timestamp,
}

/// A begun journey: the browser's destination and its sealed data.
#[derive(Debug)]
pub struct JourneyBegun {
    /// The provider's address.
    pub location: String,
    /// The data that the browser brings back.
    pub sealed: SecretString,
    /// The maximum duration.
    pub lifetime: SignedDuration,
}

/// A journey that ended at its app.
#[derive(Debug)]
pub struct JourneyEnded {
    /// The app's address.
    pub return_to: String,
    /// The outcome for the app.
    pub outcome: JourneyOutcome,
}

/// The outcome of a journey.
#[derive(Debug)]
pub enum JourneyOutcome {
    /// A handover, for `completeSingleSignOn`.
    HandedOver(SecretString),
    /// The person or the provider declined.
    Denied,
    /// The returned data was not accepted.
    Refused,
    /// The provider did not respond.
    Unavailable,
}
