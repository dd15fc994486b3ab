//! A sign-in that waits for the second factor: the first one was shown.
//!
//! Always true: it waits five minutes and takes five codes at most; once one fits, it is gone; a new password, a
//! suspension and the end of the factor end it.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use crate::SignedIn;

/// How long it waits.
pub(crate) const CHALLENGE_LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// How many codes it takes.
pub(crate) const MOST_TRIES: i64 = 5;

/// What a person holds who has shown the first factor only.
#[derive(Clone, Debug)]
pub struct SignInChallenge {
    /// To be sent back with a code.
    pub challenge: SecretString,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// What comes of showing the first factor.
#[derive(Debug)]
pub enum SignInOutcome {
    /// The person has no second one: they are in.
    SignedIn(SignedIn),
    /// The person has a second one.
    SecondFactorNeeded(SignInChallenge),
}
