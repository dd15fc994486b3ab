//! The sealing key: encrypts the stored secrets of second factors, and the data that a browser carries to a provider
//! and back. A file beside the signing keys, made once, never rotated: the database alone, or a dump of it, does not
//! suffice to make anybody's codes.
//!
//! Always true: data sealed for one person or purpose opens for no other; a key file that other users can read is
//! refused.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{NetworkId, PersonId};
use uuid::Uuid;

use crate::{KeyError, model::tokens::key};

const FILE: &str = "sealing.key";
const KEY_BYTES: usize = 32;

/// The key of an installation.
pub struct SealingKey(RandomizedNonceKey);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealingKey").finish_non_exhaustive()
    }
}

/// Sealed data does not open: it was sealed with another key or for another person, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret does not open: is sealing.key the one it was sealed with?")]
pub struct Unopened;

impl SealingKey {
    /// Reads the key in the folder of the signing keys; makes it if there is none.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join(FILE);
        if !path.exists() {
            let mut bytes = [0; KEY_BYTES];
            aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| KeyError::Unmade)?;
            key::make_private(&path, &bytes)?;
        }
        let bytes = key::read_private(&path)?;
        let whole = RandomizedNonceKey::new(&AES_256_GCM, &bytes);
        whole.map(Self).map_err(|_unspecified| KeyError::NotAKey(path, "32 random bytes"))
    }

    /// Checks the key in a folder without making one; returns whether it exists.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn examine(folder: &Path) -> Result<bool, KeyError> {
        let is_there = folder.join(FILE).exists();
        if is_there {
            Self::open(folder)?;
        }
        Ok(is_there)
    }

    /// Seals a secret for a person.
    ///
    /// # Errors
    /// Fails if the machine cannot seal.
    pub(crate) fn seal(&self, whose: (NetworkId, PersonId), secret: &[u8]) -> Result<String, Unopened> {
        self.seal_text(&owner(whose), secret)
    }

    /// Seals data for a purpose.
    ///
    /// # Errors
    /// Fails if the machine cannot seal.
    pub(crate) fn seal_text(&self, purpose: &[u8], text: &[u8]) -> Result<String, Unopened> {
        let mut sealed = text.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(purpose), &mut sealed);
        let nonce = nonce.map_err(|_unspecified| Unopened)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// Opens data sealed for a person.
    ///
    /// # Errors
    /// See [`Unopened`].
    pub(crate) fn open_for(&self, whose: (NetworkId, PersonId), sealed: &str) -> Result<Vec<u8>, Unopened> {
        self.open_text(&owner(whose), sealed)
    }

    /// Opens data sealed for a purpose.
    ///
    /// # Errors
    /// See [`Unopened`].
    pub(crate) fn open_text(&self, purpose: &[u8], sealed: &str) -> Result<Vec<u8>, Unopened> {
        let mut whole = URL_SAFE_NO_PAD.decode(sealed).map_err(|_rubbish| Unopened)?;
        let (nonce, sealed) = whole.split_at_mut_checked(NONCE_LEN).ok_or(Unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_unspecified| Unopened)?;
        let opened = self.0.open_in_place(nonce, Aad::from(purpose), sealed);
        Ok(opened.map_err(|_unspecified| Unopened)?.to_vec())
    }
}

fn owner((network, person): (NetworkId, PersonId)) -> Vec<u8> {
    let ids = [Uuid::from(network), Uuid::from(person)].map(Uuid::into_bytes);
    [b"second factor".as_slice(), ids.as_flattened()].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use kernel::{Id, World};

    use super::*;

    #[test]
    fn what_is_sealed_for_one_person_opens_for_nobody_else_and_with_no_other_key() {
        let (folder, elsewhere) =
            (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let key = SealingKey::open(folder.path()).expect("a key");
        let world = World::for_test(1);
        let whose = (NetworkId::generate(&world), PersonId::generate(&world));
        let sealed = key.seal(whose, b"secret").expect("sealed");
        assert!(!sealed.contains("secret"));
        assert_ne!(sealed, key.seal(whose, b"secret").expect("sealed"), "no two look alike");
        let again = SealingKey::open(folder.path()).expect("the same key");
        assert_eq!(again.open_for(whose, &sealed).expect("opened"), b"secret");
        assert_eq!(key.open_for((whose.0, PersonId::generate(&world)), &sealed), Err(Unopened));
        let other = SealingKey::open(elsewhere.path()).expect("another key");
        assert_eq!(other.open_for(whose, &sealed), Err(Unopened));
        for rubbish in ["", "AAAA", "\u{17d}", &sealed[1..]] {
            assert_eq!(key.open_for(whose, rubbish), Err(Unopened));
        }
    }

    #[test]
    fn rubbish_and_a_file_that_others_may_read_are_no_keys() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        fs::write(&path, "rubbish").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        assert!(matches!(SealingKey::open(folder.path()), Err(KeyError::Exposed(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        assert!(matches!(SealingKey::open(folder.path()), Err(KeyError::NotAKey(..))));
    }
}
