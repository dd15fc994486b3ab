//! A sign-in link: that an account at a provider is a person here; and a handover, a sign-in on its way from a provider
//! to the app that asked for it.
//!
//! Always true: an account at a provider is one person of a network; a handover is good once, for a minute, for whoever
//! has the verifier of its challenge, and says who somebody is there, not here.

use jiff::{SignedDuration, Timestamp};
use kernel::{EmailAddress, NetworkId, PersonId, SignInLinkId};
use secrecy::SecretString;

use crate::single_sign_on::CodeChallenge;

/// How long a handover waits.
pub(crate) const HANDOVER_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// That an account at a provider is a person here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// The stable id.
    pub id: SignInLinkId,
    /// Whose.
    pub person: PersonId,
    /// In which network.
    pub network: NetworkId,
    /// The provider's issuer.
    pub issuer: String,
    /// Who it is there: personal data.
    pub subject: String,
    /// Since when.
    pub linked_at: Timestamp,
    /// When it was last signed in by.
    pub used_at: Timestamp,
}

/// A sign-in link as its owner sees it.
#[derive(Clone, Debug)]
pub struct NamedLink {
    /// The link.
    pub link: SignInLink,
    /// What the provider is called here; its issuer, if it is not used here any more.
    pub provider: String,
}

/// A provider as people see it who may sign in by it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct OfferedProvider {
    /// Its short name in addresses.
    pub key: String,
    /// What stands on the button.
    pub name: String,
    /// Where to begin, with `return_to` and `code_challenge`.
    pub start: String,
}

/// Whom a provider vouches for, as it is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handover {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) code_challenge: CodeChallenge,
    pub(crate) secret_hash: String,
    pub(crate) expires_at: Timestamp,
}

/// A journey begun: where the browser goes, and what it carries.
#[derive(Debug)]
pub struct JourneyBegun {
    /// The provider's address.
    pub location: String,
    /// What the browser brings back.
    pub sealed: SecretString,
    /// How long it may take.
    pub lifetime: SignedDuration,
}

/// A journey that ended at the app it began in.
#[derive(Debug)]
pub struct JourneyEnded {
    /// The app's address.
    pub return_to: String,
    /// What it gets.
    pub outcome: JourneyOutcome,
}

/// What an app gets of a journey.
#[derive(Debug)]
pub enum JourneyOutcome {
    /// A handover, for `completeSingleSignOn`.
    HandedOver(SecretString),
    /// The person, or their provider, did not want to.
    Denied,
    /// What came back is not believed.
    Refused,
    /// The provider does not answer.
    Unavailable,
}
