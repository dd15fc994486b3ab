//! An id assigned by another system: a device's id of a touch, a provider's id of an account.
//!
//! Always true: it is kept byte by byte, because its issuer compares it byte by byte. It is not empty, not too long,
//! and contains no character that a log cannot show.

use super::{TextError, is_forbidden, is_visible, text_type};

/// An id of at most `LONGEST` bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalId<const LONGEST: usize>(String);

text_type!([const LONGEST: usize] ExternalId<LONGEST>);

impl<const LONGEST: usize> ExternalId<LONGEST> {
    /// Parses an id.
    ///
    /// # Errors
    /// Fails if the text has no visible character, is too long, or contains control or invisible characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::check(text).map(|()| Self(text.to_owned()))
    }

    /// Checks an id without copying it, for large batches.
    ///
    /// # Errors
    /// See [`Self::parse`].
    pub fn check(text: &str) -> Result<(), TextError> {
        if text.len() > LONGEST {
            return Err(TextError::TooLong(LONGEST));
        }
        if let Some(bad) = text.chars().find(|sign| is_forbidden(*sign)) {
            return Err(TextError::Forbidden(bad));
        }
        if text.chars().any(is_visible) { Ok(()) } else { Err(TextError::Empty) }
    }
}
