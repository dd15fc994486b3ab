//! A signing key: an Ed25519 key pair in a file that only its owner may read.

use std::{
    io,
    path::{Path, PathBuf},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{DecodingKey, EncodingKey};
use platform_keys::KeyFileError;
use sha2::{Digest, Sha256};

/// How many hexadecimal digits of its hash name a key.
const ID_DIGITS: usize = 16;

/// A key cannot be read, made or changed as requested.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file or the folder cannot be read or made.
    #[error("the signing key {path} cannot be read or made")]
    File {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file does not contain a key.
    #[error("{0} is not a key: it should be {1}")]
    NotAKey(PathBuf, &'static str),
    /// Other users may read the file.
    #[error("{0} can be read by others than its owner: chmod 600 it")]
    Exposed(PathBuf),
    /// The machine cannot make keys.
    #[error("a signing key could not be made")]
    Unmade,
    /// Two keys are live already.
    #[error("two keys live already: retire the old one first")]
    TwoLive,
    /// There is no such key.
    #[error("there is no key {0:?}")]
    Unknown(String),
    /// The key signs now, or will soon.
    #[error("the key {0:?} signs: rotate first, and wait a minute")]
    InUse(String),
}

/// A key pair, its name, and the time it was made.
#[derive(Clone)]
pub struct SigningKey {
    pub(crate) id: String,
    pub(crate) since: Timestamp,
    pub(crate) signs: EncodingKey,
    pub(crate) verifies: DecodingKey,
    public: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Returns the name by which tokens refer to it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns since when it exists; the first key of an installation has existed for ever.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Returns the public half as a JSON Web Key (RFC 8037).
    pub(crate) fn jwk(&self) -> serde_json::Value {
        let x = URL_SAFE_NO_PAD.encode(&self.public);
        serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.id, "x": x })
    }

    /// Reads the key in a file.
    pub(crate) fn read(path: &Path, since: Timestamp) -> Result<Self, KeyError> {
        let pkcs8 = read_private(path)?;
        Self::of(&pkcs8, since)
            .ok_or_else(|| KeyError::NotAKey(path.to_owned(), "an Ed25519 key in PKCS#8 form"))
    }

    /// Makes a key in a new file; an existing file is kept.
    pub(crate) fn make(path: &Path) -> Result<(), KeyError> {
        make_private(path, &new_pkcs8()?)
    }

    /// Makes a key that lives as long as the process: for tests.
    pub(crate) fn ephemeral(since: Timestamp) -> Result<Self, KeyError> {
        Self::of(&new_pkcs8()?, since).ok_or(KeyError::Unmade)
    }

    fn of(pkcs8: &[u8], since: Timestamp) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok()?;
        let public = pair.public_key().as_ref().to_vec();
        let mut id = hex::encode(Sha256::digest(&public));
        id.truncate(ID_DIGITS);
        let (signs, verifies) = (EncodingKey::from_ed_der(pkcs8), DecodingKey::from_ed_der(&public));
        Some(Self { id, since, signs, verifies, public })
    }
}

fn new_pkcs8() -> Result<Vec<u8>, KeyError> {
    let pair = Ed25519KeyPair::generate().map_err(|_unspecified| KeyError::Unmade)?;
    let pkcs8 = pair.to_pkcs8().map_err(|_unspecified| KeyError::Unmade)?;
    Ok(pkcs8.as_ref().to_vec())
}

/// Reads a file that only its owner may read.
pub(crate) fn read_private(path: &Path) -> Result<Vec<u8>, KeyError> {
    Ok(platform_keys::read_private(path)?)
}

/// Makes a key in a new file; an existing file is kept.
pub(crate) fn make_private(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    Ok(platform_keys::make_private(path, bytes)?)
}

impl From<KeyFileError> for KeyError {
    fn from(error: KeyFileError) -> Self {
        match error {
            KeyFileError::File { path, source } => Self::File { path, source },
            KeyFileError::Exposed(path) => Self::Exposed(path),
            KeyFileError::NotAKey(path, form) => Self::NotAKey(path, form),
            KeyFileError::Unmade => Self::Unmade,
        }
    }
}
