//! Text for people: a label is one line, a free text may have several, and a person's name is a label of its own type, for
//! it is personal data.

use super::{TextError, for_people, text_type};

/// One line for people: the name of a hub, a plan, a key; a street; a title. At most `LONGEST` characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label<const LONGEST: usize>(String);

/// Several lines for people, or nothing at all. At most `LONGEST` characters; lines end with U+000A, a tab is a blank.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct FreeText<const LONGEST: usize>(String);

/// The name of a person, as they write it: personal data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersonName(String);

text_type!([const LONGEST: usize] Label<LONGEST>);
text_type!([const LONGEST: usize] FreeText<LONGEST>);
text_type!([] PersonName);

impl<const LONGEST: usize> Label<LONGEST> {
    /// Reads a line.
    ///
    /// # Errors
    /// It shows nothing, is too long, or holds what a text may not hold.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        for_people(text, LONGEST, false).map(Self)
    }
}

impl<const LONGEST: usize> FreeText<LONGEST> {
    /// Reads a text.
    ///
    /// # Errors
    /// It has something and shows nothing, is too long, or holds what a text may not hold.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        for_people(text, LONGEST, true).map(Self)
    }
}

impl PersonName {
    /// Its greatest length in characters.
    pub const LONGEST: usize = 200;

    /// Reads a name.
    ///
    /// # Errors
    /// It shows nothing, is too long, or holds what a text may not hold.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        for_people(text, Self::LONGEST, false).map(Self)
    }
}
