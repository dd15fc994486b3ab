//! The category of a mail: whether its recipient may decline it.
//!
//! Always true: mail about a person's own business reaches them whatever they chose; every other category can be
//! declined for itself.

use std::{fmt, str::FromStr};

/// The category of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailCategory {
    /// About the recipient's own business: a code they asked for, a change to their account, their invoice.
    Transactional,
    /// Everything else: a reminder, an announcement. Carries a link to decline it (RFC 8058).
    Notice,
}

/// The text is no category of mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a category of mail")]
pub struct UnknownMailCategory(String);

impl MailCategory {
    /// Every category.
    pub const ALL: [Self; 2] = [Self::Transactional, Self::Notice];

    /// Returns the word in tables and links.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Notice => "notice",
        }
    }

    /// Returns whether a person may decline such mail.
    pub const fn is_optional(self) -> bool {
        match self {
            Self::Transactional => false,
            Self::Notice => true,
        }
    }
}

impl fmt::Display for MailCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for MailCategory {
    type Err = UnknownMailCategory;
    fn from_str(word: &str) -> Result<Self, UnknownMailCategory> {
        let known = Self::ALL.into_iter().find(|category| category.word() == word);
        known.ok_or_else(|| UnknownMailCategory(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_category_is_read_as_it_is_written() {
        for category in MailCategory::ALL {
            assert_eq!(category.to_string().parse(), Ok(category));
            assert_eq!(serde_json::to_value(category).ok(), Some(category.word().into()));
        }
        assert!("spam".parse::<MailCategory>().is_err());
    }
}
