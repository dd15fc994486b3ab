//! Text at the edge: one type for each sort of text that people and other systems send.
//!
//! Always true of a value that was parsed:
//! - It is in Unicode's form NFC, without white space around it, and within a length in characters that the error states.
//! - It holds no control character, no character that reorders what stands beside it (Unicode's `Bidi_Control`), no
//!   invisible one, and it shows something. So what is accepted is displayed as it is stored, and two texts that look the
//!   same compare as equal far more often than not.
//! - Parsing it again changes nothing.
//!
//! | text | type |
//! | --- | --- |
//! | an e-mail address | [`EmailAddress`]: one mailbox has one spelling |
//! | the name of a person | [`PersonName`] |
//! | a name or another single line for people | [`Label`] |
//! | several lines for people | [`FreeText`] |
//! | a name in addresses and papers | [`Slug`] |
//! | a password | [`Password`] when it is set, [`ShownPassword`] when it is tried (RFC 8265) |
//! | a code that is typed or pasted | [`Code`] |
//! | an id that another system made | [`ExternalId`]: kept byte by byte |
//!
//! Rows written before these rules are read as they stand (`stored`); migrations bring them to the form of today.

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

/// A text breaks the rule of its type. Says what it must be; the caller names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing of it can be seen.
    #[error("must not be empty")]
    Empty,
    /// It is shorter than it may be.
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// It is longer than it may be.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// It holds a character that it may not hold.
    #[error("must not contain control characters or invisible ones, such as U+{:04X}", u32::from(*.0))]
    Forbidden(char),
    /// It is no e-mail address.
    #[error("must be an e-mail address, such as jana@example.org")]
    NotAnAddress,
    /// It is no slug.
    #[error("must have only small letters a to z, digits and inner dashes")]
    NotASlug,
}

/// The one form of texts that differ only in how their letters are composed.
fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// What a text for people may not hold: controls, whatever reorders its neighbours, whatever cannot be seen, and what is no
/// character. The joiners U+200C and U+200D stay: Persian, Hindi and emoji need them.
fn is_forbidden(sign: char) -> bool {
    let is_joiner = matches!(sign, '\u{200C}' | '\u{200D}');
    sign.is_control()
        || is_ignorable(sign) && !is_joiner && !is_variation_selector(sign)
        || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{FFF9}'..='\u{FFFB}')
        || is_noncharacter(sign)
}

/// Characters that are not displayed: formats such as zero-width blanks and `Bidi_Control`, and Hangul's fillers. These
/// are the code points of `Default_Ignorable_Code_Point` that are assigned, and the deprecated formats.
fn is_ignorable(sign: char) -> bool {
    matches!(sign,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// They choose between two drawings of the character before them.
fn is_variation_selector(sign: char) -> bool {
    matches!(sign, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn is_noncharacter(sign: char) -> bool {
    matches!(sign, '\u{FDD0}'..='\u{FDEF}') || u32::from(sign) & 0xFFFE == 0xFFFE
}

/// Whether a character shows something by itself: a letter, digit, punctuation mark or symbol.
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

/// Brings a text for people to its one form: one line, or several.
fn for_people(text: &str, longest: usize, is_of_lines: bool) -> Result<String, TextError> {
    let text = if is_of_lines { nfc(&text.replace("\r\n", "\n").replace('\t', " ")) } else { nfc(text) };
    let text = text.trim();
    let is_bad = |sign: char| is_forbidden(sign) && !(is_of_lines && sign == '\n');
    if let Some(bad) = text.chars().find(|sign| is_bad(*sign)) {
        return Err(TextError::Forbidden(bad));
    }
    // It would be drawn onto whatever stands before the text.
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

/// What every type around a text can do. Serialised as the text; deserialised as it was stored.
macro_rules! text_type {
    ([$($generics:tt)*] $name:ty) => {
        impl<$($generics)*> $name {
            /// A text that was accepted before, from where it is stored.
            pub fn stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
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
