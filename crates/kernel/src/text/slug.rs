//! A slug: a name in addresses and documents, such as a hub's, or the code of a plan, a space or a device.

use super::{TextError, text_type};

/// 1 to 60 small letters, digits and inner dashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

text_type!([] Slug);

impl Slug {
    /// The maximum length in characters.
    pub const LONGEST: usize = 60;

    /// Parses a slug.
    ///
    /// # Errors
    /// Fails if the text is empty, too long, or contains other characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let is_allowed = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        let is_slug = text.chars().all(|sign| is_allowed(sign) || sign == '-')
            && text.starts_with(is_allowed)
            && text.ends_with(is_allowed);
        if !is_slug {
            return Err(TextError::NotASlug);
        }
        if text.len() > Self::LONGEST {
            return Err(TextError::TooLong(Self::LONGEST));
        }
        Ok(Self(text.to_owned()))
    }
}
