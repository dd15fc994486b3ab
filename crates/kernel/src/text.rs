//! Text at the edge: one type for each kind of text that people and other systems send.
//!
//! Always true of a value that was parsed:
//! - It is in Unicode's form NFC, without surrounding white space, and within the length in characters that the error
//!   states.
//! - It contains no control character, no character that reorders its neighbours (Unicode's `Bidi_Control`) and no
//!   invisible character, and it contains a visible one. So accepted text is displayed as it is stored, and two texts
//!   that look the same almost always compare as equal.
//! - Parsing it again changes nothing.
//!
//! | text | type |
//! | --- | --- |
//! | an e-mail address | [`EmailAddress`]: one mailbox has one spelling |
//! | the name of a person | [`PersonName`] |
//! | a name or another single line for people | [`Label`] |
//! | several lines for people | [`FreeText`] |
//! | a name in addresses and documents | [`Slug`] |
//! | a password | [`Password`] when it is set, [`ShownPassword`] when it is checked (RFC 8265) |
//! | a typed or pasted code | [`Code`] |
//! | an id assigned by another system | [`ExternalId`]: kept byte by byte |
//!
//! Rows written before these rules are read unchanged (`stored`); migrations convert them to the present form.

mod code;
mod email;
mod external_id;
mod label;
mod password;
mod slug;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

pub use code::Code;
pub use email::EmailAddress;
pub use external_id::ExternalId;
pub use label::{FreeText, Label, PersonName};
pub use password::{Password, ShownPassword};
pub use slug::Slug;

/// A text breaks the rule of its type. The message states the rule; the caller names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It has no visible character.
    #[error("must not be empty")]
    Empty,
    /// It is shorter than the minimum.
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// It is longer than the maximum.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// It contains a forbidden character.
    #[error("must not contain control characters or invisible ones, such as U+{:04X}", u32::from(*.0))]
    Forbidden(char),
    /// It is not an e-mail address.
    #[error("must be an e-mail address, such as jana@example.org")]
    NotAnAddress,
    /// It is not a slug.
    #[error("must have only small letters a to z, digits and inner dashes")]
    NotASlug,
}

/// Returns the one form of texts that differ only in the composition of their letters.
fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Forbidden in text for people: controls, characters that reorder their neighbours, invisible characters and
/// noncharacters. The joiners U+200C and U+200D are allowed: Persian, Hindi and emoji need them.
fn is_forbidden(sign: char) -> bool {
    let is_joiner = matches!(sign, '\u{200C}' | '\u{200D}');
    sign.is_control()
        || is_ignorable(sign) && !is_joiner && !is_variation_selector(sign)
        || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}')
        || is_noncharacter(sign)
}

/// Characters that are not displayed: formats such as zero-width blanks and `Bidi_Control`, and Hangul's fillers. These
/// are the assigned code points of `Default_Ignorable_Code_Point`, and the deprecated formats.
fn is_ignorable(sign: char) -> bool {
    matches!(sign,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A variation selector chooses between two glyphs of the preceding character.
fn is_variation_selector(sign: char) -> bool {
    matches!(sign, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_noncharacter(sign: char) -> bool {
    matches!(sign, '\u{FDD0}'..='\u{FDEF}') || u32::from(sign) & 0xFFFE == 0xFFFE
}

/// Returns whether a character is visible by itself: a letter, digit, punctuation mark or symbol.
fn is_visible(sign: char) -> bool {
    let group = sign.general_category_group();
    let is_blank = is_ignorable(sign) || sign == '\u{2800}';
    !is_blank
        && matches!(
            group,
            GeneralCategoryGroup::Letter
                | GeneralCategoryGroup::Number
                | GeneralCategoryGroup::Punctuation
                | GeneralCategoryGroup::Symbol
        )
}

fn is_mark(sign: char) -> bool {
    sign.general_category_group() == GeneralCategoryGroup::Mark
}

/// Normalises a text for people: one line, or several.
fn for_people(text: &str, longest: usize, is_of_lines: bool) -> Result<String, TextError> {
    let text = if is_of_lines { nfc(&text.replace("\r\n", "\n").replace('\t', " ")) } else { nfc(text) };
    let text = text.trim();
    let is_bad = |sign: char| is_forbidden(sign) && !(is_of_lines && sign == '\n');
    if let Some(bad) = text.chars().find(|sign| is_bad(*sign)) {
        return Err(TextError::Forbidden(bad));
    }
    // A leading mark would be drawn onto the text that precedes it.
    if let Some(mark) = text.chars().next().filter(|first| is_mark(*first)) {
        return Err(TextError::Forbidden(mark));
    }
    if !text.chars().any(is_visible) {
        return Err(TextError::Empty);
    }
    if text.chars().count() > longest {
        return Err(TextError::TooLong(longest));
    }
    Ok(text.to_owned())
}

/// The methods of every text type. Serialised as the text; deserialised as it was stored.
macro_rules! text_type {
    ([$($generics:tt)*] $name:ty) => {
        impl<$($generics)*> $name {
            /// Wraps a stored text that was accepted before.
            pub fn stored(text: String) -> Self {
                Self(text)
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<$($generics)*> std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<$($generics)*> From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl<$($generics)*> serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::stored)
            }
        }
    };
}
use text_type;

#[cfg(test)]
mod tests;
