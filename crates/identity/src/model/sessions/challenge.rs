//! A sign-in that waits for the second factor, after the first one was proved.
//!
//! Always true: it waits five minutes and accepts five codes at most; a correct code deletes it; a new password, a
//! suspension and the removal of the factor end it.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::SignedIn;

/// The time it waits.
pub(crate) const CHALLENGE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// The number of codes it accepts.
pub(crate) const MOST_TRIES: i64 = 5;

/// A person's proof of the first factor alone.
#[derive(Clone, Debug)]
pub struct SignInChallenge {
    /// The challenge, to be returned with a code.
    pub challenge: SecretString,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// The outcome of the first factor.
#[derive(Debug)]
pub enum SignInOutcome {
    /// The person has no second factor: they are signed in.
    SignedIn(SignedIn),
    /// The person has a second factor.
    SecondFactorNeeded(SignInChallenge),
}
