//! What a mail server means by refusing a mail.
//!
//! Always true: the server's own words are not kept, for they may hold the address; only its numbers are.

use std::fmt;

/// A refusal: the reply code (RFC 5321) and the enhanced status code (RFC 3463), if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    code: u16,
    enhanced: Option<(u16, u16, u16)>,
}

impl Refusal {
    /// Reads the code, and the enhanced code at the beginning of the server's words.
    pub(crate) fn new(code: u16, words: &str) -> Self {
        Self { code, enhanced: words.split_whitespace().next().and_then(enhanced) }
    }

    /// Whether it refuses the client, not the mail: a wrong password, an unknown command, a server that takes no mail.
    /// Nothing is wrong with the recipient then.
    pub(crate) fn is_about_us(self) -> bool {
        matches!(self.code, 500..=504 | 521 | 530 | 534 | 535 | 538)
    }

    /// Whether it says that nobody reads mail at this address, as opposed to refusing this mail.
    pub(crate) fn is_about_the_mailbox(self) -> bool {
        match self.enhanced {
            // 5.1.8 is about the sender's address; 5.2.3 about the length of this mail.
            Some((5, 1, detail)) => !matches!(detail, 7 | 8),
            Some((5, 2, detail)) => detail != 3,
            Some(_) => false,
            None => matches!(self.code, 550 | 551 | 553 | 556),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.enhanced {
            Some((class, subject, detail)) => write!(f, "{} {class}.{subject}.{detail}", self.code),
            None => write!(f, "{}", self.code),
        }
    }
}

fn enhanced(word: &str) -> Option<(u16, u16, u16)> {
    let mut parts = word.split('.').map(|part| part.parse::<u16>().ok());
    match (parts.next()??, parts.next()??, parts.next()??, parts.next()) {
        (class @ (2 | 4 | 5), subject, detail, None) => Some((class, subject, detail)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_mailbox_makes_an_address_undeliverable() {
        for (code, words, is_about_the_mailbox) in [
            (550, "5.1.1 no such mailbox", true),
            (550, "no such mailbox", true),
            (552, "5.2.2 mailbox full", true),
            (552, "5.2.3 message too long", false),
            (552, "too much mail data", false),
            (550, "5.7.1 your server is on a list", false),
            (554, "transaction failed", false),
            (550, "5.1.8 sender unknown", false),
        ] {
            assert_eq!(
                Refusal::new(code, words).is_about_the_mailbox(),
                is_about_the_mailbox,
                "{code} {words}"
            );
        }
    }

    #[test]
    fn a_refusal_of_the_client_is_no_bounce() {
        assert!(Refusal::new(535, "5.7.8 authentication failed").is_about_us());
        assert!(!Refusal::new(550, "5.1.1 no such mailbox").is_about_us());
    }

    #[test]
    fn a_refusal_is_kept_without_the_servers_words() {
        assert_eq!(Refusal::new(550, "5.1.1 <jana@example.org> unknown").to_string(), "550 5.1.1");
        assert_eq!(Refusal::new(550, "jana@example.org unknown").to_string(), "550");
        assert_eq!(Refusal::new(550, "5.1.1.1 rubbish").to_string(), "550");
    }
}
