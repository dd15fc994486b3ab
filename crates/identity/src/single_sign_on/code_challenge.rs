//! A code challenge (RFC 7636, S256): the hash of a verifier that the beginner of a journey keeps secret.
//!
//! Always true: it is compared in constant time; the plain method is not supported.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const LENGTH: usize = 43;
const VERIFIER_LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

/// The hash of a verifier.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct CodeChallenge(String);

impl CodeChallenge {
    /// Parses a challenge; returns `None` if the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let hash = (text.len() == LENGTH).then(|| URL_SAFE_NO_PAD.decode(text).ok())??;
        (hash.len() == Sha256::output_size()).then(|| Self(text.to_owned()))
    }

    /// Returns the challenge of a verifier.
    pub(crate) fn of(verifier: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)))
    }

    /// Returns whether this is the verifier.
    pub(crate) fn fits(&self, verifier: &str) -> bool {
        let is_verifier = VERIFIER_LENGTHS.contains(&verifier.len());
        is_verifier && verify_slices_are_equal(Self::of(verifier).0.as_bytes(), self.0.as_bytes()).is_ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix B of RFC 7636.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_verifier_of_the_standard_fits_its_challenge_and_no_other_does() {
        let challenge = CodeChallenge::parse(CHALLENGE).expect("a challenge");
        assert_eq!(CodeChallenge::of(VERIFIER), challenge);
        assert!(challenge.fits(VERIFIER));
        assert!(!challenge.fits(CHALLENGE), "the plain method does not exist");
        assert!(!challenge.fits(""));
        assert!(!challenge.fits(&VERIFIER.replace('d', "e")));
    }

    #[test]
    fn only_a_hash_is_a_challenge() {
        for rubbish in ["", "x", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43), &"+".repeat(43)] {
            assert_eq!(CodeChallenge::parse(rubbish), None, "{rubbish:?}");
        }
    }
}
