//! An e-mail address. Always true: one mailbox has one spelling.
//!
//! - The local part is in NFC (RFC 6532) and in lower case; no mail provider gives `Jana` and `jana` to two people.
//! - The domain is in A-labels, in lower case (RFC 5891): `háčkyčárky.cz` is `xn--hkyrky-ptac70bc.cz`.
//! - Angle brackets, comments, quoted parts, address literals and a trailing dot of the domain are refused: such an
//!   address has a plain spelling, or nobody has it.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::{TextError, is_ignorable, is_mark, is_visible, nfc, text_type};

/// An e-mail address: personal data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

text_type!([] EmailAddress);

/// RFC 5321, 4.5.3.1: the maximum of the local part, in bytes.
const LONGEST_LOCAL_BYTES: usize = 64;

impl EmailAddress {
    /// The maximum length. RFC 5321 counts bytes, and so does this type.
    pub const LONGEST: usize = 254;

    /// Parses an address. Checks its form only: a code sent there proves that somebody reads it.
    ///
    /// # Errors
    /// Fails if the text does not have the form of an address.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.len() > 4 * Self::LONGEST {
            return Err(TextError::TooLong(Self::LONGEST));
        }
        let (local, domain) = text.split_once('@').ok_or(TextError::NotAnAddress)?;
        let (local, domain) = (local_part(local)?, domain_in_a_labels(domain)?);
        let address = format!("{local}@{domain}");
        if address.len() > Self::LONGEST {
            return Err(TextError::TooLong(Self::LONGEST));
        }
        Ok(Self(address))
    }
}

/// A dot-atom of RFC 5322 with the letters of RFC 6532.
fn local_part(text: &str) -> Result<String, TextError> {
    let local = nfc(&nfc(text).to_lowercase());
    let is_atom = |atom: &str| {
        let mut signs = atom.chars();
        signs.next().is_some_and(|first| !is_mark(first)) && atom.chars().all(is_atom_text)
    };
    if local.split('.').all(is_atom) && local.len() <= LONGEST_LOCAL_BYTES {
        Ok(local)
    } else {
        Err(TextError::NotAnAddress)
    }
}

fn is_atom_text(sign: char) -> bool {
    if sign.is_ascii() {
        return sign.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(sign);
    }
    !is_ignorable(sign) && (is_visible(sign) || is_mark(sign))
}

fn domain_in_a_labels(text: &str) -> Result<String, TextError> {
    let domain = Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_errors| TextError::NotAnAddress)?;
    let last = domain.rsplit('.').next().unwrap_or_default();
    let is_of_dns = domain.contains('.') && !last.bytes().all(|byte| byte.is_ascii_digit());
    if is_of_dns { Ok(domain.into_owned()) } else { Err(TextError::NotAnAddress) }
}
