//! Passwords: hashed with argon2id and checked off the async threads, a few at a time.
//!
//! Always true: hashing uses at least 19 MiB, two passes, one lane (OWASP's floor); an unknown person costs the same
//! work as a wrong password; a password is never printed, and is hashed in one form only (`kernel::Password`).

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kernel::{Password, ShownPassword, World};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::IdentityError;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Longer than any password in any spelling; a longer text would cost time and cannot match.
const LONGEST_BYTES: usize = 16 * Password::LONGEST;
/// The number of concurrent hashes; each takes 19 MiB and a core for some 20 ms.
const AT_A_TIME: usize = 2;
const PATIENCE: Duration = Duration::from_secs(3);
/// A hash that no password matches, at the usual cost: passwords of unknown people are checked against it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The outcome of checking a password against a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It does not match.
    None,
    /// It matches, and the hash has the present form.
    Prepared,
    /// It matches as it was typed: the hash is older than the preparation of passwords.
    AsTyped,
}

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: &Password, world: &World) -> Result<String, IdentityError> {
        let salt: Vec<u8> = (0..2).flat_map(|_draw| world.random()).take(16).collect();
        let password = password.clone();
        self.in_turn(move || {
            let hashed: Result<PasswordHash, _> =
                hasher()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
            Ok(hashed.map_err(|_cause| IdentityError::Unhashable)?.to_string())
        })
        .await
    }

    /// Checks a password against a hash; without a hash it never matches, after the same work. The password is tried in
    /// its prepared form, and then as it was typed, because the hash may be older than the preparation.
    pub(crate) async fn fits(
        &self,
        password: ShownPassword,
        hash: Option<String>,
    ) -> Result<Fit, IdentityError> {
        let is_somebody = hash.is_some() && !password.is_endless();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let fit = self
            .in_turn(move || {
                let hash = PasswordHash::new(&hash).map_err(|_cause| IdentityError::Unhashable)?;
                let hasher = hasher()?;
                let is_it = |text: &str| {
                    let bytes = text.as_bytes();
                    let bytes = bytes.get(..LONGEST_BYTES).unwrap_or(bytes);
                    hasher.verify_password(bytes, &hash).is_ok()
                };
                if password.prepared().is_some_and(is_it) {
                    return Ok(Fit::Prepared);
                }
                Ok(if password.as_typed().is_some_and(is_it) { Fit::AsTyped } else { Fit::None })
            })
            .await?;
        Ok(if is_somebody { fit } else { Fit::None })
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(IdentityError::Busy) };
        let done = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_lost| IdentityError::Unhashable)?
    }
}

fn hasher() -> Result<Argon2<'static>, IdentityError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_cause| IdentityError::Unhashable)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn shown(text: &str) -> ShownPassword {
        SecretString::from(text).into()
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let (passwords, world) = (Passwords::new(), World::for_test(1));
        let password = Password::parse(&"correct horse battery".into()).expect("a password");
        let hash = passwords.hash(&password, &world).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let fits = async |text: &str, hash: Option<String>| {
            passwords.fits(shown(text), hash).await.expect("checked")
        };
        assert_eq!(fits("correct horse battery", Some(hash.clone())).await, Fit::Prepared);
        assert_eq!(fits("another horse", Some(hash.clone())).await, Fit::None);
        assert_eq!(fits(&"x".repeat(5000), Some(hash)).await, Fit::None);
        assert_eq!(fits("correct horse battery", None).await, Fit::None, "an unknown person");
    }

    #[tokio::test]
    async fn a_password_that_was_hashed_as_it_was_typed_fits_only_typed_so() {
        let decomposed = "Z\u{30C}lutoucky\u{301} ku\u{30A}n\u{30C} 1";
        let passwords = Passwords::new();
        let hash: PasswordHash = hasher()
            .expect("a hasher")
            .hash_password_with_salt(decomposed.as_bytes(), &[7; 16])
            .expect("hashed");
        let fits =
            async |text: &str| passwords.fits(shown(text), Some(hash.to_string())).await.expect("checked");
        assert_eq!(fits(decomposed).await, Fit::AsTyped);
        assert_eq!(fits("Žlutoucký kůň 1").await, Fit::None);
    }
}
