//! Text for people: a label is one line, a free text may have several. A person's name is a label of its own type,
//! because it is personal data.

use super::{TextError, for_people, text_type};

/// One line for people: the name of a hub, a plan, a key; a street; a title. At most `LONGEST` characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label<const LONGEST: usize>(String);

/// Several lines for people, or empty. At most `LONGEST` characters; lines end with U+000A, a tab becomes a blank.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct FreeText<const LONGEST: usize>(String);

/// The name of a person, as they write it: personal data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersonName(String);

text_type!([const LONGEST: usize] Label<LONGEST>);
text_type!([const LONGEST: usize] FreeText<LONGEST>);
text_type!([] PersonName);

impl<const LONGEST: usize> Label<LONGEST> {
    /// Parses a line.
    ///
    /// # Errors
    /// Fails if the text has no visible character, is too long, or contains a forbidden character.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        for_people(text, LONGEST, false).map(Self)
    }
}

impl<const LONGEST: usize> FreeText<LONGEST> {
    /// Parses a text of several lines.
    ///
    /// # Errors
    /// Fails if the text is not empty but has no visible character, is too long, or contains a forbidden character.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        for_people(text, LONGEST, true).map(Self)
    }
}

impl PersonName {
    /// The maximum length in characters.
    pub const LONGEST: usize = 200;

    /// Parses a name.
    ///
    /// # Errors
    /// Fails if the text has no visible character, is too long, or contains a forbidden character.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        for_people(text, Self::LONGEST, false).map(Self)
    }
}
