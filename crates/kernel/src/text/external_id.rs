//! An id that another system made: a device's id of a touch, a provider's id of an account.
//!
//! Always true: it is kept byte by byte, for whoever made it compares it so; it only may not be empty, too long, or hold
//! what cannot be shown in a log.

use super::{TextError, is_forbidden, is_visible, text_type};

/// An id of at most `LONGEST` bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExternalId<const LONGEST: usize>(String);

text_type!([const LONGEST: usize] ExternalId<LONGEST>);

impl<const LONGEST: usize> ExternalId<LONGEST> {
    /// Reads an id.
    ///
    /// # Errors
    /// It shows nothing, is too long, or holds control characters or invisible ones.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Self::check(text).map(|()| Self(text.to_owned()))
    }

    /// The same without a copy, for those who look at many.
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
