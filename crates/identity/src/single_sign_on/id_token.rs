//! The checks of an ID token (OpenID Connect Core 1.0, section 3.1.3.7).
//!
//! Always true: only signatures by the provider's public keys are accepted (RS256, ES256, EdDSA), never one with a
//! shared secret, and never none; a token is for this installation alone; clocks may differ by half a minute.

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{CoreIdTokenVerifier, CoreJwsSigningAlgorithm};

use super::provider::Client;

/// The tolerated difference of two machines' clocks.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
const ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Makes the verifier of an ID token; the library checks the issuer and the one audience.
pub(super) fn verifier(client: &Client, now: Timestamp) -> CoreIdTokenVerifier<'_> {
    let instant = |at: Timestamp| chrono::DateTime::from_timestamp(at.as_second(), 0).unwrap_or_default();
    let (earlier, later) = (instant(now - LEEWAY), instant(now + LEEWAY));
    let is_of_the_past = move |issued_at: chrono::DateTime<chrono::Utc>| {
        if issued_at <= later { Ok(()) } else { Err("issued in the future".to_owned()) }
    };
    client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || earlier)
        .set_issue_time_verifier_fn(is_of_the_past)
}
