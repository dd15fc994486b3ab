//! An account: with what a person signs in. Always true: one e-mail has one account in a network; an invited person
//! has no way in yet; an active one has a password, a sign-in link, or both; a suspended one keeps theirs and gets nowhere
//! with it.

use jiff::Timestamp;
use kernel::{Language, NetworkId, PersonId};

use crate::InvalidField;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub person: PersonId,
    /// In which network.
    pub network: NetworkId,
    /// With which e-mail they sign in: personal data.
    pub email: EmailAddress,
    /// In which language they are written to.
    pub language: Language,
    /// When its owner showed that they read their mail, if they did.
    pub email_verified_at: Option<Timestamp>,
    /// Where it stands.
    pub state: AccountState,
}

/// Where an account stands.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// The person has a code and no way in yet.
    Invited,
    /// The person can sign in.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// The person is kept out.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
}

/// An e-mail address, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct EmailAddress(String);

impl EmailAddress {
    const LONGEST: usize = 254;

    /// Reads an address. Only its shape is checked: whether somebody reads it, a code sent there will show.
    ///
    /// # Errors
    /// It has not the shape of an address.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        let text = text.trim().to_lowercase();
        let is_plain = text.len() <= Self::LONGEST
            && !text.contains(|sign: char| sign.is_whitespace() || sign.is_control());
        let has_shape = text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
        });
        if is_plain && has_shape {
            Ok(Self(text))
        } else {
            Err(InvalidField::new("email", "must be an e-mail address"))
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_in_any_case() {
        let parse = |text| EmailAddress::parse(text).map(|email| email.0);
        assert_eq!(parse(" Alena@Example.org "), Ok("alena@example.org".to_owned()));
        for bad in [
            "",
            "alena",
            "@example.org",
            "alena@",
            "alena@org",
            "a@b@example.org",
            "a b@example.org",
            "a\n@example.org",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
