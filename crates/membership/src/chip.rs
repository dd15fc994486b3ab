//! Chip numbers.
//!
//! Always true:
//! - A number is 4 to 10 whole bytes in hexadecimal. The UIDs of ISO/IEC 14443-3 have 4, 7 or 10 bytes; other chips
//!   and readers have lengths between (125 kHz tags 5, ISO/IEC 15693 and FeliCa 8), and a network may use several. An
//!   odd number of digits comes from a reader that dropped a zero: the card would be unknown under that number at
//!   every other reader, so the number is refused when it is issued.
//! - Only its SHA-256 is stored or logged, so a leaked table opens no door.

use std::str::FromStr;

use sha2::{Digest, Sha256};

/// The number that a reader reads.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ChipNumber(String);

/// The text is not a chip number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chip number is 4 to 10 whole bytes, two hexadecimal digits each")]
pub struct ChipNumberError;

impl ChipNumber {
    /// Returns the hash that is stored in place of the number.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// Returns the last four digits.
    pub fn ending(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

/// Serialises the hash, as stored.
impl serde::Serialize for ChipNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.hash())
    }
}

impl std::fmt::Debug for ChipNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "…{}", self.ending())
    }
}

impl FromStr for ChipNumber {
    type Err = ChipNumberError;
    /// Parses the digits. Colons, dashes, blanks and letter case are ignored.
    fn from_str(text: &str) -> Result<Self, ChipNumberError> {
        let digits: String = text
            .chars()
            .filter(|sign| !matches!(sign, ':' | '-' | ' '))
            .map(|sign| sign.to_ascii_uppercase())
            .collect();
        let is_whole = digits.len().is_multiple_of(2) && (8..=20).contains(&digits.len());
        let is_chip = is_whole && digits.chars().all(|digit| digit.is_ascii_hexdigit());
        if is_chip { Ok(Self(digits)) } else { Err(ChipNumberError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter_and_rubbish_is_refused() {
        let plain: ChipNumber = "04A224B1C35580".parse().expect("a chip");
        assert_eq!("04:a2:24:b1:c3:55:80".parse(), Ok(plain));
        for bad in ["", "04A2", "XYZXYZXYZ", "04A224B1C3558004A224B1C35580"] {
            assert_eq!(bad.parse::<ChipNumber>(), Err(ChipNumberError), "{bad}");
        }
    }

    #[test]
    fn a_number_with_a_lost_zero_is_no_chip_number() {
        for lost in ["04A224B1C3558", "412345678", "4A224B1C35580", "04A224B1C35580000000A"] {
            assert_eq!(lost.parse::<ChipNumber>(), Err(ChipNumberError), "{lost}");
        }
    }

    #[test]
    fn a_number_of_each_length_that_chips_have_is_read() {
        for bytes in 1..=12 {
            let is_chip = "04".repeat(bytes).parse::<ChipNumber>().is_ok();
            assert_eq!(is_chip, (4..=10).contains(&bytes), "{bytes} bytes");
        }
    }

    #[test]
    fn a_log_line_never_shows_the_number() {
        let chip: ChipNumber = "04A224B1C35580".parse().expect("a chip");
        assert_eq!(format!("{chip:?}"), "…5580");
    }
}
