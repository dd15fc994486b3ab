//! Passwords: hashed with argon2id, checked off the async threads, a few at a time.
//!
//! Always true: at least 19 MiB, two passes, one lane (OWASP's floor); an unknown person costs the same work as a wrong
//! password; a password is never printed.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use kernel::World;
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::{IdentityError, InvalidField};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SHORTEST: usize = 12;
/// More costs time and adds nothing.
const LONGEST_BYTES: usize = 256;
/// How many are hashed at a time; each takes 19 MiB and a core for some 20 ms.
const AT_A_TIME: usize = 2;
const PATIENCE: Duration = Duration::from_secs(3);
/// A hash that no password has, with the same cost as everybody's: what an unknown person is held against.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: SecretString, world: &World) -> Result<String, IdentityError> {
        let salt: Vec<u8> = (0..2).flat_map(|_draw| world.random()).take(16).collect();
        self.in_turn(move || {
            let hashed: Result<PasswordHash, _> =
                hasher()?.hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            Ok(hashed.map_err(|_cause| IdentityError::Unhashable)?.to_string())
        })
        .await
    }

    /// Whether a password is the one that was hashed; without a hash it never is, after the same work.
    pub(crate) async fn fits(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, IdentityError> {
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let fits = self
            .in_turn(move || {
                let hash = PasswordHash::new(&hash).map_err(|_cause| IdentityError::Unhashable)?;
                let mut bytes = password.expose_secret().as_bytes();
                bytes = bytes.get(..LONGEST_BYTES).unwrap_or(bytes);
                Ok(hasher()?.verify_password(bytes, &hash).is_ok())
            })
            .await?;
        Ok(is_somebody && fits)
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

/// What a new password must be: long; nothing else makes it harder to guess.
pub(crate) fn check(password: &SecretString) -> Result<(), InvalidField> {
    let text = password.expose_secret();
    if text.chars().count() < SHORTEST {
        return Err(InvalidField::new("password", format!("must have at least {SHORTEST} characters")));
    }
    if text.len() > LONGEST_BYTES {
        return Err(InvalidField::new("password", format!("must have at most {LONGEST_BYTES} bytes")));
    }
    Ok(())
}

fn hasher() -> Result<Argon2<'static>, IdentityError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_cause| IdentityError::Unhashable)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let (passwords, world) = (Passwords::new(), World::for_test(1));
        let password = || SecretString::from("correct horse battery");
        let hash = passwords.hash(password(), &world).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.fits(password(), Some(hash.clone())).await.expect("checked"));
        assert!(!passwords.fits("another horse".into(), Some(hash)).await.expect("checked"));
        assert!(!passwords.fits(password(), None).await.expect("an unknown person costs the same work"));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(check(&"short".into()).is_err());
        assert!(check(&"x".repeat(300).into()).is_err());
        assert!(check(&"žluťoučký kůň".into()).is_ok());
    }
}
