//! A one-time code: proves that somebody reads what is sent to them. Always true: it works once, for one purpose, for
//! a while; a newer one for the same purpose takes its place.

use jiff::SignedDuration;

/// What a code is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePurpose {
    /// To set the first password.
    Invitation,
    /// To set a new password.
    PasswordReset,
    /// To show that an address is read.
    EmailVerification,
}

impl CodePurpose {
    const ALL: [Self; 3] = [Self::Invitation, Self::PasswordReset, Self::EmailVerification];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "email_verification",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.word() == word)
    }

    /// How long such a code works.
    pub const fn lifetime(self) -> SignedDuration {
        match self {
            Self::Invitation => SignedDuration::from_hours(7 * 24),
            Self::PasswordReset => SignedDuration::from_hours(1),
            Self::EmailVerification => SignedDuration::from_hours(24),
        }
    }
}
