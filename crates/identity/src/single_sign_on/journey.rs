//! A journey: the sealed data that a browser carries to a provider and back, so that nothing needs to be stored here.
//!
//! Always true: only this installation can open it, and only as a journey; it expires after ten minutes; the returned
//! state is compared in constant time.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::{SignedDuration, Timestamp};
use kernel::World;
use serde::{Deserialize, Serialize};

use super::CodeChallenge;
use crate::{SealingKey, model::machines::secret};

/// The time a person may take at their provider.
pub(crate) const JOURNEY_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
const PURPOSE: &[u8] = b"single sign-on";

/// The data of a browser's journey.
#[derive(Serialize, Deserialize)]
pub(crate) struct Journey {
    /// The provider.
    pub(crate) provider: String,
    /// The state, which the provider returns unchanged.
    pub(crate) state: String,
    /// The nonce that the ID token must contain.
    pub(crate) nonce: String,
    /// The verifier for the exchange of the provider's code.
    pub(crate) verifier: String,
    /// The app that receives the outcome.
    pub(crate) return_to: String,
    /// The challenge by which that app is recognised.
    pub(crate) code_challenge: CodeChallenge,
    /// When it expires.
    pub(crate) expires_at: Timestamp,
}

impl Journey {
    /// Begins a journey.
    pub(crate) fn begin(
        world: &World,
        provider: &str,
        return_to: &str,
        code_challenge: CodeChallenge,
    ) -> Self {
        Self {
            provider: provider.to_owned(),
            state: secret::random_text(world),
            nonce: secret::random_text(world),
            verifier: secret::random_text(world),
            return_to: return_to.to_owned(),
            code_challenge,
            expires_at: world.now() + JOURNEY_LIFETIME,
        }
    }

    /// Seals the journey; returns `None` if the machine cannot seal.
    pub(crate) fn seal(&self, key: &SealingKey) -> Option<String> {
        key.seal_text(PURPOSE, &serde_json::to_vec(self).ok()?).ok()
    }

    /// Opens the journey that a browser brought back from a provider, if it was sealed here, for this provider and this
    /// state, and has not expired.
    pub(crate) fn open(
        key: &SealingKey,
        sealed: &str,
        provider: &str,
        state: &str,
        now: Timestamp,
    ) -> Option<Self> {
        let journey: Self = serde_json::from_slice(&key.open_text(PURPOSE, sealed).ok()?).ok()?;
        let is_state = verify_slices_are_equal(journey.state.as_bytes(), state.as_bytes()).is_ok();
        (is_state && journey.provider == provider && now < journey.expires_at).then_some(journey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETURN_TO: &str = "https://app.example.org/signed-in";

    fn key() -> (tempfile::TempDir, SealingKey) {
        let folder = tempfile::tempdir().expect("a folder");
        let key = SealingKey::open(folder.path()).expect("a key");
        (folder, key)
    }

    #[test]
    fn a_journey_comes_back_to_where_it_began_and_nowhere_else() {
        let (_folder, key) = key();
        let world = World::for_test(1);
        let journey = Journey::begin(&world, "town", RETURN_TO, CodeChallenge::of("v"));
        let sealed = journey.seal(&key).expect("sealed");
        let open = |provider: &str, state: &str, now| Journey::open(&key, &sealed, provider, state, now);
        let now = world.now();
        assert_eq!(open("town", &journey.state, now).expect("ours").return_to, RETURN_TO);
        assert!(open("university", &journey.state, now).is_none(), "another provider");
        assert!(open("town", &journey.nonce, now).is_none(), "another state");
        assert!(open("town", &journey.state, now + JOURNEY_LIFETIME).is_none(), "over");
        assert!(open("town", &journey.state, journey.expires_at - SignedDuration::from_secs(1)).is_some());
    }

    #[test]
    fn a_journey_of_another_installation_or_changed_on_the_way_is_none() {
        let (_folder, key) = key();
        let (_elsewhere, other) = self::key();
        let world = World::for_test(2);
        let journey = Journey::begin(&world, "town", RETURN_TO, CodeChallenge::of("v"));
        let sealed = journey.seal(&key).expect("sealed");
        assert!(Journey::open(&other, &sealed, "town", &journey.state, world.now()).is_none());
        let changed = format!("A{}", &sealed[1..]);
        let changed = if changed == sealed { format!("B{}", &sealed[1..]) } else { changed };
        for sealed in [changed.as_str(), "", "rubbish", &sealed[..20]] {
            assert!(Journey::open(&key, sealed, "town", &journey.state, world.now()).is_none(), "{sealed}");
        }
        assert!(sealed.len() < 1500, "it fits a cookie: {}", sealed.len());
    }
}
