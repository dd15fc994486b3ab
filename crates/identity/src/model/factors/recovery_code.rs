//! Recovery codes: let a person sign in whose phone is lost. Ten at a time, on paper.
//!
//! Always true: each has 80 random bits, so a plain hash protects it; each works once; new codes replace the old.

use kernel::{Code, NetworkId, PersonId, World};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// The number of codes of a person.
pub(crate) const RECOVERY_CODES: usize = 10;
/// The alphabet: sixteen of these make a code, and no two look alike on paper.
const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH: usize = 16;
const GROUP: usize = 4;

/// Makes new codes: the plain texts for the person.
pub(crate) fn make(world: &World) -> Vec<SecretString> {
    (0..RECOVERY_CODES).map(|_code| write(&world.random()).into()).collect()
}

/// Returns the stored hash of a generated or typed code; `None` if the text cannot be a code.
pub(crate) fn hash(network: NetworkId, person: PersonId, typed: &Code) -> Option<String> {
    let plain = typed.expose().to_lowercase().replace('-', "");
    if plain.len() != LENGTH || !plain.bytes().all(|byte| SIGNS.contains(&byte)) {
        return None;
    }
    let digest = Sha256::digest(format!("{network} {person} {plain}"));
    Some(hex::encode(digest))
}

/// Encodes five bits per character, in groups of four.
fn write(random: &[u8; 10]) -> String {
    let bit = |place: usize| usize::from(random[place / 8] >> (7 - place % 8) & 1);
    let sign = |number: usize| {
        let index = (0..5).fold(0, |index, place| index * 2 + bit(number * 5 + place));
        char::from(SIGNS[index])
    };
    let signs: Vec<char> = (0..LENGTH).map(sign).collect();
    let groups: Vec<String> = signs.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::Id;
    use secrecy::ExposeSecret;

    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text).expect("a code")
    }

    #[test]
    fn ten_codes_differ_and_are_recognised_however_they_are_typed() {
        let world = World::for_test(1);
        let (network, person) = (NetworkId::generate(&world), PersonId::generate(&world));
        let codes = make(&world);
        let texts: BTreeSet<&str> = codes.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(texts.len(), RECOVERY_CODES);
        for text in texts {
            assert_eq!(text.len(), 19, "{text}");
            let kept = hash(network, person, &code(text)).expect("a code");
            let typed = format!(" {} ", text.to_uppercase().replace('-', " "));
            assert_eq!(hash(network, person, &code(&typed)), Some(kept.clone()));
            assert_ne!(hash(network, PersonId::generate(&world), &code(text)), Some(kept));
        }
    }

    #[test]
    fn every_bit_counts() {
        assert_eq!(write(&[0; 10]), "aaaa-aaaa-aaaa-aaaa");
        assert_eq!(write(&[255; 10]), "9999-9999-9999-9999");
        assert_eq!(write(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), "aaaa-aaaa-aaaa-aaab");
    }

    #[test]
    fn rubbish_is_no_code() {
        let world = World::for_test(2);
        let (network, person) = (NetworkId::generate(&world), PersonId::generate(&world));
        for rubbish in
            ["-", "123456", "aaaa-aaaa-aaaa-aaa", "aaaa-aaaa-aaaa-aaa1", "\u{17d}aaa-aaaa-aaaa-aaa"]
        {
            assert_eq!(hash(network, person, &code(rubbish)), None, "{rubbish:?}");
        }
    }
}
