//! The languages in which the application addresses people.
//!
//! Always true: a language is English, Czech, Polish or Ukrainian.

use std::{fmt, str::FromStr};

/// A language of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Czech.
    Cs,
    /// Polish.
    Pl,
    /// Ukrainian.
    Uk,
}

/// The text names no supported language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of en, cs, pl, uk")]
pub struct UnknownLanguage;

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::En, Self::Cs, Self::Pl, Self::Uk];

    /// Returns the ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Cs => "cs",
            Self::Pl => "pl",
            Self::Uk => "uk",
        }
    }

    /// Returns the supported language that an `Accept-Language` header prefers: the highest `q`, the first of equals.
    /// Returns English if it accepts none.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = (0, Self::En);
        for range in accept_language.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths);
            if let (Some(language), Some(quality)) = (Self::of_tag(tag), quality)
                && quality > best.0
            {
                best = (quality, language);
            }
        }
        best.1
    }

    /// Parses the language of a tag such as `pl-PL` or `*`.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        if primary == "*" {
            return Some(Self::En);
        }
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }
}

/// Parses a weight such as `0.8`: at most 1, at most three digits.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, part) = quality.split_once('.').unwrap_or((quality, ""));
    if part.len() > 3 || !part.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;
    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.code() == code).ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_liked_best_is_spoken() {
        for (header, language) in [
            ("", Language::En),
            ("cs", Language::Cs),
            ("PL-pl,en;q=0.5", Language::Pl),
            ("de-DE,de;q=0.9,uk;q=0.8,en;q=0.7", Language::Uk),
            ("en;q=0.3, cs;q=0.35", Language::Cs),
            ("cs;q=0, pl;q=0.001", Language::Pl),
            ("cs, pl", Language::Cs),
            ("*, pl;q=0.5", Language::En),
            ("de, fr", Language::En),
            ("cs;q=2, pl;q=0.1", Language::Pl),
            ("cs;q=x;q=1, ;;;, -", Language::En),
        ] {
            assert_eq!(Language::negotiate(header), language, "{header}");
        }
    }
}
