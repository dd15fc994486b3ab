//! A code that a person types or pastes: a one-time code, a recovery code, the digits of a phone, a device's secret.
//!
//! Always true: a code does not depend on how it was copied. Parsing drops all white space (a mail program breaks
//! lines) and all invisible characters, converts full-width letters and digits to plain ones (NFKC), and every dash to
//! `-`. Callers check whether the code is right; text that is not a code is refused like a wrong code.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{TextError, is_ignorable};

/// A code; never printed.
#[derive(Clone, Debug)]
pub struct Code(SecretString);

impl Code {
    /// The maximum length in characters.
    pub const LONGEST: usize = 500;

    /// Parses a code.
    ///
    /// # Errors
    /// Fails if the text is empty, too long, or contains control characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let is_kept = |sign: &char| !sign.is_whitespace() && !is_ignorable(*sign);
        let kept = text.nfkc().filter(is_kept).map(plain_dash);
        // The second pass composes characters that a blank separated before.
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

    /// Returns the code.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn plain_dash(sign: char) -> char {
    let is_dash = sign.general_category() == GeneralCategory::DashPunctuation || sign == '\u{2212}';
    if is_dash { '-' } else { sign }
}
