//! The link in a mail by which its recipient declines such mail (RFC 8058), and the page behind it.
//!
//! Always true:
//! - A link names a network, a person and a category, signed by the installation; nobody can make or change one.
//! - Looking at the page changes nothing, because programs look at links before people do. A POST declines.
//! - A link works as long as the installation has its key; declining twice is declining.
//! - The page names nobody.

use askama::Template;
use jiff::Timestamp;
use kernel::{Language, MailCategory, NetworkId, PersonId};
use platform_db::{Db, DbError, Reach};
use platform_keys::LinkKey;
use uuid::Uuid;

use crate::{TemplateError, set_preference};

const PURPOSE: &str = "unsubscribe";
const ID_BYTES: usize = 16;

/// What a link stands for: a person declines a category of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscription {
    /// The network.
    pub network: NetworkId,
    /// The person.
    pub person: PersonId,
    /// What they decline.
    pub category: MailCategory,
}

impl Unsubscription {
    /// Returns the token of its link.
    pub fn token(&self, key: &LinkKey) -> String {
        let ids = [Uuid::from(self.network), Uuid::from(self.person)].map(Uuid::into_bytes);
        key.sign(PURPOSE, &[ids.as_flattened(), self.category.word().as_bytes()].concat())
    }

    /// Reads the token of a link; nothing if this installation did not sign it for this.
    pub fn read(key: &LinkKey, token: &str) -> Option<Self> {
        let bytes = key.verify(PURPOSE, token)?;
        let (network, rest) = bytes.split_at_checked(ID_BYTES)?;
        let (person, word) = rest.split_at_checked(ID_BYTES)?;
        Some(Self {
            network: Uuid::from_slice(network).ok()?.into(),
            person: Uuid::from_slice(person).ok()?.into(),
            category: std::str::from_utf8(word).ok()?.parse().ok()?,
        })
    }

    /// Returns the path of its link at a service.
    pub(crate) fn path(&self, key: &LinkKey, service: &str) -> String {
        format!("/mail/{service}/unsubscribe/{}", self.token(key))
    }

    /// Declines, in the database of the service that sent the mail.
    ///
    /// # Errors
    /// The database is away.
    pub async fn decline(&self, db: &Db, now: Timestamp) -> Result<(), DbError> {
        let tx = db.write(Reach::Network(self.network)).await?;
        set_preference(&tx, self.network, self.person, self.category, false, now).await?;
        tx.commit().await
    }
}

/// What the page behind a link shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsubscribePage {
    /// A question and a button.
    Asks,
    /// It is done.
    Done,
    /// The link is not one.
    Invalid,
}

/// Renders the page.
///
/// # Errors
/// It cannot be rendered.
pub fn unsubscribe_page(page: UnsubscribePage, language: Language) -> Result<String, TemplateError> {
    Ok(match language {
        Language::En => PageEn { page }.render()?,
        Language::Cs => PageCs { page }.render()?,
        Language::Pl => PagePl { page }.render()?,
        Language::Uk => PageUk { page }.render()?,
    })
}

macro_rules! pages {
    ($($name:ident $file:literal;)+) => {$(
        #[derive(Template)]
        #[template(path = $file)]
        struct $name { page: UnsubscribePage }
    )+};
}

pages! {
    PageEn "en/unsubscribe.html";
    PageCs "cs/unsubscribe.html";
    PagePl "pl/unsubscribe.html";
    PageUk "uk/unsubscribe.html";
}

#[cfg(test)]
mod tests {
    use kernel::{Id as _, World};

    use super::*;

    #[test]
    fn a_link_is_for_one_person_of_one_network_and_one_category() {
        let (world, key) = (World::for_test(1), LinkKey::ephemeral().expect("a key"));
        let of = |person| Unsubscription {
            network: NetworkId::generate(&world),
            person,
            category: MailCategory::Notice,
        };
        let (jana, eva) = (of(PersonId::generate(&world)), of(PersonId::generate(&world)));
        assert_eq!(Unsubscription::read(&key, &jana.token(&key)), Some(jana));
        assert_ne!(jana.token(&key), eva.token(&key));
        let elsewhere = LinkKey::ephemeral().expect("a key");
        assert_eq!(Unsubscription::read(&elsewhere, &jana.token(&key)), None);
        assert_eq!(Unsubscription::read(&key, &key.sign("file", b"x")), None);
        assert_eq!(Unsubscription::read(&key, ""), None);
    }

    #[test]
    fn the_page_is_in_every_language_and_only_the_question_has_a_button() {
        for language in Language::ALL {
            let page = |page| unsubscribe_page(page, language).expect("a page");
            assert!(page(UnsubscribePage::Asks).contains("<form method=\"post\">"));
            for other in [UnsubscribePage::Done, UnsubscribePage::Invalid] {
                let shown = page(other);
                assert!(!shown.contains("<form"), "{shown}");
                assert!(shown.contains(&format!("<html lang=\"{language}\">")), "{shown}");
            }
        }
    }
}
