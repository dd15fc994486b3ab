//! The signing key: an Ed25519 key pair in a file that only its owner may read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};

/// The key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("the signing key {path} cannot be read or made")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{0} is not an Ed25519 key in PKCS#8 form")]
    NotAKey(PathBuf),
    /// The machine cannot make keys.
    #[error("a signing key could not be made")]
    Unmade,
}

/// A key pair and its name.
#[derive(Clone)]
pub struct SigningKey {
    pub(crate) id: String,
    pub(crate) signs: EncodingKey,
    pub(crate) verifies: DecodingKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Reads the key of a file, making the file the first time.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn load_or_make(path: &Path) -> Result<Self, KeyError> {
        let file = |source| KeyError::File { path: path.to_owned(), source };
        match fs::read(path) {
            Ok(pkcs8) => Self::of(&pkcs8).ok_or_else(|| KeyError::NotAKey(path.to_owned())),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                let pkcs8 = new_pkcs8()?;
                match write_private(path, &pkcs8) {
                    Ok(()) => Self::of(&pkcs8).ok_or(KeyError::Unmade),
                    // Another process of this installation was quicker: its key is the key.
                    Err(other) if other.kind() == io::ErrorKind::AlreadyExists => Self::load_or_make(path),
                    Err(error) => Err(file(error)),
                }
            }
            Err(error) => Err(file(error)),
        }
    }

    /// A key that lives as long as the process: for tests.
    ///
    /// # Errors
    /// The machine cannot make keys.
    pub fn ephemeral() -> Result<Self, KeyError> {
        Self::of(&new_pkcs8()?).ok_or(KeyError::Unmade)
    }

    fn of(pkcs8: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
        let public = pair.public_key().as_ref();
        let id =
            Sha256::digest(public).iter().take(8).fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
        Some(Self { id, signs: EncodingKey::from_ed_der(pkcs8), verifies: DecodingKey::from_ed_der(public) })
    }
}

fn new_pkcs8() -> Result<Vec<u8>, KeyError> {
    let pair = Ed25519KeyPair::generate().map_err(|_unspecified| KeyError::Unmade)?;
    let pkcs8 = pair.to_pkcs8().map_err(|_unspecified| KeyError::Unmade)?;
    Ok(pkcs8.as_ref().to_vec())
}

/// Makes a file that did not exist, readable by its owner alone, whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let partial = path.with_extension(format!("partial-{}", std::process::id()));
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = fs::hard_link(&partial, path);
    fs::remove_file(&partial)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_folder_is_made_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        let made = SigningKey::load_or_make(&path).expect("a key");
        let read = SigningKey::load_or_make(&path).expect("a key");
        assert_eq!(made.id, read.id);
    }

    #[test]
    fn rubbish_is_not_a_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        fs::write(&path, "rubbish").expect("written");
        assert!(matches!(SigningKey::load_or_make(&path), Err(KeyError::NotAKey(_))));
    }
}
