//! Language: what the house speaks to people. Always true: English, Czech, Polish or Ukrainian.

use std::{fmt, str::FromStr};

/// A language of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Czech.
    Cs,
    /// Polish.
    Pl,
    /// Ukrainian.
    Uk,
}

/// The text names no language of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of en, cs, pl, uk")]
pub struct UnknownLanguage;

impl Language {
    const ALL: [Self; 4] = [Self::En, Self::Cs, Self::Pl, Self::Uk];

    /// The ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Cs => "cs",
            Self::Pl => "pl",
            Self::Uk => "uk",
        }
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
