//! A code that somebody types or pastes: a one-time code, a recovery code, the digits of a phone, a secret of a device.
//!
//! Always true: it is the same code however it came over. White space is dropped wherever it stands (a mail program breaks
//! lines), and so is what cannot be seen; full-width letters and digits are the plain ones (NFKC), and every dash is `-`.
//! Whether it is right is for others to decide; what is no code at all is refused like a wrong one.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{TextError, is_ignorable};

/// A code; never printed.
#[derive(Clone, Debug)]
pub struct Code(SecretString);

impl Code {
    /// Its greatest length in characters.
    pub const LONGEST: usize = 500;

    /// Reads a code.
    ///
    /// # Errors
    /// It is empty, too long, or holds control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let is_kept = |sign: &char| !sign.is_whitespace() && !is_ignorable(*sign);
        let kept = text.nfkc().filter(is_kept).map(plain_dash);
        // Idempotent more, for what a blank held apart may compose.
        let code: String = kept.nfkc().take(Self::LONGEST + 1).collect();
        if code.is_empty() {
            return Err(TextError::Empty);
        }
        if code.chars().count() > Self::LONGEST {
            return Err(TextError::TooLong(Self::LONGEST));
        }
        match code.chars().find(|sign| sign.is_control()) {
            Some(bad) => Err(TextError::Forbidden(bad)),
            None => Ok(Self(code.into())),
        }
    }

    /// The code.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn plain_dash(sign: char) -> char {
    let is_dash = sign.general_category() == GeneralCategory::DashPunctuation || sign == '\u{2212}';
    if is_dash { '-' } else { sign }
}
