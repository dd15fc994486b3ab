//! Passwords, prepared by the profile OpaqueString of RFC 8265 (section 4.2): every space becomes the ASCII space, the
//! result is in NFC, nothing is trimmed, and case is kept. So a password is the same on every keyboard (NIST SP
//! 800-63B, 3.1.1.2).
//!
//! The allowed characters are the FreeformClass of RFC 8264: no controls, nothing invisible, unassigned or private. The
//! class is checked after NFC, so that Korean from a Mac is accepted; joiners, which the class allows in a few
//! contexts, are refused. The check applies only to a new password: an older one is checked as it is typed.
//!
//! The preparation is implemented here, because the crate of these profiles knows Unicode 6.3 only and refuses
//! characters added after 2013.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{TextError, is_ignorable, is_noncharacter};

/// A password that may be set; never printed.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// The minimum length in characters; no other rule makes a password harder to guess.
    pub const SHORTEST: usize = 12;
    /// The maximum length in characters; a longer one costs time and adds nothing.
    pub const LONGEST: usize = 256;

    /// Parses a new password.
    ///
    /// # Errors
    /// Fails if the text is too short or too long, or contains a character that a password may not contain.
    pub fn parse(typed: &SecretString) -> Result<Self, TextError> {
        let password = opaque(typed.expose_secret())?;
        let length = password.chars().count();
        if length < Self::SHORTEST {
            return Err(TextError::TooShort(Self::SHORTEST));
        }
        if length > Self::LONGEST {
            return Err(TextError::TooLong(Self::LONGEST));
        }
        Ok(Self(password.into()))
    }

    /// Returns the password, to be hashed.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A password given to sign in; never printed.
#[derive(Clone, Debug)]
pub struct ShownPassword {
    typed: SecretString,
    prepared: Option<SecretString>,
}

impl From<SecretString> for ShownPassword {
    fn from(typed: SecretString) -> Self {
        let prepared = opaque(typed.expose_secret()).ok();
        Self { prepared: prepared.map(SecretString::from), typed }
    }
}

impl ShownPassword {
    /// Returns whether it is longer than any password that could be set, in every spelling.
    pub fn is_endless(&self) -> bool {
        self.typed.expose_secret().len() > 16 * Password::LONGEST
    }

    /// Returns the form in which passwords are hashed; `None` if it can only have been set before passwords were
    /// prepared.
    pub fn prepared(&self) -> Option<&str> {
        self.prepared.as_ref().map(ExposeSecret::expose_secret)
    }

    /// Returns the typed form, if it differs from the prepared one.
    pub fn as_typed(&self) -> Option<&str> {
        let typed = self.typed.expose_secret();
        (self.prepared() != Some(typed)).then_some(typed)
    }
}

/// Prepares and enforces OpaqueString.
fn opaque(typed: &str) -> Result<String, TextError> {
    let plain_space = |sign: char| {
        let is_space = sign.general_category() == GeneralCategory::SpaceSeparator;
        if is_space { ' ' } else { sign }
    };
    let prepared: String = typed.chars().map(plain_space).nfc().collect();
    if prepared.is_empty() {
        return Err(TextError::Empty);
    }
    match prepared.chars().find(|sign| !is_of_freeform_class(*sign)) {
        Some(bad) => Err(TextError::Forbidden(bad)),
        None => Ok(prepared),
    }
}

fn is_of_freeform_class(sign: char) -> bool {
    let is_old_jamo =
        matches!(sign, '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}');
    !is_old_jamo
        && !is_ignorable(sign)
        && !is_noncharacter(sign)
        && !matches!(
            sign.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Surrogate
                | GeneralCategory::Unassigned
        )
}
