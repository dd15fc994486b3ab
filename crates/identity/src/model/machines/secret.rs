//! Opaque secrets: refresh tokens, one-time codes, challenges, handovers, device secrets and API keys. The owner holds
//! `hubnet_<kind>_<text>`; the database holds a hash of the random part.
//!
//! Always true: the random part has 256 bits, so a plain hash protects it; it is compared in constant time; the text is
//! never logged, and shown once.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Code, NetworkId, World};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const ID_BYTES: usize = 16;
const RANDOM_BYTES: usize = 32;

/// The kind of a secret; a secret of one kind is never accepted as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    Refresh,
    Code,
    Challenge,
    Handover,
    Device,
    ApiKey,
}

impl SecretKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "hubnet_refresh_",
            Self::Code => "hubnet_code_",
            Self::Challenge => "hubnet_challenge_",
            Self::Handover => "hubnet_handover_",
            Self::Device => "hubnet_device_",
            Self::ApiKey => "hubnet_key_",
        }
    }
}

/// A secret as presented: the row it refers to, and the proof.
pub(crate) struct ShownSecret {
    pub(crate) network: NetworkId,
    pub(crate) id: Uuid,
    random: Vec<u8>,
}

/// Makes a secret for a row; returns the text for its owner and the hash to store.
pub(crate) fn make(kind: SecretKind, network: NetworkId, id: Uuid, world: &World) -> (SecretString, String) {
    of_bytes(kind, network, id, &random(world))
}

/// Makes a secret for a row of 32 bytes that nobody can guess.
pub(crate) fn of_bytes(
    kind: SecretKind,
    network: NetworkId,
    id: Uuid,
    random: &[u8],
) -> (SecretString, String) {
    let whole = [Uuid::from(network).as_bytes().as_slice(), id.as_bytes(), random].concat();
    let text = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(whole));
    (text.into(), hash(random))
}

/// Makes an unguessable text: 43 characters that need no escaping in addresses.
pub(crate) fn random_text(world: &World) -> String {
    URL_SAFE_NO_PAD.encode(random(world))
}

fn random(world: &World) -> Vec<u8> {
    (0..4).flat_map(|_draw| world.random()).take(RANDOM_BYTES).collect()
}

/// Parses a secret of a kind; returns `None` if the text is not one.
pub(crate) fn read(kind: SecretKind, text: &str) -> Option<ShownSecret> {
    let code = Code::parse(text).ok()?;
    let whole = URL_SAFE_NO_PAD.decode(code.expose().strip_prefix(kind.prefix())?).ok()?;
    if whole.len() != 2 * ID_BYTES + RANDOM_BYTES {
        return None;
    }
    let (network, rest) = whole.split_at(ID_BYTES);
    let (id, random) = rest.split_at(ID_BYTES);
    let network = Uuid::from_slice(network).ok()?.into();
    Some(ShownSecret { network, id: Uuid::from_slice(id).ok()?, random: random.to_vec() })
}

impl ShownSecret {
    /// Returns whether this is the stored secret.
    pub(crate) fn fits(&self, kept: &str) -> bool {
        verify_slices_are_equal(hash(&self.random).as_bytes(), kept.as_bytes()).is_ok()
    }
}

fn hash(random: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(random))
}

#[cfg(test)]
mod tests {
    use kernel::Id;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_recognised_and_another_is_not() {
        let world = World::for_test(1);
        let network = NetworkId::generate(&world);
        let (text, kept) = make(SecretKind::Refresh, network, Uuid::nil(), &world);
        let shown = read(SecretKind::Refresh, text.expose_secret()).expect("a secret");
        assert!(shown.network == network && shown.id.is_nil() && shown.fits(&kept));
        let (_, other) = make(SecretKind::Refresh, network, Uuid::nil(), &world);
        assert!(!shown.fits(&other));
    }

    #[test]
    fn a_secret_of_another_kind_and_rubbish_are_none() {
        let world = World::for_test(2);
        let (text, _) = make(SecretKind::Code, NetworkId::generate(&world), Uuid::nil(), &world);
        assert!(read(SecretKind::Refresh, text.expose_secret()).is_none());
        for rubbish in ["", "hubnet_refresh_", "hubnet_refresh_AAAA", "hubnet_refresh_\u{17d}", "x"] {
            assert!(read(SecretKind::Refresh, rubbish).is_none());
        }
    }
}
