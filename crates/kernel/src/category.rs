//! Category: a member's standing at their home hub.
//!
//! Always true: a category selects prices and nothing else; an unknown word is refused, not guessed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! categories {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A member's category.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Category { $($(#[$doc])* $name,)* }

        impl Category {
            /// Every category.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the word on the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

categories! {
    /// Lives in the catchment.
    Resident = "resident",
    /// Runs a business.
    Entrepreneur = "entrepreneur",
    /// Founds a business.
    StartUp = "start_up",
    /// Acts for a non-profit body.
    NonProfit = "non_profit",
    /// Studies.
    Student = "student",
    /// Is retired.
    Senior = "senior",
    /// Looks for work.
    Unemployed = "unemployed",
    /// Was displaced from home.
    Displaced = "displaced",
    /// Works for a partner of the hub.
    PartnerStaff = "partner_staff",
}

/// The text is not a category.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a member category, such as resident or student")]
pub struct UnknownCategory(String);

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;
    fn from_str(word: &str) -> Result<Self, UnknownCategory> {
        let known = Self::ALL.iter().find(|category| category.word() == word);
        known.copied().ok_or_else(|| UnknownCategory(word.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_written_the_same_everywhere() {
        for category in Category::ALL {
            assert_eq!(category.to_string().parse(), Ok(*category));
            assert_eq!(serde_json::to_value(category).ok(), Some(category.word().into()));
        }
        assert!("vip".parse::<Category>().is_err());
    }
}
