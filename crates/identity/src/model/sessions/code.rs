//! A one-time code: proves that a person reads what is sent to them.
//!
//! Always true: it works once, for one purpose, for a limited time; a newer one for the same purpose replaces it.

use jiff::SignedDuration;

/// The purpose of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePurpose {
    /// To set the first password.
    Invitation,
    /// To set a new password.
    PasswordReset,
    /// To prove that an address is read.
    EmailVerification,
}

kernel::stored_words!(CodePurpose {
    Invitation = "invitation",
    PasswordReset = "password_reset",
    EmailVerification = "email_verification",
});

impl CodePurpose {
    pub(crate) const ALL: [Self; 3] = [Self::Invitation, Self::PasswordReset, Self::EmailVerification];

    /// Returns how long such a code works.
    pub const fn lifetime(self) -> SignedDuration {
        match self {
            Self::Invitation => SignedDuration::from_hours(7 * 24),
            Self::PasswordReset => SignedDuration::from_hours(1),
            Self::EmailVerification => SignedDuration::from_hours(24),
        }
    }
}
