//! The key ring: the signing keys of an installation, one file each in a folder that all its processes read.
//!
//! Always true:
//! - A process accepts a new key as soon as it sees it. The key signs only after it has existed for a minute: by then
//!   every process has read the folder again, so a rotation fails no request.
//! - At most two keys are live; the signing key cannot be retired.
//! - A key file that other users can read is refused.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

use crate::{KeyError, SigningKey};

/// The name of an installation's first key; later keys are named by the second in which they were made.
const FIRST: &str = "first";
const ENDING: &str = "key";
/// The age at which a key signs; every process reads the folder far more often.
const SIGNS_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// An unknown key makes a process read the folder at once, but at most this often, so that a stranger cannot force it.
const READ_AT_MOST_EVERY: Duration = Duration::from_secs(1);
const MOST_LIVE: usize = 2;
/// The file that marks keys made for a demonstration.
const DEMONSTRATION: &str = "made-for-a-demonstration";

/// The keys, as last read by this process.
pub struct KeyRing {
    folder: Option<PathBuf>,
    keys: RwLock<Vec<SigningKey>>,
    read_at: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Reads the keys of a folder; makes the folder and a first key if there are none.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open(folder: &Path) -> Result<Self, KeyError> {
        use std::os::unix::fs::DirBuilderExt;
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| KeyError::File { path: folder.to_owned(), source })?;
        if read_folder(folder)?.is_empty() {
            SigningKey::make(&path_of(folder, FIRST))?;
        }
        let keys = RwLock::new(read_folder(folder)?);
        Ok(Self { folder: Some(folder.to_owned()), keys, read_at: Mutex::new(None) })
    }

    /// Does the same for a demonstration: marks a newly made first key, so that production refuses to sign with it.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn open_in_demonstration(folder: &Path) -> Result<Self, KeyError> {
        let is_new = !folder.exists() || read_folder(folder)?.is_empty();
        let ring = Self::open(folder)?;
        if is_new {
            use std::os::unix::fs::OpenOptionsExt;
            let path = folder.join(DEMONSTRATION);
            let made = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
            made.map_err(|source| KeyError::File { path, source })?;
        }
        Ok(ring)
    }

    /// Returns whether the keys of a folder were made for a demonstration.
    pub fn is_of_demonstration(folder: &Path) -> bool {
        folder.join(DEMONSTRATION).exists()
    }

    /// Makes a ring of one key that lives as long as the process: for tests.
    ///
    /// # Errors
    /// Fails if the machine cannot make keys.
    pub fn ephemeral() -> Result<Self, KeyError> {
        let keys = RwLock::new(vec![SigningKey::ephemeral(Timestamp::UNIX_EPOCH)?]);
        Ok(Self { folder: None, keys, read_at: Mutex::new(None) })
    }

    /// Returns the live keys, oldest first.
    pub fn keys(&self) -> Vec<SigningKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the key that signs at an instant: the newest that every process knows.
    pub fn signing(&self, now: Timestamp) -> Option<SigningKey> {
        let keys = self.keys();
        let is_known = |key: &&SigningKey| now.duration_since(key.since) >= SIGNS_AFTER;
        keys.iter().rev().find(is_known).or(keys.first()).cloned()
    }

    /// Returns the key with a name; an unknown name makes the process read the folder again.
    pub fn find(&self, id: &str) -> Option<SigningKey> {
        self.known(id).or_else(|| {
            self.read_again_unless_just_done();
            self.known(id)
        })
    }

    /// Returns whether a key with this name is known to be live.
    pub fn has(&self, id: &str) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).iter().any(|key| key.id == id)
    }

    /// Reads the folder again. If it cannot be read, the keys stay unchanged.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn read_again(&self) -> Result<(), KeyError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let read = read_folder(folder)?;
        if !read.is_empty() {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = read;
        }
        Ok(())
    }

    /// Adds a key, which signs after a minute; returns its name.
    ///
    /// # Errors
    /// Fails with [`KeyError::TwoLive`], or if the file cannot be made.
    pub fn rotate(&self, now: Timestamp) -> Result<String, KeyError> {
        self.read_again()?;
        if self.keys().len() >= MOST_LIVE {
            return Err(KeyError::TwoLive);
        }
        if let Some(folder) = &self.folder {
            SigningKey::make(&path_of(folder, &now.as_second().to_string()))?;
            self.read_again()?;
        } else {
            let key = SigningKey::ephemeral(now)?;
            self.keys.write().unwrap_or_else(PoisonError::into_inner).push(key);
        }
        self.keys().last().map(|key| key.id.clone()).ok_or(KeyError::Unmade)
    }

    /// Removes a key: its tokens are refused from now on.
    ///
    /// # Errors
    /// Fails with [`KeyError::Unknown`] or [`KeyError::InUse`], or if the file cannot be removed.
    pub fn retire(&self, id: &str, now: Timestamp) -> Result<(), KeyError> {
        self.read_again()?;
        let key = self.known(id).ok_or_else(|| KeyError::Unknown(id.to_owned()))?;
        let signing = self.signing(now).map(|key| key.since);
        if signing.is_none_or(|signing| key.since >= signing) {
            return Err(KeyError::InUse(id.to_owned()));
        }
        if let Some(folder) = &self.folder {
            let path = path_of(folder, &name_of(key.since));
            fs::remove_file(&path).map_err(|source| KeyError::File { path, source })?;
            return self.read_again();
        }
        self.keys.write().unwrap_or_else(PoisonError::into_inner).retain(|key| key.id != id);
        Ok(())
    }

    /// Returns the public halves as a JSON Web Key Set (RFC 7517).
    pub fn jwks(&self) -> serde_json::Value {
        serde_json::json!({ "keys": self.keys().iter().map(SigningKey::jwk).collect::<Vec<_>>() })
    }

    fn known(&self, id: &str) -> Option<SigningKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| key.id == id).cloned()
    }

    fn read_again_unless_just_done(&self) {
        {
            let mut read_at = self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
            if read_at.is_some_and(|at| at.elapsed() < READ_AT_MOST_EVERY) {
                return;
            }
            *read_at = Some(Instant::now());
        }
        if let Err(error) = self.read_again() {
            tracing::warn!(%error, "the signing keys stay as they were read before");
        }
    }
}

fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension(ENDING)
}

fn name_of(since: Timestamp) -> String {
    if since == Timestamp::UNIX_EPOCH { FIRST.to_owned() } else { since.as_second().to_string() }
}

fn read_folder(folder: &Path) -> Result<Vec<SigningKey>, KeyError> {
    let file = |source| KeyError::File { path: folder.to_owned(), source };
    let mut keys = Vec::new();
    for entry in fs::read_dir(folder).map_err(file)? {
        let path = entry.map_err(file)?.path();
        let is_key = path.extension().is_some_and(|ending| ending == ENDING);
        let name = path.file_stem().and_then(|name| name.to_str()).filter(|_| is_key);
        let since = match name {
            Some(FIRST) => Some(Timestamp::UNIX_EPOCH),
            other => other.and_then(|name| Timestamp::from_second(name.parse().ok()?).ok()),
        };
        if let Some(since) = since {
            keys.push(SigningKey::read(&path, since)?);
        }
    }
    keys.sort_by_key(|key| key.since);
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use kernel::World;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn the_first_key_of_a_folder_is_made_once_and_signs_at_once() {
        let folder = folder();
        let (made, read) =
            (KeyRing::open(folder.path()).expect("keys"), KeyRing::open(folder.path()).expect("keys"));
        let now = World::for_test(1).now();
        let signing = |ring: &KeyRing| ring.signing(now).expect("a key").id;
        assert_eq!(signing(&made), signing(&read));
    }

    #[test]
    fn keys_made_for_a_demonstration_are_known_as_such_and_others_never_become_so() {
        let (demonstration, production) = (folder(), folder());
        KeyRing::open_in_demonstration(demonstration.path()).expect("keys");
        KeyRing::open(demonstration.path()).expect("keys");
        assert!(KeyRing::is_of_demonstration(demonstration.path()));
        KeyRing::open(production.path()).expect("keys");
        KeyRing::open_in_demonstration(production.path()).expect("keys");
        assert!(!KeyRing::is_of_demonstration(production.path()));
    }

    #[test]
    fn a_new_key_is_known_at_once_and_signs_a_minute_later() {
        let folder = folder();
        let ring = KeyRing::open(folder.path()).expect("keys");
        let other_process = KeyRing::open(folder.path()).expect("keys");
        let now = World::for_test(1).now();
        let old = ring.signing(now).expect("a key").id;
        let new = ring.rotate(now).expect("rotated");
        assert!(other_process.find(&new).is_some(), "it reads the folder when it meets the new key");
        assert_eq!(ring.signing(now + SignedDuration::from_secs(59)).expect("a key").id, old);
        assert_eq!(ring.signing(now + SignedDuration::from_secs(60)).expect("a key").id, new);
        assert!(matches!(ring.rotate(now), Err(KeyError::TwoLive)));
    }

    #[test]
    fn a_key_that_signs_is_not_retired_and_an_old_one_is() {
        let folder = folder();
        let ring = KeyRing::open(folder.path()).expect("keys");
        let now = World::for_test(1).now();
        let old = ring.signing(now).expect("a key").id;
        assert!(matches!(ring.retire(&old, now), Err(KeyError::InUse(_))));
        let new = ring.rotate(now).expect("rotated");
        assert!(matches!(ring.retire(&old, now), Err(KeyError::InUse(_))), "the new one does not sign yet");
        assert!(matches!(ring.retire(&new, now), Err(KeyError::InUse(_))), "the new one is about to sign");
        let later = now + SignedDuration::from_mins(2);
        ring.retire(&old, later).expect("retired");
        assert!(ring.find(&old).is_none());
        assert_eq!(ring.jwks()["keys"][0]["kid"], new);
        assert!(matches!(ring.retire("nobody", later), Err(KeyError::Unknown(_))));
    }

    #[test]
    fn rubbish_and_a_file_that_others_may_read_are_no_keys() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let path = path_of(folder.path(), FIRST);
        fs::write(&path, "rubbish").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        assert!(matches!(KeyRing::open(folder.path()), Err(KeyError::Exposed(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        assert!(matches!(KeyRing::open(folder.path()), Err(KeyError::NotAKey(..))));
    }
}
