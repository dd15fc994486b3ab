//! The link key: signs texts that come back in links, and derives bytes that must be the same again.
//!
//! Always true: HMAC-SHA-256 (RFC 2104) over the purpose and the text; a purpose is part of what is signed, with its
//! length, so no text of one purpose is a text of another.

use std::{fmt, path::Path, sync::Arc};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{KeyFileError, make_private, read_private};

const FILE: &str = "link.key";
const KEY_BYTES: usize = 32;
const TAG_BYTES: usize = 32;

/// The key of an installation for links.
#[derive(Clone)]
pub struct LinkKey(Arc<hmac::Key>);

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkKey").finish_non_exhaustive()
    }
}

impl LinkKey {
    /// Reads the key in the folder of the installation's keys; makes it if there is none.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn open(folder: &Path) -> Result<Self, KeyFileError> {
        let path = folder.join(FILE);
        if !path.exists() {
            let mut bytes = [0; KEY_BYTES];
            aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| KeyFileError::Unmade)?;
            make_private(&path, &bytes)?;
        }
        let bytes = read_private(&path)?;
        if bytes.len() == KEY_BYTES {
            Ok(Self::of(&bytes))
        } else {
            Err(KeyFileError::NotAKey(path, "32 random bytes"))
        }
    }

    /// Makes a key that lives as long as the process: for tests.
    ///
    /// # Errors
    /// Fails if the machine has no randomness.
    pub fn ephemeral() -> Result<Self, KeyFileError> {
        let mut bytes = [0; KEY_BYTES];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| KeyFileError::Unmade)?;
        Ok(Self::of(&bytes))
    }

    fn of(bytes: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// Signs bytes for a purpose; returns a token of letters, digits, `-` and `_`.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode([self.derive(purpose, bytes).as_slice(), bytes].concat())
    }

    /// Returns the signed bytes of a token; `None` if it was not signed with this key for this purpose.
    pub fn verify(&self, purpose: &str, token: &str) -> Option<Vec<u8>> {
        let whole = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (tag, bytes) = whole.split_at_checked(TAG_BYTES)?;
        hmac::verify(&self.0, &message(purpose, bytes), tag).ok()?;
        Some(bytes.to_vec())
    }

    /// Derives 32 bytes that nobody without the key can guess, the same for the same purpose and bytes.
    pub fn derive(&self, purpose: &str, bytes: &[u8]) -> [u8; TAG_BYTES] {
        let tag = hmac::sign(&self.0, &message(purpose, bytes));
        let mut derived = [0; TAG_BYTES];
        for (to, from) in derived.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        derived
    }
}

fn message(purpose: &str, bytes: &[u8]) -> Vec<u8> {
    let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes();
    [length.as_slice(), purpose.as_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_key_of_a_folder_stays_the_same_and_another_key_verifies_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = LinkKey::open(folder.path()).expect("a key");
        let token = key.sign("file", b"payload");
        let again = LinkKey::open(folder.path()).expect("the same key");
        assert_eq!(again.verify("file", &token).as_deref(), Some(b"payload".as_slice()));
        assert_eq!(LinkKey::ephemeral().expect("a key").verify("file", &token), None);
    }

    #[test]
    fn a_key_file_that_others_may_read_or_that_holds_something_else_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        fs::write(&path, [7; KEY_BYTES]).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        assert!(matches!(LinkKey::open(folder.path()), Err(KeyFileError::Exposed(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        assert!(LinkKey::open(folder.path()).is_ok());
        fs::write(&path, "rubbish").expect("written");
        assert!(matches!(LinkKey::open(folder.path()), Err(KeyFileError::NotAKey(..))));
    }

    proptest! {
        /// A link works as it was made, for what it was made for, and in no other spelling.
        #[test]
        fn a_token_is_valid_for_its_purpose_alone_and_only_unchanged(
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
            place in any::<prop::sample::Index>(),
            sign in "[A-Za-z0-9_-]",
        ) {
            let key = LinkKey::ephemeral().expect("a key");
            let token = key.sign("unsubscribe", &bytes);
            prop_assert!(token.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_'));
            prop_assert_eq!(key.verify("unsubscribe", &token), Some(bytes));
            prop_assert_eq!(key.verify("file", &token), None);
            let place = place.index(token.len());
            let changed = format!("{}{sign}{}", &token[..place], &token[place + 1..]);
            prop_assert!(changed == token || key.verify("unsubscribe", &changed).is_none());
        }
    }
}
